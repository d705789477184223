import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { LangError } from '../error.ts';
import { compileJmespath, type JmespathEnvironment } from './evaluate.ts';
import { functionTable } from './function/declare.ts';
import { standardFunctions } from './function/standard.ts';
import { jmespathLimits } from './limits.ts';
import type { JsonValue } from './value.ts';

const environment: JmespathEnvironment = {
  functions: functionTable(standardFunctions),
  now: () => 0,
  random: () => 0,
};

function search(expression: string, value: unknown): JsonValue {
  return compileJmespath(expression).search(value as JsonValue, environment);
}

const pod = {
  metadata: { name: 'web', labels: { app: 'web', 'app.kubernetes.io/name': 'w' } },
  spec: {
    containers: [
      { name: 'a', image: 'nginx:1', ports: [{ port: 80 }, { port: 443 }], limits: { cpu: 2 } },
      { name: 'b', image: 'redis:7', ports: [{ port: 6379 }], root: true },
      { name: 'c', image: 'busybox' },
    ],
  },
  counts: [3, 1, 2],
  words: ['b', 'a'],
  nested: [[1, 2], 3, [4, [5]]],
  empty: { list: [], object: {}, text: '', zero: 0, no: false, nothing: null },
};

describe('expressions', () => {
  const cases: readonly (readonly [expression: string, expected: unknown])[] = [
    ['metadata.name', 'web'],
    ['metadata.labels."app.kubernetes.io/name"', 'w'],
    ['"metadata"."name"', 'web'],
    [' metadata . name ', 'web'],
    ['metadata.none.deeper', null],
    ['@.metadata.name', 'web'],
    ['spec.containers[0].name', 'a'],
    ['spec.containers[-1].name', 'c'],
    ['spec.containers[7]', null],
    ['spec.containers[*].name', ['a', 'b', 'c']],
    ['spec.containers[*].limits.cpu', [2]],
    ['spec.containers[].ports[].port', [80, 443, 6379]],
    ['spec.containers[*].ports[*].port', [[80, 443], [6379]]],
    ['spec.containers[*].ports[0].port', [80, 6379]],
    ['spec.containers[*].ports | [0][1].port', 443],
    ['spec.containers[?root].name', ['b']],
    ['spec.containers[?!root].name', ['a', 'c']],
    ["spec.containers[?name == 'c'].image | [0]", 'busybox'],
    ['spec.containers[?ports[?port > `1000`]].name', ['b']],
    ['spec.containers[?limits.cpu >= `2` || root].name', ['a', 'b']],
    ["spec.containers[?contains(image, ':') && !root].name", ['a']],
    ['counts[0:2]', [3, 1]],
    ['counts[::-1]', [2, 1, 3]],
    ['counts[-2:]', [1, 2]],
    ['counts[5:1]', []],
    ['counts[::2]', [3, 2]],
    ['counts[10:-10:-1]', [2, 1, 3]],
    ['spec.containers[1:].name', ['b', 'c']],
    ['nested[]', [1, 2, 3, 4, [5]]],
    ['nested[][]', [1, 2, 3, 4, 5]],
    ['metadata.*', ['web', { app: 'web', 'app.kubernetes.io/name': 'w' }]],
    ['*.name', ['web']],
    ['metadata.labels.* | sort(@)', ['w', 'web']],
    ['metadata.[name, none]', ['web', null]],
    ['metadata.{n: name, "a b": labels.app}', { n: 'web', 'a b': 'web' }],
    ['spec.containers[*].[name, image] | [0]', ['a', 'nginx:1']],
    ['[metadata.name, `1`]', ['web', 1]],
    ['{a: metadata.name}', { a: 'web' }],
    ['none.[a]', null],
    ['none.{a: a}', null],
    ['`{"a": [1, "\\`"]}`', { a: [1, '`'] }],
    ["'raw \\n text'", 'raw \\n text'],
    ["'it\\'s'", "it's"],
    ['` "x" `', 'x'],
    ['counts == `[3,1,2]`', true],
    ['metadata.labels == `{"app.kubernetes.io/name":"w","app":"web"}`', true],
    ['counts != `[3,1]`', true],
    ['words < counts', null],
    ["'a' < 'b'", null],
    ['`1` < `2`', true],
    ['empty.list || empty.object || empty.text || empty.no || empty.nothing || empty.zero', 0],
    ['empty.zero && `1`', 1],
    ['empty.list && `1`', []],
    // It binds more than a dot does.
    ['!empty.text', null],
    ['!(empty.text)', true],
    ['!counts == `false`', true],
    ['metadata.name == `"web"` && counts[0] == `3` || `false`', true],
    ['(metadata.none || metadata).name', 'web'],
    ['constructor', null],
    ['__proto__', null],
    ['metadata.toString', null],
    ['abs(`-2`)', 2],
    ['avg(counts)', 2],
    ['avg(empty.list)', null],
    ['ceil(`1.2`)', 2],
    ['floor(`-1.2`)', -2],
    ["contains(words, 'a')", true],
    ["contains('abc', 'bc')", true],
    ["contains('abc', `1`)", false],
    ["ends_with('abc', 'bc')", true],
    ["starts_with('abc', 'b')", false],
    ["join(', ', words)", 'b, a'],
    ['keys(metadata)', ['name', 'labels']],
    ['values(metadata.labels)', ['web', 'w']],
    ["length('é😀')", 2],
    ['length(counts)', 3],
    ['length(metadata)', 2],
    ['map(&name, spec.containers)', ['a', 'b', 'c']],
    ['map(&root, spec.containers)', [null, true, null]],
    ['max(counts)', 3],
    ['max(words)', 'b'],
    ['max(empty.list)', null],
    ['max_by(spec.containers, &length(name)).name', 'a'],
    ['min(words)', 'a'],
    ['min_by(spec.containers, &image).name', 'c'],
    ['merge(`{"a":1,"b":1}`, `{"b":2}`)', { a: 1, b: 2 }],
    ["not_null(none, empty.nothing, 'x')", 'x'],
    ['not_null(none)', null],
    ['reverse(counts)', [2, 1, 3]],
    ["reverse('a😀')", '😀a'],
    ['sort(counts)', [1, 2, 3]],
    ["sort(['\u{1F600}', '\uFF5E'])", ['\uFF5E', '\u{1F600}']],
    ['sort_by(spec.containers, &image)[*].name', ['c', 'a', 'b']],
    ['sum(counts)', 6],
    ['to_array(`1`)', [1]],
    ['to_array(counts)', [3, 1, 2]],
    ["to_number('1.5e1')", 15],
    ["to_number('0x10')", null],
    ["to_number('')", null],
    ['to_number(counts)', null],
    ['to_string(metadata.name)', 'web'],
    ['to_string(counts)', '[3,1,2]'],
    ['type(none)', 'null'],
    ['[type(@), type(counts), type(`1`), type(`true`)]', ['object', 'array', 'number', 'boolean']],
    ['spec.containers[*].ports[].port | length(@)', 3],
    ['spec.containers[*].ports[] | [?port == `443`] | length(@)', 1],
    ['spec.containers[*].name[]', ['a', 'b', 'c']],
  ];
  for (const [expression, expected] of cases) {
    test(expression, () => assert.deepEqual(search(expression, pod), expected));
  }
});

