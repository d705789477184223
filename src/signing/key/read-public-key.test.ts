import assert from 'node:assert/strict';
import { createECDH, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { derTag } from '../../codec/der/tag.ts';
import { derBitString, derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { CodecError, type CodecErrorCode } from '../../codec/error.ts';
import { keyHint } from './key-hint.ts';
import { readPublicKey } from './read-public-key.ts';
import { isSmallOrder } from './small-order.ts';

function spkiOf(pair: ReturnType<typeof generateKeyPairSync>): Buffer {
  return (pair.publicKey as unknown as { export(how: object): Buffer }).export({ type: 'spki', format: 'der' });
}

const keys = {
  'ecdsa-p256': spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  'ecdsa-p384': spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  'ecdsa-p521': spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed25519: spkiOf(generateKeyPairSync('ed25519')),
  rsa: spkiOf(generateKeyPairSync('rsa', { modulusLength: 2048 })),
};

const oids = { ec: '1.2.840.10045.2.1', p256: '1.2.840.10045.3.1.7', rsa: '1.2.840.113549.1.1.1', ed: '1.3.101.112' };
const nothing = derValue(derTag.null);
const rsaAlgorithm = derSequence(derOid(oids.rsa), nothing);
const odd = (bits: number): bigint => (1n << BigInt(bits - 1)) + 1n;

function rsa(modulus: bigint, exponent: bigint, parameters: Buffer = nothing): Buffer {
  const numbers = derSequence(derInteger(modulus), derInteger(exponent));
  return derSequence(derSequence(derOid(oids.rsa), parameters), derBitString(numbers));
}

function curve(parameters: Buffer, point: Buffer): Buffer {
  return derSequence(derSequence(derOid(oids.ec), parameters), derBitString(point));
}

function edwards(point: Buffer, ...parameters: Buffer[]): Buffer {
  return derSequence(derSequence(derOid(oids.ed), ...parameters), derBitString(point));
}

test('readPublicKey() reads the kinds of keys that sign', () => {
  const bits = { 'ecdsa-p256': 256, 'ecdsa-p384': 384, 'ecdsa-p521': 521, ed25519: 256, rsa: 2048 };
  for (const [type, spki] of Object.entries(keys)) {
    const key = readPublicKey(spki);
    assert.equal(key.type, type);
    assert.equal(key.bits, bits[key.type]);
    assert.deepEqual(key.spki, spki);
    assert.deepEqual(key.key.export({ type: 'spki', format: 'der' }), spki);
  }
  assert.equal(readPublicKey(rsa(odd(2048), 3n)).bits, 2048);
  assert.equal(readPublicKey(rsa(odd(16_384), 65_537n)).bits, 16_384);
});

test('readPublicKey() does not see later changes of the bytes it was given', () => {
  const spki = Buffer.from(keys.ed25519);
  const key = readPublicKey(spki);
  spki.fill(0);
  assert.deepEqual(key.spki, keys.ed25519);
});

test('readPublicKey() refuses other keys and other spellings of keys', () => {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const offCurve = Buffer.from(point);
  offCurve[64] = (offCurve[64] as number) ^ 1;
  const generator = createECDH('prime256v1');
  generator.setPrivateKey(Buffer.from('01'.padStart(64, '0'), 'hex'));
  const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' });
  const ed = keys.ed25519.subarray(-32);
  const trailing = Buffer.concat([keys.rsa, Buffer.from([0])]);
  const cases: readonly (readonly [string, Buffer, CodecErrorCode])[] = [
    ['explicit curve', spkiOf(explicit), 'UNSUPPORTED'],
    ['no curve', curve(nothing, point), 'UNSUPPORTED'],
    ['P-224', spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-224' })), 'UNSUPPORTED'],
    ['secp256k1', spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })), 'UNSUPPORTED'],
    ['compressed', curve(derOid(oids.p256), ecdh.getPublicKey(null, 'compressed')), 'UNSUPPORTED'],
    ['hybrid', curve(derOid(oids.p256), ecdh.getPublicKey(null, 'hybrid')), 'MALFORMED'],
    ['infinity', curve(derOid(oids.p256), Buffer.from([0])), 'MALFORMED'],
    ['off the curve', curve(derOid(oids.p256), offCurve), 'MALFORMED'],
    ['point too long', curve(derOid(oids.p256), Buffer.concat([point, Buffer.from([0])])), 'MALFORMED'],
    ['Ed448', spkiOf(generateKeyPairSync('ed448')), 'UNSUPPORTED'],
    ['X25519', spkiOf(generateKeyPairSync('x25519')), 'UNSUPPORTED'],
    ['Ed25519 with NULL', edwards(ed, nothing), 'MALFORMED'],
    ['Ed25519 of 31 bytes', edwards(ed.subarray(1)), 'MALFORMED'],
    ['Ed25519 of order 1', edwards(Buffer.from('01'.padEnd(64, '0'), 'hex')), 'UNSUPPORTED'],
    ['Ed25519 of order 4', edwards(Buffer.alloc(32)), 'UNSUPPORTED'],
    ['DSA', spkiOf(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })), 'UNSUPPORTED'],
    ['RSA-PSS alone', spkiOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 })), 'UNSUPPORTED'],
    ['RSA of 2047 bits', rsa(odd(2047), 65_537n), 'UNSUPPORTED'],
    ['RSA of 1024 bits', spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 })), 'UNSUPPORTED'],
    ['RSA of 16,385 bits', rsa(odd(16_385), 65_537n), 'UNSUPPORTED'],
    ['even modulus', rsa(odd(2048) + 1n, 65_537n), 'MALFORMED'],
    ['negative modulus', rsa(-odd(2048), 65_537n), 'MALFORMED'],
    ['exponent 1', rsa(odd(2048), 1n), 'UNSUPPORTED'],
    ['exponent 2', rsa(odd(2048), 2n), 'UNSUPPORTED'],
    ['exponent 65538', rsa(odd(2048), 65_538n), 'UNSUPPORTED'],
    ['exponent of 33 bits', rsa(odd(2048), 0x1_00_00_00_01n), 'UNSUPPORTED'],
    ['negative exponent', rsa(odd(2048), -3n), 'UNSUPPORTED'],
    [
      'three numbers',
      derSequence(rsaAlgorithm, derBitString(derSequence(...[odd(2048), 3n, 1n].map(derInteger)))),
      'MALFORMED',
    ],
    ['two parameters', curve(Buffer.concat([derOid(oids.p256), nothing]), point), 'MALFORMED'],
    ['no NULL', derSequence(derSequence(derOid(oids.rsa)), derBitString(keys.rsa)), 'MALFORMED'],
    ['NULL with content', rsa(odd(2048), 3n, Buffer.from([5, 1, 0])), 'MALFORMED'],
    ['bytes after the end', trailing, 'MALFORMED'],
    ['cut off', keys.rsa.subarray(0, -1), 'TRUNCATED'],
    ['three parts', derSequence(derSequence(derOid(oids.ed)), derBitString(ed), nothing), 'MALFORMED'],
    ['empty', Buffer.alloc(0), 'TRUNCATED'],
  ];
  for (const [name, bytes, code] of cases) {
    assert.throws(
      () => readPublicKey(bytes),
      (error) =>
        error instanceof CodecError &&
        error.code === code &&
        (error.cause === undefined) === (name !== 'off the curve'),
      name,
    );
  }
});

