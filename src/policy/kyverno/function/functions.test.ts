import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { makeCertificate } from '../../../../testing/registry/certificate.ts';
import { LangError } from '../../../lang/error.ts';
import { compileJmespath, type JmespathEnvironment } from '../../../lang/jmespath/evaluate.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { usualNaming } from '../image-name.ts';
import { kyvernoFunctions } from './list.ts';

const environment: JmespathEnvironment = {
  functions: kyvernoFunctions(usualNaming),
  now: () => Date.parse('2026-11-27T12:00:00Z'),
  random: () => 0.5,
};

function search(expression: string, value: unknown = {}): JsonValue {
  return compileJmespath(expression).search(value as JsonValue, environment);
}

const certificate = makeCertificate('example', { dnsNames: ['a.example', 'b.example'], ips: ['127.0.0.1'] });

const cases: readonly (readonly [expression: string, expected: unknown, value?: unknown])[] = [
  ["compare('a', 'b')", -1],
  ["compare('b', 'a')", 1],
  ["equal_fold('Go', 'GO')", true],
  ["replace('oink oink oink', 'k', 'ky', `2`)", 'oinky oinky oink'],
  ["replace('oink', 'o', 'a', `0`)", 'oink'],
  ["replace_all('oink oink', 'oink', 'moo')", 'moo moo'],
  ["replace_all('ab', '', '-')", '-a-b-'],
  ["to_upper('aé')", 'AÉ'],
  ["to_lower('AB')", 'ab'],
  ["trim('¡¡¡Hello!!!', '!¡')", 'Hello'],
  ["trim_prefix('sha256:abc', 'sha256:')", 'abc'],
  ["trim_prefix('abc', 'x')", 'abc'],
  ["split('a,b,c', ',')", ['a', 'b', 'c']],
  ["split('ab', '')", ['a', 'b']],
  ["truncate('héllo', `2`)", 'hé'],
  ["truncate('x', `9`)", 'x'],
  ["to_boolean('TRUE')", true],
  ["path_canonicalize('/a//b/../c/.')", '/a/c'],
  ["path_canonicalize('../a/../..')", '../..'],
  ["path_canonicalize('a/..')", '.'],
  ["regex_match('^v[0-9]+$', 'v12')", true],
  ["regex_match('b', 'abc')", true],
  ["regex_match('^\\d+$', `12`)", true],
  ["regex_replace_all('a(x*)b', '-ab-axxb-', '${1}W')", '-W-xxW-'],
  ["regex_replace_all('a(x*)b', '-ab-axxb-', '$1W')", '---'],
  ["regex_replace_all('(?P<n>\\w)-', 'a-b-', '$n$$')", 'a$b$'],
  ["regex_replace_all('x*', 'abc', '-')", '-a-b-c-'],
  ["regex_replace_all_literal('a(x*)b', '-ab-axxb-', '${1}')", '-${1}-${1}-'],
  ["pattern_match('prefix-*', 'prefix-foo')", true],
  ["pattern_match('12?', `123`)", true],
  ["pattern_match('*.io/*/x', 'a.io/b')", false],
  ['label_match(`{"app":"web"}`, `{"app":"web","x":"y"}`)', true],
  ['label_match(`{"app":"web"}`, `{"app":"db"}`)', false],
  ['label_match(`{"app":"web"}`, `{}`)', false],
  ['add(`1`, `2`)', 3],
  ["add('10Ki', '10Ki')", '20Ki'],
  ["add('1h', '10m1s')", '1h10m1s'],
  ["sum(['1Mi', '1Mi'])", '2Mi'],
  ['sum([`1`, `2`, `3`])', 6],
  ["subtract('1Gi', '512Mi')", '512Mi'],
  ["subtract('1h', '2h')", '-1h0m0s'],
  ["multiply('1Mi', `2`)", '2Mi'],
  ["multiply(`1.5`, '1h')", '1h30m0s'],
  ["divide('1Gi', '1Mi')", 1024],
  ["divide('1h', `2`)", '30m0s'],
  ['divide(`1`, `4`)', 0.25],
  ['modulo(`7`, `3`)', 1],
  ["modulo('10Ki', '3Ki')", '1Ki'],
  ["modulo('1h', '25m1s')", '9m58s'],
  ['round(`1.255`, `2`)', 1.25],
  ['round(`-2.5`, `0`)', -3],
  ["base64_encode('Hello, world!')", 'SGVsbG8sIHdvcmxkIQ=='],
  ["base64_decode('SGVsbG8sIHdvcmxkIQ==')", 'Hello, world!'],
  ["semver_compare('4.1.3', '>=4.1.x')", true],
  ["semver_compare('4.1.3', '!4.x.x')", false],
  ['parse_json(\'{"a":[1]}\')', { a: [1] }],
  ["parse_yaml('a: yes\nb: [1, 0x10, ~]\nc: 2024-01-01')", { a: true, b: [1, 16, null], c: '2024-01-01' }],
  ["parse_yaml('- .inf')", ['Infinity']],
  ['lookup(`{"a":1}`, \'a\')', 1],
  ['lookup(`{"a":1}`, \'b\')', null],
  ["lookup(`{}`, 'constructor')", null],
  ['lookup(`[1,2]`, `1`)', 2],
  ['lookup(`[1,2]`, `5`)', null],
  [
    'items(`{"b":2,"a":1}`, \'k\', \'v\')',
    [
      { k: 'a', v: 1 },
      { k: 'b', v: 2 },
    ],
  ],
  ["items(`[\"x\"]`, 'k', 'v')", [{ k: 0, v: 'x' }]],
  ["object_from_lists(['a', 'b'], [`1`])", { a: 1, b: null }],
  ["random('[a-c]{3}x\\d')", 'bbbx5'],
  ["random('(ab|cd)+')", 'cdcdcdcdcdcd'],
  ["image_normalize('nginx')", 'docker.io/nginx:latest'],
  ["image_normalize('ghcr.io/a/b:1@sha256:" + 'a'.repeat(64) + "')", `ghcr.io/a/b@sha256:${'a'.repeat(64)}`],
  ["is_external_url('http://127.0.0.1/')", false],
  ["is_external_url('http://[::ffff:10.0.0.1]/')", false],
  ["is_external_url('https://8.8.8.8')", true],
  ["is_external_url('https://[2001:4860:4860::8888]/')", true],
  ["sha256('')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ["md5('')", 'd41d8cd98f00b204e9800998ecf8427e'],
  ["sha1('')", 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ["time_since('', '2026-11-27T11:00:00Z', '')", '1h0m0s'],
  ["time_since('', '2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')", '180h10m0s'],
  [
    "time_since('Mon Jan _2 15:04:05 MST 2006', 'Mon Jan 02 15:04:05 UTC 2021', 'Mon Jan 10 03:14:16 UTC 2021')",
    '180h10m11s',
  ],
  ['time_now_utc()', '2026-11-27T12:00:00Z'],
  ["time_add('2021-01-02T15:04:05-07:00', '3h')", '2021-01-02T18:04:05-07:00'],
  ["time_parse('2006-01-02 15:04', '2021-01-02 15:04')", '2021-01-02T15:04:00Z'],
  ["time_to_cron('2022-04-11T03:14:05Z')", '14 3 11 4 1'],
  ["time_utc('2021-01-02T15:04:05-07:00')", '2021-01-02T22:04:05Z'],
  ["time_diff('2021-01-02T15:04:05Z', '2021-01-03T15:04:05Z')", '24h0m0s'],
  ["time_before('2021-01-02T15:04:05-07:00', '2021-01-02T15:04:05Z')", false],
  ["time_after('2021-01-02T15:04:05-07:00', '2021-01-02T15:04:05Z')", true],
  ["time_between('2021-01-02T15:04:05Z', '2021-01-01T00:00:00Z', '2021-01-03T00:00:00Z')", true],
  ["time_truncate('2021-01-02T17:08:00Z', '1h')", '2021-01-02T17:00:00Z'],
  ["time_truncate('2021-01-06T17:08:00Z', '168h')", '2021-01-04T00:00:00Z'],
  ['x509_decode(@).Subject.CommonName', 'example', certificate.cert],
  ['x509_decode(@).DNSNames', ['a.example', 'b.example'], certificate.cert],
];

for (const [expression, expected, value] of cases) {
  test(expression, () => assert.deepEqual(search(expression, value), expected));
}

describe('what does not fit is told', () => {
  const wrong: readonly (readonly [expression: string, message: RegExp])[] = [
    ["to_boolean('yes')", /neither true nor false/],
    ["regex_match('(', 'x')", /no regular expression/],
    ["add('1Mi', '1h')", /do not go together/],
    ["add('x', `1`)", /neither a number/],
    ["multiply('1Mi', '1Mi')", /do not go together/],
    ['divide(`1`, `0`)', /by zero/],
    ["modulo('1Mi', '0')", /by zero/],
    ['modulo(`1.5`, `1`)', /whole/],
    ['sum(`[]`)', /nothing in the list/],
    ["base64_decode('%')", /no base64/],
    ["semver_compare('1', '>1.0.0')", /no version/],
    ["semver_compare('1.0.0', '^1')", /no range/],
    ["parse_json('{')", /no JSON/],
    ["parse_yaml('a: [')", /no YAML/],
    ['lookup(`[1]`, `1.5`)', /whole number/],
    ["lookup(`[1]`, 'a')", /whole number/],
    ['lookup(`{}`, `1`)', /by a name/],
    ['object_from_lists([`1`], [`1`])', /texts alone/],
    ["random('[')", /without an end/],
    ["random('*')", /repeats nothing/],
    ["random('a)')", /too many/],
    ["image_normalize('A b')", /no name of an image/],
    ["is_external_url('http://example.org')", /not resolved/],
    ["is_external_url('x')", /no URL/],
    ["time_since('', 'x', '')", /no time/],
    ["time_add('2021-01-02T15:04:05Z', '1d')", /no duration/],
    ["x509_decode('x')", /no certificate/],
  ];
  for (const [expression, message] of wrong) {
    test(expression, () => assert.throws(() => search(expression), { name: 'LangError', code: 'EVALUATION', message }));
  }
});

test('what is too large to have digits behind its point is rounded to itself', () => {
  assert.equal(search('round(`1.7e+308`, `2`)'), 1.7e308);
});

test('zero has no sign, however it was come to', () => {
  for (const expression of ['modulo(`-4`, `4`)', 'multiply(`-1`, `0`)', 'round(`-0.1`, `0`)', 'divide(`0`, `-2`)']) {
    assert.ok(Object.is(search(expression), 0), expression);
  }
});

describe('caps', () => {
  const bombs: readonly (readonly [what: string, expression: string, value: unknown])[] = [
    ['a text that grows', "replace_all(@, 'a', @)", 'a'.repeat(10_000)],
    ['an alias', 'parse_yaml(@)', 'a: &a [1]\nb: [*a, *a]'],
    ['a deep document', 'parse_json(@)', '['.repeat(1000) + ']'.repeat(1000)],
    ['a long document', 'parse_yaml(@)', ' '.repeat(2_000_000)],
    ['a long random text', "random('(a{9999}){9999}')", {}],
    ['a long expression', 'regex_match(@, @)', 'a'.repeat(10_000)],
  ];
  for (const [what, expression, value] of bombs) {
    test(what, () => assert.throws(() => search(expression, value), { name: 'LangError', code: 'LIMIT_EXCEEDED' }));
  }
});

/** With zeros as JSON has them; numbers that it does not have stay what they are. */
function unsigned(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(unsigned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unsigned(each)]));
}

test('every function gives a value of JSON or a LangError, whatever it is given', () => {
  const names = [...environment.functions.keys()];
  const operand = fc.oneof(
    fc.constantFrom(
      '@',
      '@.a',
      '`1`',
      '`-1.5`',
      '`null`',
      '`[]`',
      '`{}`',
      "'1Mi'",
      "'1h'",
      "'2021-01-02T15:04:05Z'",
      '&@',
    ),
    fc.string().map((text) => `'${text.replaceAll(/['\\]/g, '')}'`),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(operand, { maxLength: 4 }),
      // As it is read of a text, in which zero has no sign.
      fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      (name, operands, value) => {
        try {
          const found = search(`${name}(${operands.join(', ')})`, value);
          assert.deepEqual(JSON.parse(JSON.stringify(found)), unsigned(found));
        } catch (error) {
          assert.ok(error instanceof LangError, `${name}: ${String(error)}`);
        }
      },
    ),
    { numRuns: 5000 },
  );
});
