import assert from 'node:assert/strict';
import test from 'node:test';
import { LangError } from '../../../lang/error.ts';
import { contextOf, expressionOf, pathsInConditions, valueAt } from './condition-context.ts';

const cases: readonly (readonly [text: string, paths: readonly string[]])[] = [
  ['no variable', []],
  ['{{ request.object.metadata.name }}', ['request.object.metadata.name']],
  ['{{ a.b }} and {{ c }}', ['a.b', 'c']],
  ["{{ regex_match('^x$', '{{ builder.id }}') }}", ['builder.id']],
  ['{{ keys.data.{{ request.namespace }} }}', ['keys.data', 'request.namespace']],
  ['{{ request.object.spec.containers[{{ index }}].image }}', ['index', 'request.object.spec.containers']],
  ['{{ a."{{ b }}".c }}', ['a', 'b']],
  ['{{ {{ a }} }}', ['', 'a']],
  ['{{ {{ a }} b }}', ['', 'a']],
  ["{{ matches[].cvss[?score > '8.0'][] | length(@) }}", ['matches']],
  ['{{ @ }}', ['']],
  ['\\{{ a }}', []],
];

for (const [text, paths] of cases) {
  test(`pathsInConditions(${text})`, () => {
    const found = pathsInConditions([{ all: [{ key: text, operator: 'Equals', value: 1 }] }]);
    assert.deepEqual([...new Set(found.map((path) => path.join('.')))].sort(), paths);
  });
}

test('what cannot be read is an error, wherever it stands', () => {
  for (const text of ['{{ a', '{{ a[ }}', "{{ '{{ b[ }}' }}"])
    assert.throws(() => pathsInConditions({ [text]: 1 }), LangError);
});

const whole = { request: { object: { a: { b: 1, c: 2 } }, name: 'n' }, keys: { x: [1], y: null } };

const contexts: readonly (readonly [paths: readonly string[], context: unknown])[] = [
  [['request.object.a.b'], { request: { object: { a: { b: 1 } } } }],
  [['request.object.a.b', 'request.name'], { request: { name: 'n', object: { a: { b: 1 } } } }],
  [['request.object.a', 'request.object.a.b'], { request: { object: { a: { b: 1, c: 2 } } } }],
  [['request.object.a.b', 'request.object.a'], { request: { object: { a: { b: 1, c: 2 } } } }],
  [['keys.x', 'keys.y', 'keys.z.w'], { keys: { x: [1] } }],
  [['predicate.field'], undefined],
  [['request.nothing'], {}],
  [[''], whole],
  [[], undefined],
];

for (const [paths, context] of contexts) {
  test(`contextOf(${paths.join()})`, () => {
    const asked = paths.map((path) => (path === '' ? [] : path.split('.')));
    assert.deepEqual(
      contextOf(asked, ['request', 'keys'], (path) => valueAt(whole, path)),
      context,
    );
  });
}

test('expressionOf() takes every name as it is', () => {
  assert.equal(expressionOf(['a-b', 'c"d', 'e.f']), String.raw`"a-b"."c\"d"."e.f"`);
});
