import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  dsse1,
  envelopeJson,
  hashedRekord1,
  intoto1,
  intoto2,
  canonical,
} from '../../../testing/signing/log-bodies.ts';
import {
  artifactDigest,
  certificate,
  envelope,
  envelopeBodies,
  message,
  messageBodies,
  newCertificate,
  publicKey,
  signEnvelope,
} from '../../../testing/signing/logged-subjects.ts';
import type { EnvelopeContent, LogEntry } from '../entity.ts';
import { parseEntryKind } from '../log/entry-body.ts';
import { checkLogBodies, type LogBodyQuestion } from './check-log-bodies.ts';

function entryOf(body: Buffer, change: Partial<LogEntry> = {}): LogEntry {
  return { logIndex: 0n, logId: Buffer.alloc(32), integratedTime: 0n, body, ...parseEntryKind(body), ...change };
}

function ask(body: Buffer, question: Partial<LogBodyQuestion>): void {
  checkLogBodies({ entries: [entryOf(body)], content: message, verifier: publicKey, artifactDigest, ...question });
}

function refuses(body: Buffer, question: Partial<LogBodyQuestion>, message_: RegExp, name?: string): void {
  const wanted = { name: 'VerificationError', code: 'LOG_ENTRY_MISMATCH', message: message_ };
  assert.throws(() => ask(body, question), wanted, name);
}

const kinds = [
  ...Object.entries(messageBodies).map(([name, make]) => ({ name, make, content: message })),
  ...Object.entries(envelopeBodies).map(([name, make]) => ({ name, make, content: envelope })),
];

test('checkLogBodies() takes entries of every kind that are about the signature', () => {
  for (const { name, make, content } of kinds) {
    for (const verifier of [publicKey, certificate]) {
      const body = make(verifier);
      const bodies = checkLogBodies({ entries: [entryOf(body), entryOf(body)], content, verifier, artifactDigest });
      assert.equal(bodies.length, 2, name);
      assert.ok(name.startsWith(`${bodies[0]?.kind} ${bodies[0]?.version}`), name);
    }
  }
});

test('checkLogBodies() refuses entries of every kind by another key or certificate', () => {
  const other = {
    kind: 'public-key',
    spki: Buffer.concat([publicKey.kind === 'public-key' ? publicKey.spki : assert.fail()]),
  } as const;
  other.spki[40] = (other.spki[40] as number) ^ 1;
  for (const { name, make, content } of kinds) {
    refuses(make(other), { content, verifier: publicKey }, /about another key/, name);
    refuses(make(newCertificate()), { content, verifier: certificate }, /about another certificate/, name);
    refuses(make(certificate), { content, verifier: publicKey }, /about another key/, name);
    refuses(make(publicKey), { content, verifier: certificate }, /about another certificate/, name);
  }
});

test('checkLogBodies() does not take a key for a certificate of the same bytes, nor the reverse (GHSA-fx35-mq7g-6g98)', () => {
  const { spki } = publicKey.kind === 'public-key' ? publicKey : assert.fail();
  const disguised = { kind: 'certificate', der: spki } as const;
  for (const { name, make, content } of kinds) {
    refuses(make(disguised), { content, verifier: publicKey }, /about another key/, name);
    refuses(make(publicKey), { content, verifier: disguised }, /about another certificate/, name);
  }
});

test('checkLogBodies() refuses entries of every kind with another signature (CVE-2022-23649)', () => {
  // ECDSA gives another signature each time: same key, same bytes, both valid.
  const again = signEnvelope(envelope.payload);
  for (const { name, make, content } of kinds) {
    const changed = { ...content, signature: again.signature };
    refuses(
      make(publicKey),
      { content: changed },
      name === 'intoto 0.0.1' ? /another envelope/ : /another signature/,
      name,
    );
  }
});

test('checkLogBodies() refuses entries of every kind about another artifact or envelope (CVE-2026-22703)', () => {
  for (const { name, make, content } of kinds) {
    const body = make(publicKey);
    if (content.kind === 'message') {
      const digest = (algorithm: string): Buffer => createHash(algorithm).update('another').digest();
      refuses(body, { content, artifactDigest: digest }, /about another artifact/, name);
      refuses(body, { content, artifactDigest: () => undefined }, /about another artifact/, name);
      assert.throws(() => checkLogBodies({ entries: [entryOf(body)], content, verifier: publicKey }), /artifact/, name);
      continue;
    }
    const { signature, payload } = content;
    const another: EnvelopeContent = { ...content, payload: Buffer.from(`${payload.toString()} `), signature };
    refuses(body, { content: another }, /another (?:payload|envelope)/, name);
  }
});

test('checkLogBodies() refuses an envelope with another payload type where the entry is about its encoding', () => {
  const content = { ...envelope, payloadType: 'text/plain' };
  for (const name of ['hashedrekord 0.0.2 over the envelope', 'hashedrekord 0.0.1 over the envelope', 'intoto 0.0.1']) {
    refuses(envelopeBodies[name]?.(publicKey) ?? assert.fail(), { content }, /another envelope/, name);
  }
});

