import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ed25519ph } from '@noble/curves/ed25519.js';
import type { HashAlgorithm, KeyType } from '../../signing/key/key-type.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { RefusedError } from '../error.ts';
import { signedDigest, signedMessage } from './check-signature.ts';
import { makeDevKey, signWith } from './dev-key.ts';
import { parseSubmittedPem, readPublicKey } from './submitted-key.ts';

const message = Buffer.from('a message');
const digestOf = (hash: HashAlgorithm, bytes = message): Buffer => createHash(hash).update(bytes).digest();

for (const type of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa'] as const satisfies readonly KeyType[]) {
  test(`signatures of ${type} hold over their message and its digest, and over no other`, () => {
    const key = makeDevKey(type);
    const submitted = readPublicKey(key.spki);
    const signature = signWith(key, message);
    assert.ok(signedMessage(submitted, message, signature));
    assert.ok(signedMessage(submitted, message, signWith(key, message, 'sha256')));
    assert.ok(signedDigest(submitted, key.hash, digestOf(key.hash), signature));
    assert.ok(!signedMessage(submitted, Buffer.from('another'), signature));
    assert.ok(!signedDigest(submitted, key.hash, digestOf(key.hash, Buffer.from('another')), signature));
    assert.ok(!signedDigest(submitted, key.hash, digestOf(key.hash).subarray(1), signature));
    // ECDSA looks at no more of a digest than its curve has bits.
    const longer = Buffer.concat([digestOf(key.hash), Buffer.alloc(32)]);
    assert.ok(!signedDigest(submitted, key.hash, longer, signature));
    assert.ok(!signedDigest(submitted, key.hash, digestOf(key.hash), Buffer.alloc(64)));
    assert.ok(!signedDigest(readPublicKey(makeDevKey(type).spki), key.hash, digestOf(key.hash), signature));
  });
}

test('Ed25519 signs messages in the pure form and digests in the prehashed one', () => {
  const key = makeDevKey('ed25519');
  const submitted = readPublicKey(key.spki);
  const pure = signWith(key, message);
  assert.ok(signedMessage(submitted, message, pure));
  assert.ok(!signedDigest(submitted, 'sha512', digestOf('sha512'), pure));
  const seed = key.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const prehashed = Buffer.from(ed25519ph.sign(message, seed));
  assert.ok(signedDigest(submitted, 'sha512', digestOf('sha512'), prehashed));
  assert.ok(!signedDigest(submitted, 'sha256', digestOf('sha256'), prehashed));
  assert.ok(!signedDigest(submitted, 'sha512', digestOf('sha512', Buffer.from('another')), prehashed));
  assert.ok(!signedMessage(submitted, message, prehashed));
});

test('keys that nothing signs with are refused', () => {
  const pem = (label: string, bytes: Buffer): string => formatPem({ label, bytes });
  const { spki, privateKey } = makeDevKey('ecdsa-p256');
  assert.equal(parseSubmittedPem(pem('PUBLIC KEY', spki)).pem, pem('PUBLIC KEY', spki));
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
  for (const text of [
    'no pem',
    pem('PRIVATE KEY', secret),
    pem('PUBLIC KEY', secret),
    pem('CERTIFICATE', spki),
    pem('PUBLIC KEY', spki).repeat(2),
    String(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' })),
    String(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ type: 'spki', format: 'pem' })),
    String(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' })),
  ]) {
    assert.throws(() => parseSubmittedPem(text), RefusedError, text);
  }
});
