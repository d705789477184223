import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { envelopeJson } from '../../../testing/signing/log-bodies.ts';
import { envelope, paeOf } from '../../../testing/signing/logged-subjects.ts';
import { formatEnvelope, paeDigest } from './envelope-digest.ts';

test('paeDigest() hashes the encoding of the DSSE specification', () => {
  const hello = { payloadType: 'http://example.com/HelloWorld', payload: Buffer.from('hello world') };
  const text = 'DSSEv1 29 http://example.com/HelloWorld 11 hello world';
  for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
    assert.deepEqual(paeDigest(algorithm, hello), createHash(algorithm).update(text).digest());
  }
});

test('paeDigest() counts bytes, not characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (payloadType, bytes) => {
      const payload = Buffer.from(bytes);
      const wanted = createHash('sha256').update(paeOf(payloadType, payload)).digest();
      assert.deepEqual(paeDigest('sha256', { payloadType, payload }), wanted);
    }),
  );
});

test('formatEnvelope() writes what cosign writes', () => {
  assert.equal(formatEnvelope(envelope), envelopeJson(envelope));
  assert.match(
    formatEnvelope(envelope),
    /^\{"payloadType":"[^"]+","payload":"[^"]+","signatures":\[\{"keyid":"","sig":"[^"]+"\}\]\}$/,
  );
});
