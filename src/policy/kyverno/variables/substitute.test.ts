import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { LangError } from '../../../lang/error.ts';
import { compileJmespath, type JmespathEnvironment } from '../../../lang/jmespath/evaluate.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { kyvernoFunctions } from '../function/list.ts';
import { usualNaming } from '../image-name.ts';
import { substitute } from './substitute.ts';
import { compileTemplate } from './template.ts';

const environment: JmespathEnvironment = { functions: kyvernoFunctions(usualNaming), now: () => 0, random: () => 0 };

function filled(template: unknown, document: unknown): JsonValue {
  return substitute(template as JsonValue, (expression) =>
    compileJmespath(expression).search(document as JsonValue, environment),
  );
}

const document = {
  name: 'web',
  count: 3,
  list: ['a', 'b'],
  labels: { 'a.b/c': 'x' },
  key: 'a.b/c',
  at: 1,
  builder: { id: "it's\\" },
  evil: "' || 'x",
  worse: "\\' || name || '",
  template: '{{ name }}',
  tick: '`',
};

const cases: readonly (readonly [template: unknown, expected: unknown])[] = [
  ['plain', 'plain'],
  ['{{ name }}', 'web'],
  ['{{name}}', 'web'],
  ['{{ count }}', 3],
  ['{{ list }}', ['a', 'b']],
  ["{{ none || '' }}", ''],
  ['{{ none || `null` || count }}', 3],
  ['a-{{ name }}-{{ count }}', 'a-web-3'],
  ['{{ list }}!', '["a","b"]!'],
  [String.raw`\{{ name }}`, '{{ name }}'],
  [
    { a: ['{{ name }}'], '{{ name }}': 1 },
    { a: ['web'], web: 1 },
  ],
  ['{{ {a: name} }}', { a: 'web' }],
  ['{{ {a: {b: name}} }}', { a: { b: 'web' } }],
  ["{{ '}}' }}", '}}'],
  ['{{ `{"a": "}}"}` }}', { a: '}}' }],
  ["{{ regex_match('^[a-z]{3}$', name) }}", true],
  ["{{ regex_match('^w', '{{ name }}') }}", true],
  ["{{ '{{ name }}-{{ count }}' }}", 'web-3'],
  ["{{ '{{ list }}' }}", '["a","b"]'],
  ['{{ labels."{{ key }}" }}', 'x'],
  ['{{ list[{{ at }}] }}', 'b'],
  ['{{ {{ template_name || `"name"` }} }}', 'web'],
  ['{{ `{{ list }}` }}', ['a', 'b']],
  ['{{ `"{{ evil }}"` }}', "' || 'x"],
  ["{{ '{{ builder.id }}' }}", "it's\\"],
  ["{{ '{{ evil }}' }}", "' || 'x"],
  ["{{ '{{ worse }}' }}", "\\' || name || '"],
  ["{{ '{{ tick }}' }}", '`'],
  ["{{ '\\'{{ name }}' }}", "'web"],
  // What a variable gives is no template.
  ['{{ template }}', '{{ name }}'],
  ["{{ '{{ template }}' }}", '{{ name }}'],
];

for (const [template, expected] of cases) {
  test(JSON.stringify(template), () => assert.deepEqual(filled(template, document), expected));
}

describe('what cannot be', () => {
  const wrong: readonly (readonly [template: string, code: string])[] = [
    ['{{ name', 'SYNTAX'],
    ["{{ 'name }}", 'SYNTAX'],
    ['{{ }}', 'SYNTAX'],
    ['{{ name ||| }}', 'SYNTAX'],
    ['{{ labels.{{ key }} }}', 'EVALUATION'],
    ['{{ {{ evil }} }}', 'EVALUATION'],
    ['{{ none }}', 'EVALUATION'],
    ['{{ none }}!', 'EVALUATION'],
    ["{{ '{{ none }}' }}", 'EVALUATION'],
    ['{{'.repeat(20), 'LIMIT_EXCEEDED'],
  ];
  for (const [template, code] of wrong) {
    test(template, () => assert.throws(() => filled(template, document), { name: 'LangError', code }));
  }
});

test('compileTemplate() looks into names and values', () => {
  assert.equal(compileTemplate({ a: [{ b: '{{ x }}' }] }).isFixed, false);
  assert.equal(compileTemplate({ '{{ x }}': 1 }).isFixed, false);
  assert.equal(compileTemplate({ a: ['{ x }'] }).isFixed, true);
});

test('compileTemplate() tells expressions that never change', () => {
  const { expressions } = compileTemplate({ a: "{{ x }}-{{ f('{{ y }}') }}", b: ['{{ z.`"a"` }}'] });
  assert.deepEqual(expressions, ['x', 'y', 'z.`"a"`']);
});

test('a text stays one text within an expression, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(filled("{{ '{{ x }}' }}", { x: text }), text);
      if (text !== 'x') assert.equal(filled('{{ "{{ x }}" }}', { x: text, [text]: 1 }), 1);
    }),
  );
});

test('whatever stands in braces gives a value or a LangError', () => {
  const piece = fc.constantFrom('{{', '}}', '{', '}', "'", '"', '`', '\\', ' ', 'x', '.', '||', '[0]');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.string(), (pieces, x) => {
      try {
        filled(pieces.join(''), { x });
      } catch (error) {
        assert.ok(error instanceof LangError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
