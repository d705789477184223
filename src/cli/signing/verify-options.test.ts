import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnnotations } from './verify-options.ts';

test('readAnnotations() reads pairs, several in one text, the last of a name', () => {
  for (const [texts, wanted] of [
    [[], []],
    [['a=b'], [['a', 'b']]],
    [['a=b=c'], [['a', 'b=c']]],
    [['a='], [['a', '']]],
    [
      ['a=1,b=2', 'c=3'],
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    [['a=1', 'a=2'], [['a', '2']]],
    [['__proto__=x'], [['__proto__', 'x']]],
  ] as const) {
    assert.deepEqual([...readAnnotations(texts)], wanted);
  }
});

test('readAnnotations() refuses what names nothing', () => {
  for (const text of ['', 'a', '=b', 'a=1,', 'a=1,b']) {
    assert.throws(() => readAnnotations([text]), { code: 'SETTING_INVALID' }, text);
  }
});
