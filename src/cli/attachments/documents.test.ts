import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBundle, testEnvelope } from '../../../testing/registry/attached-image.ts';
import { CodecError } from '../../codec/error.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { legacyEntity } from '../../signing/cosign/legacy-entity.ts';
import { ConfigError } from '../config/error.ts';
import { documentLine } from './document-line.ts';
import { legacyLine } from './legacy-line.ts';
import { logPromise } from './log-promise.ts';
import { splitDocuments } from './split-documents.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const type = 'https://example.com/type';
const promise = {
  SignedEntryTimestamp: 'AAAA',
  Payload: { body: 'e30=', integratedTime: 1, logIndex: 2, logID: 'ab' },
};

test('documentLine() makes one line and reads the type in the statement', () => {
  const bundle = testBundle(digest, type);
  assert.deepEqual(documentLine(Buffer.from(bundle)), { line: bundle, states: true, predicateType: type });
  const envelope = testEnvelope(digest, type);
  assert.deepEqual(documentLine(Buffer.from(JSON.stringify(envelope, undefined, 2))), {
    line: JSON.stringify(envelope),
    states: true,
    predicateType: type,
  });
  assert.deepEqual(documentLine(Buffer.from('{"messageSignature":{}}\n')), {
    line: '{"messageSignature":{}}',
    states: false,
  });
  // Numbers stay as they are.
  assert.equal(documentLine(Buffer.from('{"a":12345678901234567890}')).line, '{"a":12345678901234567890}');
});

test('documentLine() does not believe a payload, and no terminal obeys the line', () => {
  for (const payload of ['!', 'e30', Buffer.from('nothing').toString('base64'), 7]) {
    const { predicateType, states } = documentLine(Buffer.from(JSON.stringify({ payload })));
    assert.deepEqual([predicateType, states], [undefined, true]);
  }
  const { line } = documentLine(Buffer.from('{"a":"\u202E\u009B"}'));
  assert.equal(line, String.raw`{"a":"\u202e\u009b"}`);
  assert.throws(() => documentLine(Buffer.from('{"a":1,"a":2}')), CodecError);
});

test('legacyLine() prints what cosign prints', () => {
  const der = Buffer.from('no certificate, but nobody looks');
  const annotations = {
    'dev.cosignproject.cosign/signature': 'AAAA',
    'dev.sigstore.cosign/certificate': formatPem({ label: 'CERTIFICATE', bytes: der }),
    'dev.sigstore.cosign/chain': '',
    'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"AAAA"}',
  };
  const payload = Buffer.from('{}');
  const make = (notes: Record<string, string>): unknown =>
    JSON.parse(
      legacyLine({ payload, annotations: notes, entity: legacyEntity('signature', payload, notes) } as never),
    ) as unknown;
  assert.deepEqual(make(annotations), {
    Base64Signature: 'AAAA',
    Payload: 'e30=',
    Cert: { Raw: der.toString('base64') },
    Chain: null,
    Bundle: null,
    RFC3161Timestamp: { SignedRFC3161Timestamp: 'AAAA' },
  });
  assert.deepEqual(make({ 'dev.cosignproject.cosign/signature': 'AAAA' }), {
    Base64Signature: 'AAAA',
    Payload: 'e30=',
    Cert: null,
    Chain: null,
    Bundle: null,
    RFC3161Timestamp: null,
  });
});

test("logPromise() takes cosign's form and Rekor's", () => {
  assert.deepEqual(JSON.parse(logPromise(Buffer.from(JSON.stringify(promise)))), promise);
  const { body, integratedTime, logIndex, logID } = promise.Payload;
  const verification = { signedEntryTimestamp: 'AAAA', inclusionProof: {} };
  const answer = { uuid: { body, integratedTime, logIndex, logID, verification } };
  assert.deepEqual(JSON.parse(logPromise(Buffer.from(JSON.stringify(answer)))), promise);
  const two = { ...answer, other: answer.uuid };
  for (const bad of ['[]', '{}', '7', '{"uuid":7}', '{"uuid":{"verification":{}}}', JSON.stringify(two), 'x']) {
    assert.throws(() => logPromise(Buffer.from(bad)), CodecError, bad);
  }
});

test('splitDocuments() takes one document, or one a line', () => {
  const split = (text: string): string[] => splitDocuments(Buffer.from(text), 'file').map(String);
  assert.deepEqual(split('{\n "a": 1\n}'), ['{\n "a": 1\n}']);
  assert.deepEqual(split('{"a":1}\r\n\n{"b":2}'), ['{"a":1}', '{"b":2}']);
  for (const bad of ['', '[]', '{"a":1}\nnothing', '{"a":1}\n[{}]', '{"a":1,"a":2}', '{"a":1}\n'.repeat(1001)]) {
    assert.throws(() => split(bad), ConfigError, bad.slice(0, 40));
  }
});
