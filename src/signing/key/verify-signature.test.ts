import assert from 'node:assert/strict';
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  generatePrimeSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import { test } from 'node:test';
import { ed25519ph } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { derBitString, derInteger, derOid, derSequence } from '../../codec/der/write.ts';
import { loadEd25519ph } from './ed25519ph.ts';
import type { HashAlgorithm } from './key-type.ts';
import { readPublicKey } from './read-public-key.ts';
import { encodeDigestInfo, encodePkcs1 } from './rsa-encoding.ts';
import type { VerificationKey } from './verification-key.ts';
import { verifyAnyForm, verifySignatureOfDigest } from './verify-digest.ts';
import { verifySignature, type VerifyOptions } from './verify-signature.ts';

const message = Buffer.from('a message');
const other = Buffer.from('another message');

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function read({ publicKey }: Pair): VerificationKey {
  return readPublicKey(publicKey.export({ type: 'spki', format: 'der' }));
}

function digestOf(algorithm: HashAlgorithm, bytes = message): { algorithm: HashAlgorithm; value: Buffer } {
  return { algorithm, value: createHash(algorithm).update(bytes).digest() };
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** A modulus of 8k + 1 bits, of which the encoding of PSS has one octet less. */
const oddRsa = oddPair();
/** OpenSSL makes none of an odd length itself. */
function oddPair(): Pair {
  const e = 65_537n;
  for (;;) {
    const [p, q] = [1025, 1024].map((bits) => generatePrimeSync(bits, { bigint: true })) as [bigint, bigint];
    const [p1, q1] = [p - 1n, q - 1n];
    if ((p * q).toString(2).length !== 2049 || p1 % e === 0n || q1 % e === 0n) continue;
    const d = inverse(e, p1 * q1);
    const numbers = [0n, p * q, e, d, p, q, d % p1, d % q1, inverse(q, p)];
    const der = derSequence(...numbers.map((number) => derInteger(number)));
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs1' });
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

const pss = (saltLength: number, key = rsa.privateKey): object => ({
  key,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
});

/** Name, pair, signature, digest it is over, options with which it holds. */
const signatures: readonly (readonly [string, Pair, Buffer, HashAlgorithm, VerifyOptions])[] = [
  ['P-256', p256, sign('sha256', message, p256.privateKey), 'sha256', {}],
  ['P-256, SHA-512', p256, sign('sha512', message, p256.privateKey), 'sha512', { hash: 'sha512' }],
  ['P-384', p384, sign('sha384', message, p384.privateKey), 'sha384', {}],
  ['P-384, SHA-256', p384, sign('sha256', message, p384.privateKey), 'sha256', { hash: 'sha256' }],
  ['P-521', p521, sign('sha512', message, p521.privateKey), 'sha512', {}],
  ['RSA', rsa, sign('sha256', message, rsa.privateKey), 'sha256', {}],
  ['RSA, SHA-512', rsa, sign('sha512', message, rsa.privateKey), 'sha512', { hash: 'sha512' }],
  ['RSA of 2049 bits', oddRsa, sign('sha256', message, oddRsa.privateKey), 'sha256', {}],
  ['PSS', rsa, sign('sha256', message, pss(32) as never), 'sha256', { padding: 'pss' }],
  ['PSS without salt', rsa, sign('sha384', message, pss(0) as never), 'sha384', { padding: 'pss', hash: 'sha384' }],
  ['PSS, longest salt', rsa, sign('sha256', message, pss(222) as never), 'sha256', { padding: 'pss' }],
  [
    'PSS, 2049 bits',
    oddRsa,
    sign('sha256', message, pss(32, oddRsa.privateKey) as never),
    'sha256',
    { padding: 'pss' },
  ],
];

for (const [name, pair, signature, algorithm, options] of signatures) {
  const key = read(pair);
  test(`verifySignature() and verifySignatureOfDigest() verify ${name}`, async () => {
    assert.ok(verifySignature(key, message, signature, options));
    assert.ok(await verifyAnyForm(key, message, signature, options));
    assert.ok(await verifySignatureOfDigest(key, digestOf(algorithm), signature, options));
    assert.ok(!verifySignature(key, other, signature, options));
    assert.ok(!(await verifyAnyForm(key, other, signature, options)));
    assert.ok(!(await verifySignatureOfDigest(key, digestOf(algorithm, other), signature, options)));
    const wrongHash: HashAlgorithm = algorithm === 'sha256' ? 'sha384' : 'sha256';
    assert.ok(!verifySignature(key, message, signature, { ...options, hash: wrongHash }));
    assert.ok(!(await verifySignatureOfDigest(key, digestOf(wrongHash), signature, { ...options, hash: wrongHash })));
    assert.ok(!(await verifySignatureOfDigest(key, digestOf(wrongHash), signature, options)));
    const short = { algorithm, value: digestOf(algorithm).value.subarray(1) };
    assert.ok(!(await verifySignatureOfDigest(key, short, signature, options)));
    // ECDSA takes the leftmost bits: what follows would go unseen.
    const long = { algorithm, value: Buffer.concat([digestOf(algorithm).value, Buffer.alloc(32)]) };
    assert.ok(!(await verifySignatureOfDigest(key, long, signature, options)));
  });

  test(`verifySignature() and verifySignatureOfDigest() agree on damaged signatures of ${name}`, async () => {
    const edits = fc.array(fc.tuple(fc.nat(signature.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    const damaged = fc.oneof(
      edits.map((list) => {
        const bytes = Buffer.from(signature);
        for (const [at, flip] of list) bytes[at] = (bytes[at] as number) ^ flip;
        return bytes;
      }),
      fc.nat(signature.length - 1).map((length) => signature.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => Buffer.concat([signature, more])),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        if (bytes.equals(signature)) return;
        assert.ok(!verifySignature(key, message, bytes, options));
        assert.ok(!(await verifySignatureOfDigest(key, digestOf(algorithm), bytes, options)));
      }),
      { numRuns: 60 },
    );
  });
}

test('verifyAnyForm() takes what cosign 2 signs with larger curves, and only where nobody names a digest', async () => {
  for (const [pair, usual] of [
    [p384, 'sha384'],
    [p521, 'sha512'],
  ] as const) {
    const key = read(pair);
    const signature = sign('sha256', message, pair.privateKey);
    assert.ok(!verifySignature(key, message, signature));
    assert.ok(await verifyAnyForm(key, message, signature));
    assert.ok(await verifySignatureOfDigest(key, digestOf('sha256'), signature));
    assert.ok(!(await verifyAnyForm(key, other, signature)));
    assert.ok(!(await verifyAnyForm(key, message, signature, { hash: usual })));
    assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha256'), signature, { hash: usual })));
    assert.ok(!(await verifyAnyForm({ ...key, schemes: [{ hash: usual }] }, message, signature)));
  }
  assert.ok(!(await verifyAnyForm(read(p256), message, sign('sha512', message, p256.privateKey))));
  assert.ok(!(await verifyAnyForm(read(rsa), message, sign('sha512', message, rsa.privateKey))));
});

test('verifySignature() does not take one padding or key for another', async () => {
  const key = read(rsa);
  const plain = sign('sha256', message, rsa.privateKey);
  const salted = sign('sha256', message, pss(32) as never);
  assert.ok(!verifySignature(key, message, plain, { padding: 'pss' }));
  assert.ok(!verifySignature(key, message, salted));
  assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha256'), plain, { padding: 'pss' })));
  assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha256'), salted)));
  assert.ok(!verifySignature(read(p256), message, plain));
  assert.ok(!verifySignature(read(p384), message, sign('sha384', message, p256.privateKey)));
});

test('verifySignature() takes each way that the holder of a key is known to sign in', async () => {
  const key: VerificationKey = { ...read(rsa), schemes: [{ hash: 'sha512' }, { padding: 'pss' }] };
  for (const [signature, algorithm, holds] of [
    [sign('sha512', message, rsa.privateKey), 'sha512', true],
    [sign('sha256', message, pss(32) as never), 'sha256', true],
    [sign('sha256', message, rsa.privateKey), 'sha256', false],
    [sign('sha512', message, pss(32) as never), 'sha512', false],
  ] as const) {
    assert.equal(verifySignature(key, message, signature), holds);
    assert.equal(await verifySignatureOfDigest(key, digestOf(algorithm), signature), holds);
  }
});

test('verifySignature() takes high s, and no integers but those of DER', async () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const raw = sign('sha256', message, { key: p256.privateKey, dsaEncoding: 'ieee-p1363' });
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)].map((half) => BigInt(`0x${half.toString('hex')}`)) as [
    bigint,
    bigint,
  ];
  const padded = Buffer.concat([Buffer.from([2, 34, 0]), derInteger(r).subarray(2).subarray(-33)]);
  for (const [signature, holds] of [
    [derSequence(derInteger(r), derInteger(s)), true],
    [derSequence(derInteger(r), derInteger(order - s)), true],
    [derSequence(derInteger(r), derInteger(s), derInteger(1)), false],
    [derSequence(derInteger(r), derInteger(s + order)), false],
    [derSequence(derInteger(0), derInteger(s)), false],
    [derSequence(derInteger(r), derInteger(0)), false],
    [derSequence(derInteger(0), derInteger(0)), false],
    [derSequence(derInteger(r - order), derInteger(s)), false],
    [derSequence(padded, derInteger(s)), false],
    [raw, false],
    [Buffer.alloc(0), false],
  ] as const) {
    const name = signature.toString('hex');
    assert.equal(verifySignature(read(p256), message, signature), holds, name);
    assert.equal(await verifySignatureOfDigest(read(p256), digestOf('sha256'), signature), holds, name);
  }
});

test('RSA signatures are compared whole: what a lenient parser would pass is refused', async () => {
  const cubic = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 });
  const key = read(cubic);
  const info = encodeDigestInfo(digestOf('sha256'));
  const raw = { key: cubic.privateKey, padding: constants.RSA_NO_PADDING };
  const length = 384;
  const whole = encodePkcs1(digestOf('sha256'), length);
  // The digest right after eight octets of filler, garbage after it.
  const early = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(8, 0xff), Buffer.alloc(1), info], length);
  // No NULL in the algorithm identifier.
  const bare = derSequence(derSequence(derOid('2.16.840.1.101.3.4.2.1')), derBitString(digestOf('sha256').value));
  const noNull = Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.alloc(length - 3 - bare.length, 0xff),
    Buffer.alloc(1),
    bare,
  ]);
  const typeTwo = Buffer.from(whole);
  typeTwo[1] = 2;
  const cube = cubeRoot(BigInt(`0x${early.toString('hex')}`) | ((1n << BigInt(8 * (length - 11 - info.length))) - 1n));
  const forged = Buffer.from(cube.toString(16).padStart(2 * length, '0'), 'hex');
  const cases: readonly (readonly [string, Buffer, boolean])[] = [
    ['whole', privateEncrypt(raw, whole), true],
    ['garbage at the end', privateEncrypt(raw, early), false],
    ['cube root', forged, false],
    ['no NULL', privateEncrypt(raw, noNull), false],
    ['block type 2', privateEncrypt(raw, typeTwo), false],
  ];
  for (const [name, signature, holds] of cases) {
    assert.equal(verifySignature(key, message, signature), holds, name);
    assert.equal(await verifySignatureOfDigest(key, digestOf('sha256'), signature), holds, name);
  }
});

