import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LangError } from '../error.ts';
import { compileCelExpression } from './compile.ts';

const many = Array.from({ length: 1000 }, (_, at) => at);
const values = { x: { text: 'foobar', list: ['b', 'a'], numbers: [1, 2.5], deep: { a: null } }, many };

const answers: readonly (readonly [text: string, value: unknown])[] = [
  ['x.text.matches("^fo+b")', true],
  ['x.text.matches("^o")', false],
  ['matches(x.text, "b.r$") && "a.b".matches(r"^a\\.b$")', true],
  ['x.list.join("-")', 'b-a'],
  ['x.list.join()', 'ba'],
  ['x.text.find("o+") + x.text.find("z")', 'oo'],
  ['"a1b22c".findAll("[0-9]+")', ['1', '22']],
  ['"a1b22c".findAll("[0-9]+", 1)', ['1']],
  ['"abcab".replace("ab", "-")', '-c-'],
  ['"abcab".replace("ab", "-", 1)', '-cab'],
  ['"abc".replace("", "-")', '-a-b-c-'],
  ['"abc".reverse() + "abc".charAt(1) + "abc".charAt(3)', 'cbab'],
  ['[3, 1, 2].sort()', [1n, 2n, 3n]],
  ['[1, 2].isSorted() && ![2, 1].isSorted()', true],
  ['[3, 1.5].min()', 1.5],
  ['[1, 2].max() + [1, 2].sum()', 5n],
  ['x.numbers.sum()', 3.5],
  ['[1, 2, 3].slice(1, 3).reverse()', [3n, 2n]],
  ['[[1], [2, 2]].flatten().distinct()', [1n, 2n]],
  ['[{"a": 1}, {"a": 1}].distinct().size()', 1n],
  ['x.?missing.?more.orValue("none")', 'none'],
  ['has(x.deep.a) && !has(x.deep.b)', true],
  ['timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T00:00:00Z") == duration("24h")', true],
  ['[timestamp("2026-01-02T00:00:00Z"), timestamp("2026-01-01T00:00:00Z")].min().getDate()', 1n],
  ['many.exists(each, each == 999)', true],
  ['cel.bind(n, x.numbers, n.size()) == 2', true],
];

for (const [text, value] of answers) {
  test(`an expression gives its value: ${text}`, () => {
    assert.deepEqual(compileCelExpression(text, ['x', 'many'])(values), value);
  });
}

const wrong: readonly (readonly [text: string, code: string, message: RegExp])[] = [
  ['x.text.matches("(")', 'EVALUATION', /is no regular expression/],
  ['x.text.matches(1)', 'EVALUATION', /string\.matches\(int\)/],
  ['[1, "a"].join()', 'EVALUATION', /something else than texts/],
  ['"abc".charAt(4)', 'EVALUATION', /outside/],
  ['[].max()', 'EVALUATION', /empty list/],
  ['[1, "a"].sort()', 'EVALUATION', /no order/],
  ['[1, "a"].sum()', 'EVALUATION', /numbers of one type/],
  ['[1].slice(0, 2)', 'EVALUATION', /outside/],
];

for (const [text, code, message] of wrong) {
  test(`an expression has no answer: ${text}`, () => {
    assert.throws(() => compileCelExpression(text, ['x'])(values), { name: 'LangError', code, message });
  });
}

/** Each makes a text or a list sixteen times as long as the one before. */
function grown(first: string): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const last = names.at(-1) ?? '';
  return names.reduceRight((within, name, at) => {
    const before = at === 0 ? first : Array.from({ length: 16 }, () => names[at - 1]).join('+');
    return `cel.bind(${name}, ${before}, ${within})`;
  }, `${last}.size() > 0`);
}

for (const text of [
  'many.all(a, many.all(b, many.all(c, true)))',
  'many.exists(a, many.exists(b, many == [a, b]))',
  'many.map(a, many.map(b, a)).size() > 1000',
  'many.all(a, many.all(b, !"aaaaaaaaaaaaaaaaaaaaaaaaaaaa".matches("(a?){28}a{28}b")))',
  grown('"aaaaaaaaaaaaaaaa"'),
  grown('[1, 2, 3, 4, 5, 6, 7, 8]'),
  'cel.bind(a, many.map(i, "aaaaaaaaaaaaaaaa").join(), a.replace("a", a).size() > 0)',
  'cel.bind(a, many.map(i, "aaaaaaaaaaaaaaaa").join(), many.map(i, "").join(a).size() > 0)',
]) {
  test(`an expression ends: ${text.slice(0, 80)}`, () => {
    for (const given of [text, `(${text}) || true`, `[true].exists(t, (${text}) || t)`]) {
      assert.throws(() => compileCelExpression(given, ['many'])(values), { code: 'LIMIT_EXCEEDED' }, given);
    }
  });
}

test('an expression pays for all that it compares', () => {
  const tree = (): object => Object.fromEntries(many.map((at) => [`m${at}`, { at }]));
  const condition = compileCelExpression('many.all(each, x == y)', ['many', 'x', 'y']);
  assert.throws(() => condition({ many, x: tree(), y: tree() }), { code: 'LIMIT_EXCEEDED' });
  assert.equal(condition({ many: many.slice(0, 100), x: tree(), y: tree() }), true);
});

test('an expression takes the same steps each time', () => {
  const evaluate = compileCelExpression('many.all(a, many.exists(b, b == a))', ['many']);
  for (let at = 0; at < 3; at += 1) assert.equal(evaluate({ many: many.slice(0, 400) }), true);
});

test('an expression does not take long for a regular expression that goes back and back', () => {
  const evaluate = compileCelExpression('x.matches("^(a+)+$")', ['x']);
  assert.equal(evaluate({ x: `${'a'.repeat(5000)}b` }), false);
});

test('an expression says what it uses', () => {
  const uses = (text: string): unknown =>
    Object.fromEntries(
      [...compileCelExpression(text, ['signatures', 'image', 'now']).uses].map(([name, members]) => [
        name,
        members === 'all' ? members : [...members].sort(),
      ]),
    );
  assert.deepEqual(uses('1 == 1'), {});
  assert.deepEqual(uses('signatures.a && signatures["b"] && has(signatures.c) && now > image.created'), {
    signatures: ['a', 'b', 'c'],
    now: 'all',
    image: ['created'],
  });
  assert.deepEqual(uses('signatures.a && signatures.all(name, signatures[name])'), { signatures: 'all' });
  assert.deepEqual(uses('[1].all(each, each == 1 && image.labels["x"] == "y")'), { image: ['labels'] });
  assert.deepEqual(uses('signatures.?a.orValue(true) || [image][0].x'), { signatures: ['a'], image: 'all' });
});

test('an expression that cannot be read says so, and is never evaluated', () => {
  for (const text of ['unknown == 1', 'x.matches(', '"a".matches("b", "c", "d")']) {
    assert.throws(() => compileCelExpression(text, ['x']), LangError, text);
  }
});