test('isSmallOrder() knows the points that noble calls so, and no other', () => {
  const p = 2n ** 255n - 19n;
  const little = (y: bigint): Buffer => Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  const torsion = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  let point = ed25519.Point.ZERO;
  for (let multiple = 0; multiple < 8; multiple += 1) {
    assert.ok(isSmallOrder(point.toBytes()), String(multiple));
    assert.ok(point.isSmallOrder());
    point = point.add(torsion);
  }
  for (const unreduced of [p, p + 1n, p + (1n << 255n), p + 1n + (1n << 255n)]) {
    assert.ok(isSmallOrder(little(unreduced)));
  }
  assert.ok(!isSmallOrder(keys.ed25519.subarray(-32)));
  assert.ok(!isSmallOrder(ed25519.Point.BASE.toBytes()));
});

test('keyHint() is what cosign writes into bundles', () => {
  const spki =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/gOomHt4FPB49OjtJpFC665VuBzOaCqU7yGb6e9/p+iKpoJaCfqBB0bQCjq8u1wiHGudPk+/owpu38HP2/3sjw==';
  assert.equal(keyHint(readPublicKey(Buffer.from(spki, 'base64'))), 'KlGHOfWU09MCs6phez+deHJFsiPwZMdJ6mBTGpYi6no=');
});

test('readPublicKey() survives hostile bytes', () => {
  assertSurvives(Object.values(keys), readPublicKey, (key) => {
    assert.deepEqual(key.key.export({ type: 'spki', format: 'der' }), key.spki);
  });
});
