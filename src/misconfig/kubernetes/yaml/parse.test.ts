import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { manifestLimits } from '../limits.ts';
import type { PlacedNode } from './node.ts';
import { parsePlaced } from './parse.ts';

/** A value as JSON, with the lines of each entry and item behind it. */
function placed(node: PlacedNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map((item) => [placed(item), span(item.lines)]);
  return Object.fromEntries([...node.entries].map(([name, { value, lines }]) => [name, [placed(value), span(lines)]]));
}

function plain(node: PlacedNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, plain(value)]));
}

function span({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${start}-${end}`;
}

function documents(text: string): readonly PlacedNode[] {
  const parsed = parsePlaced(text, 0);
  assert.ok('documents' in parsed, JSON.stringify(parsed));
  return parsed.documents;
}

const lines: readonly (readonly [what: string, text: string, value: unknown])[] = [
  ['entries of one line', 'a: 1\nb: x\n', { a: [1, '1-1'], b: ['x', '2-2'] }],
  ['an entry with what is below it', 'a:\n  b: 1\n\n\nc: 2\n', { a: [{ b: [1, '2-2'] }, '1-2'], c: [2, '5-5'] }],
  [
    'items',
    '- a: 1\n  b: 2\n-\n- c\n',
    [
      [{ a: [1, '1-1'], b: [2, '2-2'] }, '1-2'],
      [null, '2-2'],
      ['c', '4-4'],
    ],
  ],
  ['a block of text', 'a: |  # why\n  x\n\n  y\n\n\nb: 1\n', { a: ['x\n\ny\n', '1-4'], b: [1, '7-7'] }],
  ['a text of several lines', 'a: "x\n  y"\nb: x\n  y\n', { a: ['x y', '1-2'], b: ['x y', '3-4'] }],
  [
    'brackets',
    'a: {b: 1,\n  c: [1,\n    2\n  ] # x\n}\nd: {}\n',
    {
      a: [
        {
          b: [1, '1-1'],
          c: [
            [
              [1, '2-2'],
              [2, '3-3'],
            ],
            '2-4',
          ],
        },
        '1-5',
      ],
      d: [{}, '6-6'],
    },
  ],
  ['JSON with tabs', '{\n\t"a": [\n\t\t"x\\/\\u0041"\n\t]\n}', { a: [[['x/A', '3-3']], '2-4'] }],
  ['empty values', 'a:\nb: ~\nc: ""\n', { a: [null, '1-1'], b: [null, '2-2'], c: ['', '3-3'] }],
  [
    'an alias, on the line of its name',
    'a: &x\n  b: 1\nc: *x\n',
    { a: [{ b: [1, '2-2'] }, '1-2'], c: [{ b: [1, '2-2'] }, '3-3'] },
  ],
];

for (const [what, text, value] of lines) {
  test(`parsePlaced() tells the lines of ${what}`, () => {
    const [root] = documents(text);
    assert.deepEqual(placed(root as PlacedNode), value);
  });
}

test('parsePlaced() counts lines that are before the text', () => {
  const parsed = parsePlaced('a: 1\n', 40);
  assert.ok('documents' in parsed);
  assert.deepEqual(placed(parsed.documents[0] as PlacedNode), { a: [1, '41-41'] });
  assert.deepEqual(parsePlaced('a: 1\na: 2\n', 40), { line: 42, sentence: '"a" stands twice; keep one' });
});

test('parsePlaced() merges: own names first, then earlier maps', () => {
  const [root] = documents('a: &a {p: 1, q: 1}\nb: &b {q: 2, r: 2}\nc:\n  <<: [*a, *b]\n  p: 3\nd:\n  <<: *a\n');
  const { c, d } = plain(root as PlacedNode) as Record<string, unknown>;
  assert.deepEqual(
    [c, d],
    [
      { p: 3, q: 1, r: 2 },
      { p: 1, q: 1 },
    ],
  );
});

test('parsePlaced() reads names as Kubernetes does', () => {
  const [root] = documents('on: 1\n8080: 2\n"__proto__": 3\n');
  assert.ok(root?.kind === 'map');
  assert.deepEqual([...root.entries.keys()], ['true', '8080', '__proto__']);
});

const refused: readonly (readonly [what: string, text: string, line: number, sentence: RegExp])[] = [
  ['broken YAML', 'a: [1\nb: 2\n', 2, /no YAML/],
  ['a name that stands twice', 'a: 1\nb: {c: 1, c: 2}\n', 2, /"c" stands twice/],
  ['a name that stands twice in other words', '{"a":1,"\\u0061":2}', 1, /"a" stands twice/],
  ['tags', 'a: 1\nb: !!str 2\n', 2, /tags/],
  ['functions of CloudFormation', 'a: !Sub x\n', 1, /tags/],
  ['names that are lists', '? [a]\n: 1\n', 1, /plain words/],
  ['no name', '? \n: 1\n', 1, /plain words/],
  ['an alias of nothing', 'a: 1\nb: *x\n', 2, /no anchor/],
  ['an alias of itself', 'a: &x [*x]\n', 1, /no anchor/],
  ['an alias of another document', 'a: &x 1\n---\nb: *x\n', 3, /no anchor/],
  ['a merge of a text', 'a:\n  <<: x\n', 2, /merged/],
  ['nesting', '['.repeat(200), 1, /nesting/],
  ['a billion laughs', laughs(), 8, /aliases stand for more/],
  [
    'merges of much',
    `a: &a {${Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join(', ')}}\nb:\n${'  - {<<: *a}\n'.repeat(500)}`,
    37,
    /aliases stand for more/,
  ],
  [
    'many aliases',
    `a: &a 1\nb:\n${'  - *a\n'.repeat(manifestLimits.aliases + 1)}`,
    manifestLimits.aliases + 3,
    /aliases; write/,
  ],
];

function laughs(): string {
  let text = 'a: &a [x, x, x, x, x, x, x, x, x]\n';
  for (let at = 1; at < 10; at += 1) {
    const [last, name] = [String.fromCharCode(96 + at), String.fromCharCode(97 + at)];
    text += `${name}: &${name} [${`*${last}, `.repeat(9)}]\n`;
  }
  return text;
}

for (const [what, text, line, sentence] of refused) {
  test(`parsePlaced() refuses ${what}`, () => {
    const parsed = parsePlaced(text, 0);
    assert.ok('sentence' in parsed);
    assert.match(parsed.sentence, sentence);
    if (what !== 'a billion laughs' && what !== 'merges of much') assert.equal(parsed.line, line);
  });
}

test('parsePlaced() reads JSON as JSON.parse() does, with lines inside of the text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const parsed = parsePlaced(text, 0);
      // Large numbers are texts here, and names beyond 1024 characters none.
      if ('sentence' in parsed) return;
      assert.deepEqual(normal(plain(parsed.documents[0] as PlacedNode)), normal(JSON.parse(text)));
      const count = text.split('\n').length;
      const walk = (node: PlacedNode): void => {
        assert.ok(node.lines.start >= 1 && node.lines.start <= node.lines.end && node.lines.end <= count);
        const inside =
          node.kind === 'list'
            ? node.items
            : node.kind === 'map'
              ? [...node.entries.values()].map((each) => each.value)
              : [];
        for (const each of inside) {
          assert.ok(node.lines.start <= each.lines.start && each.lines.end <= node.lines.end);
          walk(each);
        }
      };
      for (const root of parsed.documents) walk(root);
      if (indent !== undefined && typeof value === 'object' && value !== null) {
        assert.deepEqual(parsed.documents[0]?.lines, { start: 1, end: count });
      }
    }),
  );
});

/** Whatever has the same number or text in the end. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) => (each === 0 ? 0 : each));
}

test('parsePlaced() survives hostile bytes', () => {
  assertSurvives(
    [
      'a: &x {b: [1, "c\\n"], <<: {d: 1}}\ne: |\n  x # y\nf: *x\n---\n- ? g\n  : h\n',
      '{"apiVersion":"v1","kind":"List","items":[{"a":[]}]}',
    ],
    (bytes) => parsePlaced(bytes.toString('latin1'), 0),
  );
});
