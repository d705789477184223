import assert from 'node:assert/strict';
import test from 'node:test';
import { runSteps } from '../base/steps.ts';
import { file, symlink, writeTar, type TarEntry } from '../../testing/image/tar-writer.ts';
import { buildFileTree, type FileTree } from '../rootfs/file-tree.ts';
import { LayerReader } from '../rootfs/layer-reader.ts';
import { attributeOwnership } from './attribute-ownership.ts';
import type { OwnershipFact } from './cataloger.ts';

function treeOf(entries: readonly TarEntry[]): FileTree {
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar(entries));
  reader.end();
  return buildFileTree([reader.index()]);
}

function owns(name: string, paths: readonly string[], directories: readonly string[] = []): OwnershipFact {
  return { kind: 'ownership', type: 'deb', name, paths, directories };
}

const cases: readonly {
  readonly name: string;
  readonly tree?: readonly TarEntry[];
  readonly facts: readonly OwnershipFact[];
  readonly path: string;
  readonly owner: string | undefined;
}[] = [
  { name: 'the package that lists it', facts: [owns('a', ['x/y'])], path: 'x/y', owner: 'a' },
  { name: 'nobody else', facts: [owns('a', ['x/y', 'x/z'])], path: 'x', owner: undefined },
  { name: 'the first of two', facts: [owns('a', ['x/y']), owns('b', ['x/y'])], path: 'x/y', owner: 'a' },
  { name: 'none that is not installed', facts: [owns('gone', ['x/y']), owns('b', ['x/y'])], path: 'x/y', owner: 'b' },
  { name: 'the owner of its folder, at any depth', facts: [owns('a', [], ['opt/x'])], path: 'opt/x/y/z', owner: 'a' },
  {
    name: 'no owner of a folder with a longer name',
    facts: [owns('a', [], ['opt/x'])],
    path: 'opt/xy/z',
    owner: undefined,
  },
  {
    name: 'the first of file and folder',
    facts: [owns('a', [], ['opt']), owns('b', ['opt/x'])],
    path: 'opt/x',
    owner: 'a',
  },
  {
    name: 'the first of folder and folder above',
    facts: [owns('b', [], ['opt/x']), owns('a', [], ['opt'])],
    path: 'opt/x/y',
    owner: 'b',
  },
  {
    name: 'a package that writes the folder as it was before the merge',
    tree: [file('usr/lib/x'), symlink('lib', 'usr/lib')],
    facts: [owns('a', ['lib/x'])],
    path: 'usr/lib/x',
    owner: 'a',
  },
  {
    name: 'a package on a system that merged sbin into bin',
    tree: [file('usr/bin/x'), symlink('usr/sbin', 'bin')],
    facts: [owns('a', ['usr/sbin/x'])],
    path: 'usr/bin/x',
    owner: 'a',
  },
  {
    name: 'a package through a folder with any other link',
    tree: [file('data/app/x'), symlink('opt', '/data')],
    facts: [owns('a', [], ['opt/app'])],
    path: 'data/app/x',
    owner: 'a',
  },
  {
    name: 'a package that means another folder of that name',
    tree: [file('usr/lib/x'), file('lib/y')],
    facts: [owns('a', ['lib/x'])],
    path: 'usr/lib/x',
    owner: undefined,
  },
  { name: 'a file in the root', facts: [owns('a', ['x'])], path: 'x', owner: 'a' },
];

for (const { name, tree = [], facts, path, owner } of cases) {
  test(`attributeOwnership() finds ${name}`, () => {
    const versionOf = (fact: OwnershipFact): string | undefined => (fact.name === 'gone' ? undefined : '1');
    const owners = runSteps(attributeOwnership([path], facts, treeOf(tree), versionOf));
    assert.deepEqual(owners.get(path), owner === undefined ? undefined : { type: 'deb', name: owner, version: '1' });
  });
}

test('attributeOwnership() takes many owned folders and many files', () => {
  const folders = Array.from({ length: 20_000 }, (_, at) => `opt/${at}`);
  const facts = folders.map((folder, at) => owns(`p${at}`, [], [folder]));
  const paths = folders.flatMap((folder) => [`${folder}/a`, `${folder}/b/c`]);
  const owners = runSteps(attributeOwnership(paths, facts, treeOf([]), () => '1'));
  assert.equal(owners.size, 40_000);
  assert.equal(owners.get('opt/19999/b/c')?.name, 'p19999');
});
