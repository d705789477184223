import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CodecError } from '../error.ts';
import { cborLimits } from './limits.ts';
import { readCbor } from './read.ts';
import { CborTag, type CborValue } from './value.ts';
import { encodeCbor } from './write.ts';

const tagged = (number: bigint, value: CborValue): CborTag => new CborTag(number, value);

/** Examples of RFC 8949, appendix A, that stay within what is read here. */
const examples: readonly (readonly [string, CborValue])[] = [
  ['00', 0n],
  ['17', 23n],
  ['1818', 24n],
  ['1903e8', 1000n],
  ['1a000f4240', 1_000_000n],
  ['1b000000e8d4a51000', 1_000_000_000_000n],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
  ['20', -1n],
  ['3863', -100n],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['c11a514b67b0', tagged(1n, 1_363_896_240n)],
  ['d74401020304', tagged(23n, Buffer.from([1, 2, 3, 4]))],
  ['40', Buffer.alloc(0)],
  ['60', ''],
  ['62225c', '"\\'],
  ['64f0908591', '\u{10151}'],
  ['83010203', [1n, 2n, 3n]],
  ['8301820203820405', [1n, [2n, 3n], [4n, 5n]]],
  ['a201020304', new Map([[1n, 2n], [3n, 4n]])], // prettier-ignore
  ['a26161016162820203', new Map<string, CborValue>([['a', 1n], ['b', [2n, 3n]]])], // prettier-ignore
];

test('readCbor() and encodeCbor() agree with the examples of RFC 8949', () => {
  for (const [hex, value] of examples) {
    assert.deepEqual(readCbor(Buffer.from(hex, 'hex')), value, hex);
    assert.equal(encodeCbor(value).toString('hex'), hex);
  }
});

const refused: Readonly<Record<string, readonly [string, string]>> = {
  nothing: ['', 'TRUNCATED'],
  'a number that is cut off': ['19', 'TRUNCATED'],
  'bytes that are cut off': ['4201', 'TRUNCATED'],
  'a list that is cut off': ['8201', 'TRUNCATED'],
  'a list of more than there can be': ['9bffffffffffffffff', 'TRUNCATED'],
  'a map of more than there can be': ['bbffffffffffffffff', 'TRUNCATED'],
  'a text of more than there can be': ['7bffffffffffffffff', 'TRUNCATED'],
  'something behind the value': ['0000', 'MALFORMED'],
  'a number that is too long by one byte': ['1817', 'MALFORMED'],
  'a number that is too long by two bytes': ['190018', 'MALFORMED'],
  'a number that is too long by four bytes': ['1a0000ffff', 'MALFORMED'],
  'a number that is too long by eight bytes': ['1b00000000ffffffff', 'MALFORMED'],
  'a length that is too long': ['580141', 'MALFORMED'],
  'bytes of indefinite length': ['5f4101ff', 'MALFORMED'],
  'a list of indefinite length': ['9f01ff', 'MALFORMED'],
  'a map of indefinite length': ['bf0101ff', 'MALFORMED'],
  'a reserved length': ['1c', 'MALFORMED'],
  'a label twice': ['a201020103', 'MALFORMED'],
  'a text label twice': ['a2616101616102', 'MALFORMED'],
  'bytes as a label': ['a1410101', 'MALFORMED'],
  'a list as a label': ['a18001', 'MALFORMED'],
  'a text that is not UTF-8': ['61ff', 'MALFORMED'],
  'half a surrogate': ['63eda080', 'MALFORMED'],
  'a half float': ['f93c00', 'UNSUPPORTED'],
  'a double': ['fb3ff199999999999a', 'UNSUPPORTED'],
  undefined: ['f7', 'UNSUPPORTED'],
  'a simple value': ['f818', 'UNSUPPORTED'],
  'a break': ['ff', 'UNSUPPORTED'],
};

for (const [name, [hex, code]] of Object.entries(refused)) {
  test(`readCbor() refuses ${name}`, () => {
    assert.throws(
      () => readCbor(Buffer.from(hex, 'hex')),
      (error) => error instanceof CodecError && error.code === code,
    );
  });
}

test('readCbor() has caps on size, depth and count', () => {
  const exceeds = (bytes: Buffer): void =>
    assert.throws(
      () => readCbor(bytes),
      (error) => error instanceof CodecError && error.code === 'LIMIT_EXCEEDED',
    );
  const nested = (levels: number, byte: number): Buffer => Buffer.concat([Buffer.alloc(levels, byte), Buffer.alloc(1)]);
  for (const byte of [0x81, 0xc1]) {
    readCbor(nested(cborLimits.depth, byte));
    exceeds(nested(cborLimits.depth + 1, byte));
    exceeds(nested(100_000, byte));
  }
  const list = (count: number): Buffer => encodeCbor(Array.from({ length: count }, () => 0n));
  readCbor(list(cborLimits.values - 1));
  exceeds(list(cborLimits.values));
  exceeds(Buffer.alloc(cborLimits.documentBytes + 1));
});

const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }), fc.string()), tie('value')), {
        maxLength: 5,
      })
      .map((entries) => new Map(entries)),
    fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), tie('value')).map(([number, value]) => tagged(number, value)),
  ),
})).value;

test('what encodeCbor() writes, readCbor() reads', () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encodeCbor(value);
      assert.deepEqual(readCbor(bytes), value);
    }),
  );
});

test('readCbor() survives hostile bytes', () => {
  assertSurvives(
    examples.map(([hex]) => Buffer.from(hex, 'hex')),
    (bytes) => readCbor(bytes),
  );
});
