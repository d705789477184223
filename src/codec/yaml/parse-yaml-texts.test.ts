import assert from 'node:assert/strict';
import test from 'node:test';
import { parseYamlTexts } from './parse-yaml-texts.ts';

test('parseYamlTexts() leaves scalars as they are written', () => {
  assert.deepEqual(parseYamlTexts('a: 1.10\nb: yes\nc: {d: null, e: [010, "x"]}\n', 8), {
    value: { a: '1.10', b: 'yes', c: { d: 'null', e: ['010', 'x'] } },
  });
});

for (const [what, text] of [
  ['an alias', 'a: &x [1]\nb: *x\n'],
  ['what nests too deep', `a: ${'['.repeat(20)}${']'.repeat(20)}\n`],
  ['what is no YAML', 'a: [\n'],
  ['a name that stands twice', 'a: 1\na: 2\n'],
] as const) {
  test(`parseYamlTexts() refuses ${what}, and says where`, () => {
    const { mistake } = parseYamlTexts(text, 8);
    assert.ok(mistake !== undefined && mistake.line >= 1 && mistake.sentence !== '');
  });
}

test('parseYamlTexts() makes no prototype of a name', () => {
  const { value } = parseYamlTexts('__proto__: {polluted: 1}\n', 8);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});
