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

/** Members as they are written, of which some have the same name. */
type Written = string | readonly Written[] | { readonly members: readonly (readonly [string, Written])[] };

function write(value: Written): string {
  if (typeof value === 'string') return value;
  if (!('members' in value)) return `[${value.map(write).join()}]`;
  return `{${value.members.map(([name, each]) => `${name} :${write(each)}`).join()}}`;
}

function repeats(value: Written): boolean {
  if (typeof value === 'string') return false;
  if (!('members' in value)) return value.some(repeats);
  const names = value.members.map(([name]) => JSON.parse(name) as string);
  return new Set(names).size < names.length || value.members.some(([, each]) => repeats(each));
}

test('parseStrictJson() refuses exactly those documents in which some object has a name twice', () => {
  const name = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"', '""', '"\\":"', '"{"');
  const { value } = fc.letrec<{ value: Written }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('1', '"a"', '"a\\":"', 'null'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((members) => ({ members })),
    ),
  }));
  fc.assert(
    fc.property(value, (each) => {
      const text = write(each);
      const read = (): unknown => parseStrictJson(Buffer.from(text));
      if (repeats(each)) assert.throws(read, { code: 'MALFORMED', message: /twice/ });
      else assert.deepEqual(read(), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
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
