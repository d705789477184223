import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';
import { decryptPrivateKey, encryptPrivateKey, isEncryptedLabel } from './encrypted-key.ts';

/** Made by cosign 3.1.1 (`import-key-pair`) with the password "pw". */
const cosignKey = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJoRi80cm9aWUdtTURrWlJjVUdkQWxwc1BWcno0Q3Ex
TWNXUEk3ZDZSbXRZPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJRcHlDQW44RkNjZnE1SnFhRWRiYk9vdTZ5dWlwUm5zOSJ9LCJj
aXBoZXJ0ZXh0IjoieFRLSW4yY2xRY2c4NTRrb2VMb3hXWmswbEJhYm9KTWdlS21M
aWdpS2M5VFpvOTJVdTBoVWZweTZyQzVkQ1hTcFN6b0xJVm1HblRiNU9sY3JYSDc3
bUE9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`;
const cosignPublic = 'MCowBQYDK2VwAyEA20xvnmheMrNfYa5u8uMy66aiBS7y8vix448LBNhoS3M=';

interface Inside {
  kdf: { name: string; params: { N: number }; salt: string };
  cipher: { name: string; nonce: string };
  ciphertext: string;
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const der = privateKey.export({ type: 'pkcs8', format: 'der' });
const password = Buffer.from('hold fast');
const encrypted = await encryptPrivateKey(privateKey, password);
const inside = JSON.parse(String(parsePem(encrypted)[0]?.bytes)) as Inside;

async function refuses(code: SigningErrorCode, pem: string, sentence: RegExp, secret = password): Promise<void> {
  await assert.rejects(
    decryptPrivateKey(pem, secret),
    (error) => error instanceof SigningError && error.code === code && sentence.test(error.message),
    String(sentence),
  );
}

function changed(change: (document: Inside) => unknown, label = 'ENCRYPTED SIGSTORE PRIVATE KEY'): string {
  const document = structuredClone(inside);
  const result = change(document) ?? document;
  const text = typeof result === 'string' ? result : JSON.stringify(result);
  return formatPem({ label, bytes: Buffer.from(text) });
}

test('encryptPrivateKey() writes what cosign writes', async () => {
  assert.deepEqual(Object.keys(inside), ['kdf', 'cipher', 'ciphertext']);
  assert.deepEqual(Object.keys(inside.kdf), ['name', 'params', 'salt']);
  assert.deepEqual(inside.kdf.params, { N: 65_536, r: 8, p: 1 });
  assert.equal(inside.cipher.name, 'nacl/secretbox');
  assert.equal(Buffer.from(inside.kdf.salt, 'base64').length, 32);
  assert.equal(Buffer.from(inside.cipher.nonce, 'base64').length, 24);
  assert.match(encrypted, /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n/);
});

test('decryptPrivateKey() opens what was encrypted, under both labels and each of the costs of cosign', async () => {
  assert.deepEqual((await decryptPrivateKey(encrypted, password)).export({ type: 'pkcs8', format: 'der' }), der);
  const old = changed(() => undefined, 'ENCRYPTED COSIGN PRIVATE KEY');
  assert.deepEqual((await decryptPrivateKey(Buffer.from(old), password)).export({ type: 'pkcs8', format: 'der' }), der);
  const empty = await encryptPrivateKey(privateKey, Buffer.alloc(0));
  const other = JSON.parse(String(parsePem(empty)[0]?.bytes)) as Inside;
  assert.notEqual(other.kdf.salt, inside.kdf.salt);
  assert.notEqual(other.cipher.nonce, inside.cipher.nonce);
  assert.deepEqual((await decryptPrivateKey(empty, Buffer.alloc(0))).export({ type: 'pkcs8', format: 'der' }), der);
  for (const N of [32_768, 131_072]) {
    const pem = changed((document) => void (document.kdf.params.N = N));
    // The cost is taken; the key that comes out of it is another.
    await refuses('KEY_PASSWORD_WRONG', pem, /does not open/);
  }
});

test('decryptPrivateKey() opens a key of cosign 3.1.1', async () => {
  const key = await decryptPrivateKey(cosignKey, Buffer.from('pw'));
  const { createPublicKey } = await import('node:crypto');
  assert.equal(createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'), cosignPublic);
});

test('decryptPrivateKey() tells a wrong password from a damaged file, as far as can be told', async () => {
  await refuses('KEY_PASSWORD_WRONG', encrypted, /password does not open/, Buffer.from('let go'));
  const flipped = changed((document) => {
    const bytes = Buffer.from(document.ciphertext, 'base64');
    bytes[20] = (bytes[20] as number) ^ 1;
    return { ...document, ciphertext: bytes.toString('base64') };
  });
  await refuses('KEY_PASSWORD_WRONG', flipped, /or its file is damaged/);
});

test('decryptPrivateKey() refuses hostile scrypt parameters before any work', async () => {
  const start = performance.now();
  for (const params of [
    { N: 2 ** 30, r: 8, p: 1 },
    { N: 65_536, r: 8 * 1024, p: 1 },
    { N: 65_536, r: 8, p: 1_000_000 },
    { N: 65_535, r: 8, p: 1 },
    { N: 16_384, r: 8, p: 1 },
    { N: 1, r: 8, p: 1 },
    { N: '65536', r: 8, p: 1 },
    { N: 65_536, r: 8 },
    { N: -65_536, r: 8, p: 1 },
    {},
  ]) {
    const pem = changed((document) => ({ ...document, kdf: { ...document.kdf, params } }));
    await refuses('KEY_INVALID', pem, /scrypt parameters are none/);
  }
  assert.ok(performance.now() - start < 200, 'no key was derived');
});

test('decryptPrivateKey() refuses what is not an encrypted key', async () => {
  const twice = JSON.stringify(inside).replace('{', '{"kdf":{},');
  for (const [pem, sentence] of [
    [String(privateKey.export({ type: 'pkcs8', format: 'pem' })), /import-key-pair/],
    [encrypted + encrypted, /not one PEM block/],
    ['', /not one PEM block/],
    [encrypted.slice(0, 300), /TRUNCATED/],
    [changed(() => twice), /MALFORMED/],
    [changed(() => 'null'), /not an object/],
    [changed(() => '['.repeat(5000)), /LIMIT_EXCEEDED/],
    [changed(({ cipher, ciphertext }) => ({ cipher, ciphertext })), /kdf is not an object/],
    [changed((document) => void (document.kdf.name = 'pbkdf2')), /other means/],
    [changed((document) => void (document.cipher.name = 'aes')), /other means/],
    [changed((document) => void (document.kdf.salt = 'AAAA')), /salt or nonce/],
    [changed((document) => void (document.cipher.nonce = 'AAAA')), /salt or nonce/],
    [changed((document) => ({ ...document, ciphertext: 5 })), /ciphertext is not text/],
    [changed((document) => ({ ...document, ciphertext: 'A' })), /MALFORMED/],
    ['x'.repeat(70_000), /65536 bytes/],
  ] as const) {
    await refuses('KEY_INVALID', pem, sentence);
  }
});

test('isEncryptedLabel() knows what cosign writes and wrote', () => {
  assert.ok(isEncryptedLabel('ENCRYPTED COSIGN PRIVATE KEY'));
  assert.ok(!isEncryptedLabel('ENCRYPTED PRIVATE KEY'));
});

test('reading an encrypted key survives hostile bytes', async () => {
  // The documents are broken so that no key is derived: that takes too long to be done often.
  const cheap = changed((document) => void (document.kdf.params.N = 2));
  const pending: Promise<unknown>[] = [];
  assertSurvives([cheap, JSON.stringify(inside).replace('65536', '2')], (bytes) => {
    const pem = formatPem({ label: 'ENCRYPTED SIGSTORE PRIVATE KEY', bytes });
    for (const text of [bytes, pem]) {
      pending.push(
        decryptPrivateKey(text, password).then(
          () => assert.fail('it opened'),
          (error: unknown) => assert.ok(error instanceof SigningError, String(error)),
        ),
      );
    }
  });
  await Promise.all(pending);
});
