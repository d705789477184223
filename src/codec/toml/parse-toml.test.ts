import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { tomlLimits } from './limits.ts';
import { lineOf, parseToml, tableIn } from './parse-toml.ts';

function headersOf(text: string): readonly (readonly string[])[] | string {
  const { document, mistake } = parseToml(text);
  return document?.headers ?? `${mistake?.line}:${mistake?.column} ${mistake?.sentence}`;
}

test('parseToml() gives tables in the order of the file, whatever their names are', () => {
  const text = `
server = "https://a" # [no.table]
list = [
  [1], # ]
  ["[x]"],
]
[host."https://2"] # here
  ca = '''
[no]
'''
[host.'10']
[ host . "a\\"b" ]
"[quoted]" = """x"""""
[[many.of.these]]
t = { a = [
 1 ] }
[host."1".header]
`;
  assert.deepEqual(headersOf(text), [
    ['host', 'https://2'],
    ['host', '10'],
    ['host', 'a"b'],
    ['many', 'of', 'these'],
    ['host', '1', 'header'],
  ]);
});

test('lineOf() finds tables and settings, or what is around them', () => {
  const text = `
server = "https://a" # [no.table]
list = [
  1,
]
a.b = 1
[host."https://2"]
  ca = '''
[no]
x = 1
'''
  "skip verify" = true
[[registry]]
location = "x"
[[registry]]
mirror = { location = "y" }
`;
  const { document } = parseToml(text);
  assert.ok(document !== undefined);
  for (const [names, line] of [
    [['server'], 2],
    [['list'], 3],
    [['a', 'b'], 6],
    [['a'], 6],
    [['host'], 7],
    [['host', 'https://2', 'ca'], 8],
    [['host', 'https://2', 'none'], 7],
    [['host', 'https://2', 'skip verify'], 12],
    [['registry', 'location'], 14],
    [['registry', 'mirror', 'location'], 16],
    [['no'], undefined],
  ] as const) {
    assert.equal(lineOf(document, names), line, names.join('.'));
  }
  assert.deepEqual(
    document.places.filter(({ isTable }) => isTable).map(({ names, line }) => `${names.join('.')} ${line}`),
    ['host.https://2 7', 'registry 13', 'registry 15'],
  );
});

describe('what other readers of TOML would not take is a mistake', () => {
  const cases: readonly (readonly [text: string, mistake: RegExp])[] = [
    ['a = {\n b = 1 }', /^1:6 This is not TOML 1\.0: a line break/],
    ['a = { b = 1, }', /^1:14 This is not TOML 1\.0: a comma/],
    ['a = "\\e"', /^1:6 This is not TOML 1\.0: the escape/],
    ['b = 1\na = """\n\\x41"""', /^3:1 This is not TOML 1\.0: the escape/],
    ['a = 1\na = 2', /^2:1 This is not TOML: /],
    ['[a]\n[a]', /^2:2 This is not TOML: /],
    ['a = ', /^1:\d+ This is not TOML: /],
    [`a = ${'['.repeat(2000)}`, /^1:\d+ This is not TOML: /],
    [`# ${'x'.repeat(tomlLimits.characters)}`, /^1:1 This is longer than/],
  ];
  for (const [text, mistake] of cases) {
    test(JSON.stringify(text.slice(0, 40)), () => assert.match(String(headersOf(text)), mistake));
  }
});

test('a table that is none, and a name that objects have by themselves, are not found', () => {
  const { document } = parseToml('a = 1\n[b]\nc = 1\n');
  assert.deepEqual({ ...tableIn(document?.root, 'b') }, { c: 1 });
  for (const name of ['a', 'toString', '__proto__']) assert.equal(tableIn(document?.root, name), undefined);
});

test('parseToml() never throws, and reads what a writer wrote', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      parseToml(text);
      parseToml(`[host."${text}"]\n${text}`);
    }),
    { numRuns: 300 },
  );
  const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), (names) => {
      const text = names.map((each) => stringify({ host: { [each]: { list: [each] } } })).join('');
      const { document, mistake } = parseToml(text.replaceAll(/^\[host\]\n/gm, ''));
      assert.equal(mistake, undefined);
      assert.deepEqual(
        document?.headers,
        names.map((each) => ['host', each]),
      );
    }),
    { numRuns: 100 },
  );
});
