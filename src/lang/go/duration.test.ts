import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatGoDuration, parseGoDuration } from './duration.ts';

const read: readonly (readonly [text: string, nanoseconds: bigint | undefined])[] = [
  ['0', 0n],
  ['0s', 0n],
  ['1h30m', 5_400_000_000_000n],
  ['-1.5s', -1_500_000_000n],
  ['+5m', 300_000_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['1us', 1000n],
  ['1µs', 1000n],
  ['1μs', 1000n],
  ['100ms', 100_000_000n],
  ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n],
  ['-2562047h47m16.854775808s', -9_223_372_036_854_775_808n],
  ['2562047h47m16.854775808s', undefined],
  ['', undefined],
  ['-', undefined],
  ['1', undefined],
  ['1d', undefined],
  ['.s', undefined],
  ['1h 30m', undefined],
  ['1H', undefined],
  ['--1s', undefined],
];

for (const [text, nanoseconds] of read) {
  test(`parseGoDuration(${JSON.stringify(text)})`, () => assert.equal(parseGoDuration(text), nanoseconds));
}

const written: readonly (readonly [nanoseconds: bigint, text: string])[] = [
  [0n, '0s'],
  [1n, '1ns'],
  [1100n, '1.1µs'],
  [2_200_000n, '2.2ms'],
  [3_300_000_000n, '3.3s'],
  [245_000_000_000n, '4m5s'],
  [245_001_000_000n, '4m5.001s'],
  [18_367_001_000_000n, '5h6m7.001s'],
  [480_000_000_001n, '8m0.000000001s'],
  [-9_223_372_036_854_775_808n, '-2562047h47m16.854775808s'],
];

for (const [nanoseconds, text] of written) {
  test(`formatGoDuration(${nanoseconds})`, () => assert.equal(formatGoDuration(nanoseconds), text));
}

test('a duration that was written is read as the same', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (nanoseconds) => {
      assert.equal(parseGoDuration(formatGoDuration(nanoseconds)), nanoseconds);
    }),
  );
});
