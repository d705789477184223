import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts';

const cases: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ['0', '0'],
  ['1', '1'],
  ['+1', '1'],
  ['-1', '-1'],
  ['100Mi', '100Mi'],
  ['1024Mi', '1Gi'],
  ['1025Mi', '1025Mi'],
  ['1023', '1023'],
  ['1024Ki', '1Mi'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['5.', '5'],
  ['250m', '250m'],
  ['1000m', '1'],
  ['1e3', '1e3'],
  ['1E3', '1e3'],
  ['12e6', '12e6'],
  ['1k', '1k'],
  ['1000', '1k'],
  ['2000000000', '2G'],
  ['1.5Gi', '1536Mi'],
  ['0.1Ki', '102400m'],
  ['1E', '1E'],
  ['1Ei', '1Ei'],
  ['0.0000000001', '1n'],
  ['1u', '1u'],
  ['', undefined],
  ['.', undefined],
  ['Mi', undefined],
  ['1K', undefined],
  ['1ki', undefined],
  ['1 Mi', undefined],
  ['1e', undefined],
  ['1e1.5', undefined],
  ['1h', undefined],
  ['0x10', undefined],
  ['1e999', undefined],
];

for (const [text, canonical] of cases) {
  test(`parseQuantity(${JSON.stringify(text)})`, () => {
    const found = parseQuantity(text);
    assert.equal(found === undefined ? undefined : formatQuantity(found), canonical);
  });
}

test('quantities are compared by what they are worth', () => {
  const ordered = ['-1Gi', '-1', '0', '1n', '1m', '0.5', '1', '1k', '1Ki', '1M', '1Mi', '1e9', '1Gi', '1Ei'];
  const read = ordered.map((text) => parseQuantity(text) as Quantity);
  for (const [at, left] of read.entries()) {
    for (const [other, right] of read.entries())
      assert.equal(Math.sign(compareQuantities(left, right)), Math.sign(at - other));
  }
  assert.equal(compareQuantities(parseQuantity('1000m') as Quantity, parseQuantity('1') as Quantity), 0);
});

test('a quantity that was written is read as the same', () => {
  const quantity = fc.record({
    nano: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    format: fc.constantFrom('decimal' as const, 'binary' as const, 'exponent' as const),
  });
  fc.assert(
    fc.property(quantity, (one) => {
      assert.equal(parseQuantity(formatQuantity(one))?.nano, one.nano);
    }),
  );
});
