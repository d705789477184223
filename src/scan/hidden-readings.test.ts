import assert from 'node:assert/strict';
import test from 'node:test';
import { file, hardlink, symlink, whiteout, writeTar, type TarEntry } from '../../testing/image/tar-writer.ts';
import { runSteps } from '../base/steps.ts';
import type { SeenReading } from '../catalog/assemble.ts';
import type { Cataloger, PathPattern } from '../catalog/cataloger.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { FileTree } from '../rootfs/file-tree.ts';
import { LayerReader } from '../rootfs/layer-reader.ts';
import { findHiddenReadings, type HiddenReadings } from './hidden-readings.ts';

function cataloger(id: string, wants: readonly PathPattern[]): Cataloger {
  return { id, version: 1, wants, maxBytes: 1000, read: () => ({ facts: [] }) };
}

const dispatch = new Dispatch([
  cataloger('npm', [{ name: 'package.json' }]),
  cataloger('apk', [{ path: 'lib/apk/db/installed' }]),
  cataloger('dpkg', [{ directory: 'var/lib/dpkg/info', extension: '.list' }]),
  cataloger('go', [{ executable: true }]),
]);

function treeOf(layers: readonly (readonly TarEntry[])[], maxSteps?: number): FileTree {
  const tree = new FileTree(maxSteps);
  for (const entries of layers) {
    const reader = new LayerReader(() => undefined);
    reader.write(writeTar(entries));
    reader.end();
    tree.apply(reader.index());
  }
  return tree;
}

function find(...args: Parameters<typeof findHiddenReadings>): HiddenReadings {
  return runSteps(findHiddenReadings(...args));
}

const program = file('tmp/p', 'x'.repeat(80), { mode: 0o755 });

const cases: readonly {
  readonly name: string;
  readonly layers: readonly (readonly TarEntry[])[];
  readonly read?: readonly string[];
  /** `layer path real` */
  readonly found: readonly string[];
}[] = [
  { name: 'nothing without links', layers: [[file('package.json', 'x')]], found: [] },
  {
    name: 'a symlink of a wanted name',
    layers: [[file('x', 'x'), symlink('package.json', 'x')]],
    found: ['0 package.json x'],
  },
  {
    name: 'no symlink to what is read anyway',
    layers: [[file('a/package.json', 'x'), symlink('package.json', 'a/package.json')]],
    found: [],
  },
  {
    name: 'no link to a folder, to nothing, to itself or to an empty file',
    layers: [
      [
        file('d/x', 'x'),
        file('e'),
        symlink('a/package.json', '/d'),
        symlink('b/package.json', 'no'),
        symlink('package.json', 'package.json'),
        symlink('c/package.json', '/e'),
      ],
    ],
    found: [],
  },
  {
    name: 'a hard link of a wanted name',
    layers: [[file('x', 'x'), hardlink('package.json', 'x')]],
    found: ['0 package.json package.json'],
  },
  {
    name: 'no hard link that was read',
    layers: [[file('package.json', 'x'), hardlink('a/package.json', 'package.json')]],
    read: ['a/package.json'],
    found: [],
  },
  {
    name: 'a hard link into a lower layer',
    layers: [[file('x', 'x')], [hardlink('package.json', 'x')]],
    found: ['0 package.json package.json'],
  },
  {
    name: 'what a linked folder holds',
    layers: [[file('real/a.list', 'x'), file('real/b', 'x'), symlink('var/lib/dpkg/info', '/real')]],
    found: ['0 var/lib/dpkg/info/a.list real/a.list'],
  },
  {
    name: 'a file behind a linked folder',
    layers: [[file('real/apk/db/installed', 'x')], [symlink('lib', 'real')]],
    found: ['0 lib/apk/db/installed real/apk/db/installed'],
  },
  {
    name: 'no program whose own name is there',
    layers: [[program, hardlink('bin/p', 'tmp/p'), symlink('bin/q', 'p')]],
    found: [],
  },
  {
    name: 'a program by one of the links that are left',
    layers: [[program, hardlink('bin/p', 'tmp/p'), hardlink('bin/q', 'tmp/p')], [whiteout('tmp/p')]],
    found: ['0 bin/p bin/p'],
  },
];

for (const { name, layers, read = [], found } of cases) {
  test(`findHiddenReadings() finds ${name}`, () => {
    const seen = read.map((path): SeenReading => ({ path, reading: { path, entry: 0, facts: [], problems: [] } }));
    const { readings, problems } = find(treeOf(layers), dispatch, seen, 'image');
    assert.deepEqual(
      readings.map(({ layer, path, realPath }) => `${layer} ${path} ${realPath}`),
      found,
    );
    assert.deepEqual(problems, []);
  });
}

test('findHiddenReadings() says when there are more links than it follows', () => {
  const links = Array.from({ length: 5 }, (_, at) => symlink(`${at}/package.json`, '/x'));
  const { readings, problems } = find(treeOf([[file('x', 'x'), ...links]]), dispatch, [], 'image', 3);
  assert.equal(readings.length, 3);
  assert.deepEqual(
    problems.map(({ code, incomplete }) => [code, incomplete]),
    [['TOO_MANY_LINKS', true]],
  );
});

test('findHiddenReadings() follows a few of many symlinks to one file, and says so', () => {
  const links = Array.from({ length: 20 }, (_, at) => symlink(`${at}/package.json`, '/x'));
  const { readings, problems } = find(treeOf([[file('x', 'x'), ...links]]), dispatch, [], 'image');
  assert.equal(readings.length, 16);
  assert.match(problems[0]?.message ?? '', /has 20 links .* only 16 were/);
});

test('findHiddenReadings() says when links to links used up all look-ups', () => {
  const chain = Array.from({ length: 30 }, (_, at) => symlink(`l${at}`, `${'./'.repeat(20)}d/../l${at + 1}`));
  const links = Array.from({ length: 16 }, (_, at) => symlink(`${at}/package.json`, '/l0'));
  const layers = [[file('d/x', 'x'), file('l30', 'x'), ...chain, ...links]];
  assert.equal(find(treeOf(layers), dispatch, [], 'image').problems.length, 0);
  const { problems } = find(treeOf(layers, 100), dispatch, [], 'image');
  assert.deepEqual(
    problems.map(({ code, incomplete }) => [code, incomplete]),
    [['TOO_MANY_LINKS', true]],
  );
});

test('findHiddenReadings() pauses at every link, since each may take long', () => {
  const links = Array.from({ length: 100 }, (_, at) => symlink(`${at}/package.json`, '/x'));
  const pauses = [...findHiddenReadings(treeOf([[file('x', 'x'), ...links]]), dispatch, [], 'image')];
  assert.ok(pauses.length >= 100);
});

test('findHiddenReadings() says that files may be where it did not look when runtimes follow links in different ways', () => {
  const layers = [[file('lib/apk/db/installed', 'x'), symlink('d', 'lib/apk/db')], [file('d/installed', 'y')]];
  const { problems } = find(treeOf(layers), dispatch, [], 'image');
  assert.deepEqual(
    problems.map(({ code, incomplete }) => [code, incomplete]),
    [['LINKS_UNCLEAR', true]],
  );
  assert.deepEqual(find(treeOf([layers[0] ?? []]), dispatch, [], 'image').problems, []);
});
