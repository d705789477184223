import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CodecError } from '../error.ts';
import { parseStrictJson } from './parse.ts';

test('parseStrictJson() reads every JSON document as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.deepEqual(parseStrictJson(Buffer.from(text)), JSON.parse(text));
    }),
  );
  assert.deepEqual(parseStrictJson(Buffer.from('{"a":{"a":[{"a":1},{"a":2}],"b\\"":"a"},"c":"a","a ":"\\\\"}')), {
    a: { a: [{ a: 1 }, { a: 2 }], 'b"': 'a' },
    c: 'a',
    'a ': '\\',
  });
});

test('parseStrictJson() refuses what readers may understand differently', () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061" :2}',
    '[{"x":{"y":1,"z":2,"y":{}}}]',
    '{"__proto__":1,"__proto__":2}',
    '',
    '{"a":1} x',
    '\uFEFF{}',
    '"',
    '{"a',
    "{'a':1}",
  ]) {
    assert.throws(() => parseStrictJson(Buffer.from(text)), CodecError, text);
  }
  assert.throws(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22])), CodecError);
});

test('parseStrictJson() stops at a depth, and takes no names from strings', () => {
  const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
  assert.ok(parseStrictJson(nested(10), 10));
  assert.throws(() => parseStrictJson(nested(11), 10), { code: 'LIMIT_EXCEEDED' });
  assert.throws(() => parseStrictJson(Buffer.from('['.repeat(5_000_000))), { code: 'LIMIT_EXCEEDED' });
  assert.ok(parseStrictJson(Buffer.from(JSON.stringify(['['.repeat(1000), '{"a":1,"a":2}']))));
});

test('parseStrictJson() survives hostile bytes', () => {
  assertSurvives(['{"a":[1,{"b":"c\\"d"}],"e":null}'], (bytes) => parseStrictJson(bytes));
});