test('checkLogBodies() keeps artifacts and envelopes apart', () => {
  const content = { kind: 'message', signature: envelope.signature } as const;
  for (const name of ['dsse 0.0.1', 'dsse 0.0.2', 'intoto 0.0.1', 'intoto 0.0.2']) {
    refuses(envelopeBodies[name]?.(publicKey) ?? assert.fail(), { content }, /about an envelope/, name);
  }
  // The digest of a payload is not that of the signed encoding.
  const digest = createHash('sha256').update(envelope.payload).digest();
  const body = hashedRekord1({ digest, signature: envelope.signature, verifier: publicKey });
  refuses(body, { content: envelope }, /another envelope/);
});

test('checkLogBodies() refuses entries with several signatures', () => {
  const document = JSON.parse(dsse1({ envelope, verifier: publicKey }).toString()) as {
    readonly spec: { readonly signatures: readonly object[] };
  };
  const [one = {}] = document.spec.signatures;
  for (const signatures of [
    [one, one],
    [one, { ...one, signature: 'AAAA' }],
  ]) {
    refuses(canonical('dsse', '0.0.1', { ...document.spec, signatures }), { content: envelope }, /several signatures/);
  }
});

test('checkLogBodies() finds the envelope of an entry without signature as it was sent', () => {
  const { payloadType, payload, signature } = envelope;
  const encoded = { payload: payload.toString('base64'), payloadType };
  const sig = signature.toString('base64');
  for (const json of [
    envelopeJson(envelope),
    JSON.stringify({ ...encoded, signatures: [{ sig }] }),
    JSON.stringify({ payloadType, payload: encoded.payload, signatures: [{ sig }] }),
  ]) {
    ask(intoto1({ envelope, json, verifier: publicKey }), { content: envelope });
  }
  const spaced = `${envelopeJson(envelope)}\n`;
  const body = intoto1({ envelope, json: spaced, verifier: publicKey });
  refuses(body, { content: envelope }, /another envelope/);
  ask(body, { content: envelope, envelopeJson: Buffer.from(spaced) });
  refuses(body, { content: envelope, envelopeJson: Buffer.from(envelopeJson(envelope)) }, /another envelope/);
  const keyId = { ...envelope, keyId: 'mine' };
  ask(intoto1({ envelope: keyId, verifier: publicKey }), { content: keyId });
});

test("checkLogBodies() does not hear what a client said of its envelope, and a log's own digest needs the same text", () => {
  ask(intoto2({ envelope, verifier: publicKey }), { content: envelope });
  ask(dsse1({ envelope, json: `${envelopeJson(envelope)} `, verifier: publicKey }), { content: envelope });
});

test('checkLogBodies() refuses an entry that is not of the kind and version it is said to be', () => {
  const body = messageBodies['hashedrekord 0.0.1']?.(publicKey) ?? assert.fail();
  for (const change of [
    { kind: 'rekord' },
    { version: '0.0.2' },
    { kind: 'hashedrekord ' },
    { kind: '', version: '' },
  ]) {
    assert.throws(
      () => checkLogBodies({ entries: [entryOf(body, change)], content: message, verifier: publicKey, artifactDigest }),
      { code: 'LOG_ENTRY_MISMATCH', message: /another kind/ },
    );
  }
});

test('checkLogBodies() checks every entry', () => {
  const good = entryOf(messageBodies['hashedrekord 0.0.1']?.(publicKey) ?? assert.fail());
  const bad = entryOf(messageBodies['hashedrekord 0.0.1']?.(certificate) ?? assert.fail());
  for (const entries of [
    [good, bad],
    [bad, good],
  ]) {
    const question = { entries, content: message, verifier: publicKey, artifactDigest };
    assert.throws(() => checkLogBodies(question), { code: 'LOG_ENTRY_MISMATCH' });
  }
});

test('checkLogBodies() names what it found and what would have passed', () => {
  const body = messageBodies['hashedrekord 0.0.1']?.(publicKey) ?? assert.fail();
  assert.throws(() => ask(body, { artifactDigest: () => Buffer.alloc(32) }), {
    facts: {
      check: 'log-body',
      found: `sha256:${artifactDigest('sha256').toString('hex')}`,
      wanted: `sha256:${'00'.repeat(32)}`,
    },
  });
});

test('checkLogBodies() tells what it cannot read from what it does not know', () => {
  for (const [body, code] of [
    [Buffer.from('{"kind":"a","apiVersion":"b"}'), 'SIGNATURE_UNSUPPORTED'],
    [Buffer.from('{"kind":"hashedrekord","apiVersion":"0.0.1"}'), 'SIGNATURE_MALFORMED'],
  ] as const) {
    assert.throws(() => ask(body, {}), { name: 'VerificationError', code });
  }
});