test('RSA signatures have the length of the modulus', async () => {
  const key = read(rsa);
  for (let count = 0; ; count += 1) {
    const text = Buffer.from(`message ${count}`);
    const signature = sign('sha256', text, rsa.privateKey);
    if (signature[0] !== 0) continue;
    const digest = digestOf('sha256', text);
    assert.ok(verifySignature(key, text, signature));
    assert.ok(await verifySignatureOfDigest(key, digest, signature));
    assert.ok(!verifySignature(key, text, signature.subarray(1)));
    assert.ok(!(await verifySignatureOfDigest(key, digest, signature.subarray(1))));
    return;
  }
});

test('PSS is checked to its last bit, against who has the key', async () => {
  const hash = digestOf('sha256').value;
  for (const pair of [rsa, oddRsa]) {
    const key = read(pair);
    const bits = key.bits - 1;
    const modulus = BigInt(
      `0x${Buffer.from(pair.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
    );
    const raw = { key: pair.privateKey, padding: constants.RSA_NO_PADDING };
    const length = Math.ceil(bits / 8);
    const encode = (change: (block: Buffer) => void, trailer = 0xbc, fill = 7): Buffer => {
      const salt = Buffer.alloc(32, fill);
      const inner = createHash('sha256').update(Buffer.alloc(8)).update(hash).update(salt).digest();
      const block = Buffer.concat([Buffer.alloc(length - 32 - 34), Buffer.from([1]), salt]);
      change(block);
      const mask = maskOf(inner, block.length);
      const masked = Buffer.from(block.map((byte, at) => byte ^ (mask[at] as number)));
      masked[0] = (masked[0] as number) & (0xff >> (8 * length - bits));
      const encoded = Buffer.concat([masked, inner, Buffer.from([trailer])]);
      return length * 8 < key.bits ? Buffer.concat([Buffer.alloc(1), encoded]) : encoded;
    };
    const cases: [string, Buffer, boolean][] = [
      ['whole', encode(() => undefined), true],
      ['other trailer', encode(() => undefined, 0xbd), false],
      ['other separator', encode((block) => void (block[block.length - 33] = 2)), false],
      ['no zeros', encode((block) => void (block[20] = 2)), false],
      ['nothing but zeros', encode((block) => void block.fill(0)), false],
    ];
    // A bit above those that the encoding has: with a salt that keeps it below the modulus.
    for (let fill = 0; cases.length < 6; fill += 1) {
      const above = encode(() => undefined, 0xbc, fill);
      above[0] = (above[0] as number) | (pair === rsa ? 0x80 : 1);
      if (BigInt(`0x${above.toString('hex')}`) < modulus) cases.push(['a bit too many', above, false]);
    }
    for (const [name, encoded, holds] of cases) {
      const signature = privateEncrypt(raw, encoded);
      assert.equal(verifySignature(key, message, signature, { padding: 'pss' }), holds, name);
      assert.equal(await verifySignatureOfDigest(key, digestOf('sha256'), signature, { padding: 'pss' }), holds, name);
    }
  }
});

function maskOf(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, counter) =>
    createHash('sha256')
      .update(seed)
      .update(Buffer.from([0, 0, 0, counter]))
      .digest(),
  );
  return Buffer.concat(blocks, length);
}

function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << 1100n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** 3n <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}

test('Ed25519 verifies pure and prehashed signatures, each as what it is', async () => {
  const key = read(ed);
  const pure = sign(null, message, ed.privateKey);
  const seed = ed.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const prehashed = ed25519ph.sign(message, new Uint8Array(seed));
  assert.ok(verifySignature(key, message, pure));
  assert.ok(!verifySignature(key, message, prehashed));
  assert.ok(await verifyAnyForm(key, message, pure));
  assert.ok(await verifyAnyForm(key, message, prehashed));
  assert.ok(!(await verifyAnyForm(key, other, prehashed)));
  assert.ok(!(await verifyAnyForm(key, message, prehashed.subarray(1))));
  assert.ok(await verifySignatureOfDigest(key, digestOf('sha512'), prehashed));
  assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha512'), pure)));
  assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha256'), prehashed)));
  const { sign: signDigest } = await loadEd25519ph();
  const other256 = signDigest(digestOf('sha256').value, new Uint8Array(seed));
  assert.ok(!(await verifySignatureOfDigest(key, digestOf('sha256'), other256)));
});

test('Ed25519ph is that of RFC 8032, 7.3', async () => {
  const secret = Buffer.from('833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42', 'hex');
  const signature = Buffer.from(
    '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41' +
      '31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
    'hex',
  );
  const point = Buffer.from(ed25519ph.getPublicKey(new Uint8Array(secret)));
  const key = readPublicKey(derSequence(derSequence(derOid('1.3.101.112')), derBitString(point)));
  assert.ok(await verifySignatureOfDigest(key, digestOf('sha512', Buffer.from('abc')), signature));
});
