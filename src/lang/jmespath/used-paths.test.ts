import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileJmespath } from './evaluate.ts';
import { functionTable } from './function/declare.ts';
import { standardFunctions } from './function/standard.ts';
import { usedPaths, type UsedPath } from './used-paths.ts';
import { isObject, type JsonValue, objectOf } from './value.ts';

const cases: readonly (readonly [expression: string, paths: readonly string[]])[] = [
  ['a', ['a']],
  ['a.b.c', ['a.b.c']],
  ['"a-b".c', ['a-b.c']],
  ['@', ['']],
  ['@.a', ['a']],
  ['`1`', []],
  ["'a'", []],
  ['a | b', ['a.b']],
  ['a[0].b', ['a']],
  ['a[*].b.c', ['a']],
  ['a[1:2]', ['a']],
  ['a.*.b', ['a']],
  ['*.b', ['']],
  ['a[].b[]', ['a']],
  ["a[?b.c == 'x'].d", ['a']],
  ["a[?b.c == 'x'].d || z.y", ['a', 'z.y']],
  ['a && b', ['a', 'b']],
  ['!a.b', ['a']],
  ['!(a.b)', ['a.b']],
  ['a.b == c', ['a.b', 'c']],
  ['[a.b, c]', ['a.b', 'c']],
  ['a.[b, c.d]', ['a.b', 'a.c.d']],
  ['a.{x: b, y: c}', ['a.b', 'a.c']],
  ['length(a.b)', ['a.b']],
  ['a.b | length(@)', ['a.b']],
  ['length(@)', ['']],
  ['max_by(a.b, &c.d)', ['a.b']],
  ['map(&c, a)', ['a']],
  ['(a || b).c', ['a', 'b']],
  ['a[0] | b', ['a']],
];

for (const [expression, paths] of cases) {
  test(`usedPaths(${expression})`, () => {
    const found = usedPaths(expression).map((path) => path.join('.'));
    assert.deepEqual([...new Set(found)].sort(), [...paths].sort());
  });
}

const names = fc.constantFrom('a', 'b', 'c');
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    names,
    fc.constantFrom('@', "'x'", '`[1]`', '*'),
    fc.tuple(tie('expression'), names).map(([left, name]) => `(${left}).${name}`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left}) | (${right})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left}) || (${right})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left}) == (${right})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left})[?${right}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left})[*].[${right}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `{x: ${left}, y: ${right}}`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `map(&(${left}), [${right}])`),
    tie('expression').map((left) => `(${left})[0]`),
    tie('expression').map((left) => `(${left})[]`),
    tie('expression').map((left) => `!(${left})`),
    tie('expression').map((left) => `type(${left})`),
  ),
}));
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    fc.constantFrom<JsonValue>(null, 1, 'x', false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3 }),
  ),
}));

test('an expression finds the same in what it uses as in the whole', () => {
  const environment = { functions: functionTable(standardFunctions), now: () => 0, random: () => 0 };
  fc.assert(
    fc.property(expression, fc.dictionary(names, value), (text, whole) => {
      const search = (given: JsonValue): string => {
        try {
          return JSON.stringify(compileJmespath(text).search(given, environment));
        } catch (error) {
          return String(error);
        }
      };
      const kept = keep(whole, usedPaths(text));
      assert.equal(search(kept), search(whole));
    }),
    { numRuns: 1000 },
  );
});

/** What is on some paths alone, in the same order. */
function keep(given: JsonValue, paths: readonly UsedPath[]): JsonValue {
  if (!isObject(given) || paths.some(({ length }) => length === 0)) return given;
  const members = Object.entries(given).flatMap(([name, member]) => {
    const further = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    return further.length === 0 ? [] : [[name, keep(member, further)] as const];
  });
  return objectOf(members);
}
