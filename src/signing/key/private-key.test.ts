import assert from 'node:assert/strict';
import { generateKeyPairSync, type RSAKeyPairKeyObjectOptions } from 'node:crypto';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { derInteger, derSequence } from '../../codec/der/write.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { SigningError } from '../error.ts';
import { encryptPrivateKey } from './encrypted-key.ts';
import type { KeyType } from './key-type.ts';
import { generateKeyPair, importPrivateKey, pairOf } from './private-key.ts';
import { weaknessOf } from './weak-key.ts';

function refuses(pem: string | Uint8Array, sentence: RegExp): void {
  assert.throws(
    () => importPrivateKey(pem),
    (error) => error instanceof SigningError && error.code === 'KEY_INVALID' && sentence.test(error.message),
    String(sentence),
  );
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed = generateKeyPairSync('ed25519');

test('generateKeyPair() makes each type, P-256 where nothing is said', async () => {
  const types: readonly KeyType[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa'];
  for (const type of types) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    assert.equal(publicKey.type, type);
    assert.equal(privateKey.type, 'private');
    assert.deepEqual(
      importPrivateKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))).publicKey.spki,
      publicKey.spki,
    );
    if (type === 'rsa') assert.equal(publicKey.bits, 3072);
  }
  assert.equal((await generateKeyPair()).publicKey.type, 'ecdsa-p256');
});

test('importPrivateKey() reads PKCS#8, SEC1 and PKCS#1', () => {
  for (const [pair, type] of [
    [rsa, 'pkcs8'],
    [rsa, 'pkcs1'],
    [ec, 'pkcs8'],
    [ec, 'sec1'],
    [ed, 'pkcs8'],
  ] as const) {
    const exported = pair.privateKey as unknown as { export(how: object): string };
    const pem = exported.export({ type, format: 'pem' });
    const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
    assert.deepEqual(importPrivateKey(pem).publicKey.spki, spki);
    assert.deepEqual(importPrivateKey(Buffer.from(pem)).publicKey.spki, spki);
  }
  const parameters = '-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n';
  const pem = parameters + String(ec.privateKey.export({ type: 'sec1', format: 'pem' }));
  assert.equal(importPrivateKey(pem).publicKey.type, 'ecdsa-p384');
});

test('importPrivateKey() says what to do with what it does not take', async () => {
  const pkcs8 = String(ed.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' } as const;
  const headers = { type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' } as const;
  for (const [pem, sentence] of [
    [String(rsa.privateKey.export(locked)), /openssl pkey/],
    [String(rsa.privateKey.export(headers)), /openssl pkey/],
    [await encryptPrivateKey(ed.privateKey, Buffer.alloc(0)), /use it as it is/],
    [String(ed.publicKey.export({ type: 'spki', format: 'pem' })), /"PUBLIC KEY" is none of/],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----', /ssh-keygen/],
    [pkcs8 + pkcs8, /more than one PEM block/],
    ['', /no PEM block/],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /its bytes are no key/],
    [pkcs8.replace('PRIVATE', 'RSA PRIVATE').replace('END PRIVATE', 'END RSA PRIVATE'), /its bytes are no key/],
    ['-----BEGIN PRIVATE KEY-----\n=secret=\n-----END PRIVATE KEY-----\n', /no PEM text$/],
    ['x'.repeat(70_000), /65536 bytes/],
    ...(
      [
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
        generateKeyPairSync('x25519'),
        generateKeyPairSync('rsa', { modulusLength: 1024 }),
      ] as const
    ).map(({ privateKey }) => [String(privateKey.export({ type: 'pkcs8', format: 'pem' })), /kind or size/] as const),
  ] as const) {
    refuses(pem, sentence);
  }
});

test('importPrivateKey() refuses weak RSA keys', () => {
  const weak = (options: RSAKeyPairKeyObjectOptions): string =>
    String(generateKeyPairSync('rsa', options).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  refuses(weak({ modulusLength: 2048, publicExponent: 3 }), /exponent is below 65537/);
  refuses(weak({ modulusLength: 2052 }), /2052 bits/);
  // The first two primes after 3 * 2^1022.
  const start = 3n * 2n ** 1022n;
  refuses(rsaPem(start + 1037n, start + 1697n), /two primes lie so close/);
});

test('weaknessOf() finds small factors, the chip of CVE-2017-15361, and close primes', () => {
  const honest = BigInt(
    `0x${Buffer.from(rsa.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
  );
  assert.equal(weaknessOf(honest), undefined);
  assert.match(weaknessOf(honest * 751n) ?? '', /small factor/);
  assert.equal(weaknessOf((2n ** 1279n - 1n) * (2n ** 2203n - 1n)), undefined);
  // Any power of 65537 looks to the fingerprint like the primes of that chip.
  assert.match(weaknessOf(65_537n ** 150n) ?? '', /CVE-2017-15361/);
  assert.match(weaknessOf((2n ** 1279n - 1n) ** 2n) ?? '', /close together/);
});

test('pairOf() gives the public half', () => {
  assert.deepEqual(pairOf(ed.privateKey).publicKey.spki, ed.publicKey.export({ type: 'spki', format: 'der' }));
});

test('importPrivateKey() survives hostile bytes', () => {
  const seeds = [rsa, ec, ed].map(({ privateKey }) => String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  assertSurvives(seeds, importPrivateKey);
  const ders = [rsa, ec, ed].map(({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'der' }));
  assertSurvives(ders, (bytes) => importPrivateKey(formatPem({ label: 'PRIVATE KEY', bytes })));
});

function rsaPem(p: bigint, q: bigint): string {
  const e = 65_537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = [0n, p * q, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)];
  const pkcs1 = derSequence(...numbers.map((number) => derInteger(number)));
  return formatPem({ label: 'RSA PRIVATE KEY', bytes: pkcs1 });
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}
