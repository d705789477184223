import assert from 'node:assert/strict';
import test from 'node:test';
import { oneLine } from './one-line.ts';

for (const [text, most, expected] of [
  ['plain words', 20, 'plain words'],
  ['  a\r\n\tb \u202e c\u2028d\u0000 ', 20, 'a b c d'],
  ['\ud800x', 20, 'x'],
  ['abcdef', 3, 'abc…'],
] as const) {
  test(`oneLine() makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
    assert.equal(oneLine(text, most), expected);
  });
}
