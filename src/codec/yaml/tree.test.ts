import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { yamlLimits } from './limits.ts';
import { parseYamlDocuments, parseYamlTree, type YamlNode } from './tree.ts';

/** A node without its kind: texts with their places, so that a case fits on a line. */
function plain(node: YamlNode): unknown {
  if (node.kind === 'scalar') return `${node.text ?? '<null>'} @${node.line}:${node.column}`;
  if (node.kind === 'sequence') return node.items.map(plain);
  return node.entries.map(({ name, line, column, value }) => [`${name} @${line}:${column}`, plain(value)]);
}

test('parseYamlTree() gives texts with the places where they begin', async () => {
  const text = 'a: 010 # octal?\n  \nb:\r\n  - yes\n  -\n  - {c: "1.10"}\n"d e": |\n  block\nf:\n';
  const { root, mistakes } = await parseYamlTree(text);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(plain(root as YamlNode), [
    ['a @1:1', '010 @1:4'],
    ['b @3:1', ['yes @4:5', '<null> @4:5', [['c @6:6', '1.10 @6:10']]]],
    ['d e @7:2', 'block\n @8:1'],
    ['f @9:1', '<null> @9:1'],
  ]);
});

for (const text of ['', '# nothing\n', '---\n']) {
  test(`parseYamlTree() finds nothing in ${JSON.stringify(text)}`, async () => {
    const { root, mistakes } = await parseYamlTree(text);
    assert.ok(root === undefined || (root.kind === 'scalar' && root.text === undefined));
    assert.deepEqual(mistakes, []);
  });
}

test('parseYamlDocuments() gives one after the other, the empty ones too', async () => {
  const { documents, mistakes } = await parseYamlDocuments('a: 1\n---\n- b\n---\n...\n---\nc\n');
  assert.deepEqual(mistakes, []);
  assert.deepEqual(documents.map(plain), [[['a @1:1', '1 @1:4']], ['b @3:3'], '<null> @3:3', 'c @7:1']);
  assert.deepEqual(await parseYamlDocuments(''), { documents: [], mistakes: [] });
});

const refused: readonly (readonly [what: string, text: string, mistakes: readonly (string | RegExp)[]])[] = [
  ['every alias', 'a: &x [b]\nc: *x\nd: [*x]', ['2:4 Aliases are not taken; write the value out', /^3:5 Aliases/]],
  ['a merge', 'a: &x {b: c}\nd:\n  <<: *x', [/^3:7 Aliases/]],
  ['a tag', 'a: !!binary aGk=', [/^1:4 Tags are not taken/]],
  ['every name that stands twice', 'a: 1\nb: {c: 1, c: 2}\na: 2', ['2:11 "c" stands twice; keep one', /^3:1 "a"/]],
  ['a name that is none', '[a]: b', ['1:1 Names are plain words']],
  ['a second document', 'a: 1\n---\na: 2\n', ['3:5 This holds several documents; keep one']],
  ['no YAML', 'a: b\n  c: [d\n', [/^2:4 This is not YAML: /]],
  ['nesting', '['.repeat(yamlLimits.depth + 1), [/^1:16 This is not YAML: nesting/]],
  ['too long a text', `# ${'x'.repeat(yamlLimits.characters)}`, [/^1:1 This is longer than 1048576 characters$/]],
  ['too many nodes', '-\n'.repeat(yamlLimits.nodes), [/^1:1 This holds more than 100000 names and values$/]],
];

for (const [what, text, expected] of refused) {
  test(`parseYamlTree() refuses ${what}`, async () => {
    const { mistakes } = await parseYamlTree(text);
    const told = mistakes.map(({ line, column, sentence }) => `${line}:${column} ${sentence}`);
    assert.equal(told.length, expected.length, told.join('\n'));
    for (const [index, wanted] of expected.entries()) {
      if (typeof wanted === 'string') assert.equal(told[index], wanted);
      else assert.match(told[index] as string, wanted);
    }
  });
}

test('parseYamlTree() tells of so many mistakes and no more', async () => {
  const { mistakes } = await parseYamlTree('a: 1\n'.repeat(1000));
  assert.equal(mistakes.length, yamlLimits.mistakes);
});

test('parseYamlTree() throws nothing, and points into the text', async () => {
  const words = ['a', 'b', ':', ': ', '\n', '\r\n', '\n  ', '- ', '[', ']', '{', '}', ', ', '"', "'", '|', '>', '#'];
  const marks = ['&a ', '*a', '!!map ', '---', '...', '? ', '<<', '\t', '\0', '\uFEFF', 'é', '\u{1F600}', '%YAML 1.2'];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words, ...marks), { maxLength: 40 }).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const lines = given.split(/\r\n|\r|\n/);
      for (const { line, column } of (await parseYamlTree(given)).mistakes) {
        assert.ok(line >= 1 && line <= lines.length + 1 && column >= 1, `${line}:${column}`);
      }
    }),
    { numRuns: 500 },
  );
});