describe('what cannot be read', () => {
  const cases: readonly string[] = [
    '',
    ' ',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[0',
    'a[b]',
    'a[1:2:0]',
    'a[1:2:3:4]',
    'a[1 2]',
    'a b',
    'a ||',
    '|| a',
    'a[?b',
    'a[?]',
    '[]a',
    '{a}',
    '{a: b',
    '{1: b}',
    'f(a',
    'f(a,)',
    '"f"(a)',
    "'a",
    '`a`',
    '`[1`',
    '"a',
    '"\\x"',
    'a#b',
    'a == == b',
    '&',
    '(a',
    'a)',
    '*a',
    'a.1',
    'a[99999999999999999999]',
    'a = b',
    '-',
    'a.&b',
  ];
  for (const expression of cases) {
    test(JSON.stringify(expression), () => {
      assert.throws(() => compileJmespath(expression), { name: 'LangError', code: 'SYNTAX' });
    });
  }
});

describe('what cannot be carried out', () => {
  const cases: readonly (readonly [expression: string, message: RegExp])[] = [
    ['none()', /no JMESPath function "none"/],
    ['abs()', /takes 1 operands and was given 0/],
    ['merge()', /at least 1/],
    ["abs('1')", /takes number as operand 1 and was given string/],
    ['abs(&a)', /was given a reference/],
    ['map(a, counts)', /takes reference/],
    ['max([`1`, `"a"`])', /takes array-number or array-string/],
    ['sort_by(spec.containers, &ports)', /its keys is/],
    ['sort_by([`{"a":1}`, `{"a":"x"}`], &a)', /numbers and others/],
    ['&a', /reference/],
    ['length(`1`)', /string or array or object/],
  ];
  for (const [expression, message] of cases) {
    test(expression, () => {
      assert.throws(() => search(expression, pod), { name: 'LangError', code: 'EVALUATION', message });
    });
  }
});

describe('caps', () => {
  const cases: readonly (readonly [what: string, expression: string, value?: unknown])[] = [
    ['a long expression', 'a'.repeat(jmespathLimits.characters + 1)],
    ['parentheses', '('.repeat(5000)],
    ['negations', '!'.repeat(5000)],
    ['lists', '['.repeat(5000)],
    ['dots', `a${'.a'.repeat(20_000)}`],
    ['alternatives', `a${'||a'.repeat(20_000)}`],
    ['flattenings', `a${'[]'.repeat(5000)}`],
    ['steps', `${'map(&'.repeat(6)}@${', @)'.repeat(6)}`, nest(20, 6)],
  ];
  for (const [what, expression, value] of cases) {
    test(what, () => {
      assert.throws(() => search(expression, value ?? {}), { name: 'LangError', code: 'LIMIT_EXCEEDED' });
    });
  }
  test('long texts', () => {
    const values = Array.from({ length: 100_000 }, () => 'x');
    const glue = 'y'.repeat(1000);
    assert.throws(() => search(`join('${glue}', @)`, values), { code: 'LIMIT_EXCEEDED' });
    assert.throws(() => search('to_string(@)', ['z'.repeat(jmespathLimits.text)]), { code: 'LIMIT_EXCEEDED' });
  });
  test('deep values', () => {
    const deep = (): unknown => JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`);
    assert.throws(() => search('a == b', { a: deep(), b: deep() }), { code: 'LIMIT_EXCEEDED' });
  });
});

/** Lists within lists, so many in each. */
function nest(width: number, depth: number): unknown {
  return depth === 0 ? 1 : Array.from({ length: width }, () => nest(width, depth - 1));
}

test('whatever is written gives a value or a LangError', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '.',
    '[',
    ']',
    '*',
    '[]',
    '[?',
    '||',
    '&&',
    '==',
    '<',
    '!',
    '|',
    '&',
    '@',
    ',',
    ':',
    '(',
    ')',
    '{',
    '}',
    '0',
    '-1',
    "'x'",
    '`1`',
    '"q"',
    'length',
    'sort_by',
    'map',
    ' ',
    '\\',
    '`',
    "'",
    '"',
  );
  const expression = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(expression, fc.jsonValue(), (text, value) => {
      try {
        assert.notEqual(search(text, value), undefined);
      } catch (error) {
        assert.ok(error instanceof LangError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('an expression finds what is at any path of any value', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), fc.jsonValue(), (names, inner) => {
      const value = names.reduceRight<unknown>((within, name) => Object.fromEntries([[name, within]]), inner);
      assert.deepEqual(search(names.map((name) => JSON.stringify(name)).join('.'), value), inner ?? null);
    }),
  );
});
