import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, canonicalTufJson } from './canonical.ts';

test('canonicalJson() writes the example of RFC 8785, 3.2.2', () => {
  const value = {
    numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]') as unknown,
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  const expected =
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
  assert.equal(canonicalJson(value), expected);
});

test('canonicalJson() orders names by UTF-16 units and leaves undefined out (RFC 8785, 3.2.3)', () => {
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '\u0080': 5,
    '\u00f6': 6,
    '\ud83d\ude00': 7,
    gone: undefined,
  };
  const names = Object.keys(JSON.parse(canonicalJson(value)) as object);
  assert.deepEqual(names, ['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
});

test('canonicalJson() means the same as before', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('canonicalTufJson() escapes quotes and backslashes alone', () => {
  assert.equal(canonicalTufJson({ b: 'line\nbreak', a: '"\\' }), '{"a":"\\"\\\\","b":"line\nbreak"}');
});
