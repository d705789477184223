import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { layerAnnotations } from './annotations.ts';
import { entityAnnotations } from './entity-annotations.ts';
import { predicateTypeIn } from './envelope.ts';
import { legacyEntity } from './legacy-entity.ts';

const root = makeCertificate('root');
const leaf = makeCertificate('leaf', { issuer: root });
const der = (pem: string): Buffer => Buffer.from(new X509Certificate(pem).raw);
const payload = Buffer.from('{"critical":{}}');
const statement = Buffer.from('{"predicateType":"https://example.com/p"}');
const envelope = {
  payloadType: 'application/vnd.in-toto+json',
  payload: statement.toString('base64'),
  signatures: [{ keyid: '', sig: 'AAEC' }],
};
const body = Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord"}').toString('base64');
const log = { SignedEntryTimestamp: 'AAEC', Payload: { body, integratedTime: 1, logIndex: 2, logID: '00'.repeat(32) } };
const publicKey = '-----BEGIN PUBLIC KEY-----\nAAEC\n-----END PUBLIC KEY-----\n';
const { signature, certificate, chain, bundle, timestamp } = layerAnnotations;
const signed = { [signature]: 'AAEC' };

test('legacyEntity() puts together what a layer and its annotations prove', () => {
  assert.deepEqual(legacyEntity('signature', payload, signed), {
    format: 'legacy',
    material: { kind: 'public-key' },
    logEntries: [],
    timestamps: [],
    content: { kind: 'message', signature: Buffer.from([0, 1, 2]) },
  });
  const annotations = {
    [signature]: '',
    [certificate]: leaf.cert,
    [chain]: `${leaf.cert}${root.cert}`,
    [bundle]: JSON.stringify(log),
    [timestamp]: '{"SignedRFC3161Timestamp":"AAEC"}',
  };
  const entity = legacyEntity('attestation', Buffer.from(JSON.stringify(envelope)), annotations);
  assert.deepEqual(entity.material, {
    kind: 'certificate',
    certificates: [leaf, leaf, root].map(({ cert }) => der(cert)),
  });
  assert.deepEqual(
    entity.logEntries.map(({ kind, logIndex }) => [kind, logIndex]),
    [['hashedrekord', 2n]],
  );
  assert.deepEqual(entity.timestamps, [Buffer.from([0, 1, 2])]);
  assert.deepEqual(entity.content, {
    kind: 'envelope',
    payloadType: envelope.payloadType,
    payload: statement,
    signature: Buffer.from([0, 1, 2]),
  });
});

test('entityAnnotations() writes what legacyEntity() reads', () => {
  for (const [kind, bytes, annotations] of [
    ['signature', payload, signed],
    ['signature', payload, { ...signed, [certificate]: leaf.cert, [chain]: '' }],
    ['signature', payload, { ...signed, [certificate]: leaf.cert, [chain]: root.cert, [bundle]: JSON.stringify(log) }],
    [
      'attestation',
      Buffer.from(JSON.stringify(envelope)),
      { [signature]: '', [timestamp]: '{"SignedRFC3161Timestamp":"AAEC"}' },
    ],
  ] as const) {
    assert.deepEqual(entityAnnotations(legacyEntity(kind, bytes, annotations)), annotations);
  }
  const entity = legacyEntity('attestation', Buffer.from(JSON.stringify(envelope)), {});
  assert.equal(entityAnnotations(entity, 'https://example.com/p')['predicateType'], 'https://example.com/p');
});

test('legacyEntity() refuses what could be taken for a proof and is none', async (t) => {
  const long = root.cert.repeat(11);
  for (const [title, annotations, code] of [
    ['no signature', {}, 'SIGNATURE_MALFORMED'],
    ['an empty signature', { [signature]: '' }, 'SIGNATURE_MALFORMED'],
    ['a signature that is not base64', { [signature]: 'A' }, 'SIGNATURE_MALFORMED'],
    ['a public key for a certificate', { ...signed, [certificate]: publicKey }, 'SIGNER_KIND'],
    ['a public key in the chain', { ...signed, [certificate]: leaf.cert, [chain]: publicKey }, 'SIGNER_KIND'],
    ['a public key after the certificate', { ...signed, [certificate]: `${leaf.cert}${publicKey}` }, 'SIGNER_KIND'],
    ['two certificates', { ...signed, [certificate]: `${leaf.cert}${root.cert}` }, 'SIGNATURE_MALFORMED'],
    ['no certificate in the text', { ...signed, [certificate]: 'x' }, 'SIGNATURE_MALFORMED'],
    ['half a certificate', { ...signed, [certificate]: leaf.cert.slice(0, -10) }, 'SIGNATURE_MALFORMED'],
    ['a chain to nothing', { ...signed, [chain]: root.cert }, 'SIGNATURE_MALFORMED'],
    ['an endless chain', { ...signed, [certificate]: leaf.cert, [chain]: long }, 'SIGNATURE_TOO_LARGE'],
    ['a broken log bundle', { ...signed, [bundle]: '{}' }, 'SIGNATURE_MALFORMED'],
    ['a broken timestamp', { ...signed, [timestamp]: '{}' }, 'SIGNATURE_MALFORMED'],
  ] as const) {
    await t.test(title, () => {
      assert.throws(() => legacyEntity('signature', payload, annotations), { name: 'VerificationError', code });
    });
  }
});

test('legacyEntity() refuses envelopes that are not exactly one signed payload', async (t) => {
  for (const [title, document] of [
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['no payload', JSON.stringify({ ...envelope, payload: undefined })],
    ['a payload that is not base64', JSON.stringify({ ...envelope, payload: '!' })],
    ['no type', JSON.stringify({ ...envelope, payloadType: '' })],
    ['no signature', JSON.stringify({ ...envelope, signatures: [] })],
    ['two signatures', JSON.stringify({ ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] })],
    ['an empty signature', JSON.stringify({ ...envelope, signatures: [{ sig: '' }] })],
    ['a signature that is a number', JSON.stringify({ ...envelope, signatures: [{ sig: 1 }] })],
    ['a key id that is a number', JSON.stringify({ ...envelope, signatures: [{ sig: 'AAEC', keyid: 1 }] })],
    ['a payload twice', JSON.stringify(envelope).replace('{', '{"payload":"",')],
  ] as const) {
    await t.test(title, () => {
      const bytes = Buffer.from(document);
      assert.throws(() => legacyEntity('attestation', bytes, {}), { code: 'SIGNATURE_MALFORMED' });
      assert.equal(predicateTypeIn(bytes), undefined);
    });
  }
  assert.equal(predicateTypeIn(Buffer.from(JSON.stringify(envelope))), 'https://example.com/p');
});
