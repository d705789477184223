import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { SigningError } from '../error.ts';
import type { HashAlgorithm, KeyType } from './key-type.ts';
import { localSigner } from './local-signer.ts';
import { generateKeyPair } from './private-key.ts';
import { readPublicKey } from './read-public-key.ts';
import { verifyAnyForm, verifySignatureOfDigest } from './verify-digest.ts';
import { verifySignature } from './verify-signature.ts';

const message = Buffer.from('a message');
const hashes: Readonly<Record<KeyType, HashAlgorithm>> = {
  'ecdsa-p256': 'sha256',
  'ecdsa-p384': 'sha384',
  'ecdsa-p521': 'sha512',
  ed25519: 'sha512',
  rsa: 'sha256',
};

for (const [type, hash] of Object.entries(hashes) as [KeyType, HashAlgorithm][]) {
  test(`localSigner() signs with ${type} as cosign does`, async () => {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const signer = localSigner(privateKey);
    assert.equal(signer.hash, hash);
    assert.deepEqual(signer.publicKey.spki, publicKey.spki);
    const signature = await signer.sign(message);
    assert.ok(verifySignature(readPublicKey(publicKey.spki), message, signature));
    await assert.rejects(signer.sign(message, AbortSignal.abort(new Error('enough'))), /enough/);
  });
}

test('localSigner() signs in other ways when asked, and its public key says so', async () => {
  const { privateKey, publicKey } = await generateKeyPair('rsa');
  for (const options of [{ padding: 'pss' }, { hash: 'sha512' }, { padding: 'pss', hash: 'sha384' }] as const) {
    const signer = localSigner(privateKey, options);
    const signature = await signer.sign(message);
    assert.ok(verifySignature(signer.publicKey, message, signature));
    assert.ok(verifySignature(publicKey, message, signature, options));
    assert.ok(!verifySignature(publicKey, message, signature));
  }
});

test('localSigner() signs with Ed25519 in either form', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ed25519');
  const signature = await localSigner(privateKey, { ed25519: 'prehashed' }).sign(message);
  const digest = { algorithm: 'sha512', value: createHash('sha512').update(message).digest() } as const;
  assert.ok(!verifySignature(publicKey, message, signature));
  assert.ok(await verifyAnyForm(publicKey, message, signature));
  assert.ok(await verifySignatureOfDigest(publicKey, digest, signature));
  assert.ok(verifySignature(publicKey, message, await localSigner(privateKey, { hash: 'sha256' }).sign(message)));
});

test('localSigner() signs chunks as it signs the whole, where a key can', async () => {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (const at of [0, 1, 5]) yield message.subarray(at, at === 5 ? undefined : at * 4 + 1);
  };
  for (const [type, options, streams] of [
    ['ecdsa-p256', {}, true],
    ['ecdsa-p384', {}, true],
    ['ecdsa-p521', { hash: 'sha256' }, true],
    ['rsa', {}, true],
    ['rsa', { padding: 'pss', hash: 'sha512' }, true],
    ['ed25519', { ed25519: 'prehashed' }, true],
    ['ed25519', {}, false],
  ] as const) {
    const signer = localSigner((await generateKeyPair(type)).privateKey, options);
    assert.equal(signer.signStream !== undefined, streams, type);
    const signature = await signer.signStream?.(chunks());
    if (signature === undefined) continue;
    assert.ok(await verifyAnyForm(signer.publicKey, message, signature, { hash: signer.hash }), type);
    const ended = AbortSignal.abort(new Error('enough'));
    await assert.rejects(async () => signer.signStream?.(chunks(), ended), /enough/);
  }
});

test('localSigner() refuses keys that nothing verifies here', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  assert.throws(() => localSigner(privateKey), SigningError);
});
