import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { CatalogError } from '../error.ts';
import { cleanText, cleanTexts, readIdentity, tryIdentity } from './text.ts';

const texts: readonly (readonly [unknown, string | undefined])[] = [
  ['left-pad', 'left-pad'],
  ['  1.0.0\r\n', '1.0.0'],
  ['é 漢 🙂', 'é 漢 🙂'],
  ['a'.repeat(20), 'a'.repeat(20)],
  ['a'.repeat(21), undefined],
  [`${' '.repeat(200)}a`, undefined],
  ['', undefined],
  [' \t', undefined],
  ['a\u0000b', undefined],
  ['a\nb', undefined],
  ['\u001B[31mred', undefined],
  ['a\u009Bb', undefined],
  ['a\u202Eb', undefined],
  ['a\u2066b', undefined],
  ['a\u2028b', undefined],
  ['\uD800', undefined],
  [1, undefined],
  [null, undefined],
  [{ toString: () => 'a' }, undefined],
];

for (const [value, expected] of texts) {
  test(`cleanText() makes ${JSON.stringify(expected)} of ${JSON.stringify(value)?.slice(0, 40)}`, () => {
    assert.equal(cleanText(value, 20), expected);
  });
}

test('cleanText() gives only what percent-encoding can write', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (value) => {
      const text = cleanText(value, 20);
      if (text === undefined) return;
      assert.equal(decodeURIComponent(encodeURIComponent(text)), text);
      assert.equal(text, text.trim());
    }),
  );
});

test('cleanTexts() keeps each text once and stops at the count', () => {
  assert.deepEqual(cleanTexts(['a', 'b', 'a', null, 'c', 'd'], 10, 3), ['a', 'b', 'c']);
});

test('readIdentity() tells what is absent from what is unusable', () => {
  assert.deepEqual(readIdentity('a', '1'), { name: 'a', version: '1' });
  assert.equal(readIdentity('a', ''), undefined);
  assert.equal(readIdentity(undefined, '1'), undefined);
  assert.equal(readIdentity(null, 7), undefined);
  for (const [name, version] of [
    ['a', 7],
    [['a'], '1'],
    ['a\u0007', '1'],
    ['a', 'v'.repeat(201)],
    ['n'.repeat(501), '1'],
  ]) {
    assert.throws(
      () => readIdentity(name, version),
      (error) => error instanceof CatalogError && error.code === 'MALFORMED',
    );
    assert.equal(tryIdentity(name, version), undefined);
  }
});
