import assert from 'node:assert/strict';
import { constants, privateEncrypt, sign } from 'node:crypto';
import { test } from 'node:test';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import { encodePkcs1 } from '../key/rsa-encoding.ts';
import { verifySignature } from '../key/verify-signature.ts';
import { remoteSigner } from './remote-signer.ts';

const message = Buffer.from('a message');

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield message.subarray(0, 3);
  yield message.subarray(3);
}

test('remoteSigner() sends the digest of chunks, and verifies what comes back', async () => {
  const { publicKey } = await generateKeyPair('ecdsa-p256');
  const other = localSigner((await generateKeyPair('ecdsa-p256')).privateKey);
  const sent: Buffer[] = [];
  const signer = remoteSigner({
    service: 'the service',
    publicKey,
    hash: 'sha256',
    sign: (input) => {
      sent.push(Buffer.from(input));
      return other.sign(message);
    },
  });
  for (const act of [signer.sign(message), signer.signStream?.(chunks())]) {
    await assert.rejects(Promise.resolve(act), { code: 'KEY_UNAVAILABLE', message: /^the service made a signature/ });
  }
  assert.equal(sent[0]?.length, 32);
  assert.deepEqual(sent[1], sent[0]);
});

test('remoteSigner() signs chunks with a key that signs digests, and with no other', async () => {
  const rsa = await generateKeyPair('rsa');
  const signer = remoteSigner({
    service: 'the service',
    publicKey: rsa.publicKey,
    hash: 'sha256',
    sign: async (value) => {
      const encoded = encodePkcs1({ algorithm: 'sha256', value }, rsa.publicKey.bits / 8);
      return privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, encoded);
    },
  });
  const signature = (await signer.signStream?.(chunks())) ?? Buffer.alloc(0);
  assert.ok(verifySignature(rsa.publicKey, message, signature));

  const { privateKey, publicKey } = await generateKeyPair('ed25519');
  const whole = remoteSigner({
    service: 'the service',
    publicKey,
    hash: 'sha512',
    sign: async (input) => sign(null, input, privateKey),
  });
  assert.equal(whole.signStream, undefined);
  assert.ok(verifySignature(publicKey, message, await whole.sign(message)));
});
