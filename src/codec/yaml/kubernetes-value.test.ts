import assert from 'node:assert/strict';
import test from 'node:test';
import { kubernetesValue } from './kubernetes-value.ts';
import { parseYamlDocuments } from './tree.ts';

const scalars: readonly (readonly [text: string, value: unknown])[] = [
  ['yes', true],
  ['On', true],
  ['y', true],
  ['off', false],
  ['N', false],
  ['tRue', 'tRue'],
  ['"yes"', 'yes'],
  ["'1'", '1'],
  ['~', null],
  ['null', null],
  ['"null"', 'null'],
  ['0', 0],
  ['-0x1F', -31],
  ['010', 8],
  ['0o17', 15],
  ['0b11', 3],
  ['08', 8],
  ['1_000', 1000],
  ['+1', 1],
  ['_1', '_1'],
  ['1.', 1],
  ['.5', 0.5],
  ['1e3', 1000],
  ['12e03', 12_000],
  ['1e', '1e'],
  ['.', '.'],
  ['-', '-'],
  ['1e999', '1e999'],
  ['80:80', '80:80'],
  ['1:20', '1:20'],
  ['1.2.3', '1.2.3'],
  ['v1', 'v1'],
  ['2024-01-01', '2024-01-01'],
  ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
  ['100Mi', '100Mi'],
  ['nginx:1.27', 'nginx:1.27'],
];

for (const [text, value] of scalars) {
  test(`${text} is ${JSON.stringify(value)}`, async () => {
    const { documents, mistakes } = await parseYamlDocuments(`a: ${text === '-' ? '"-"' : text}\n`);
    assert.deepEqual(mistakes, []);
    const [root] = documents;
    assert.ok(root !== undefined);
    assert.deepEqual({ ...(kubernetesValue(root) as object) }, { a: value });
  });
}

test('lists and objects keep their order, and names that mean something elsewhere', async () => {
  const { documents } = await parseYamlDocuments('b: [1, {__proto__: x}]\n"a": |\n  yes\n');
  const value = kubernetesValue(documents[0] as never) as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ['b', 'a']);
  assert.equal(value['a'], 'yes\n');
  assert.equal(JSON.stringify(value['b']), '[1,{"__proto__":"x"}]');
});

test('documents may be as deep as whoever reads them says', async () => {
  const text = `a: ${'['.repeat(30)}${']'.repeat(30)}`;
  assert.equal((await parseYamlDocuments(text)).documents.length, 0);
  assert.equal((await parseYamlDocuments(text, 64)).documents.length, 1);
});
