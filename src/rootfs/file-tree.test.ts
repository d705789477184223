import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { directory, file, hardlink, opaque, symlink, whiteout, writeTar } from '../../testing/image/tar-writer.ts';
import type { TarEntry } from '../../testing/image/tar-writer.ts';
import { buildFileTree, type FileTree } from './file-tree.ts';
import { decodeLayerIndex, encodeLayerIndex, entryKind, type LayerIndex } from './layer-index.ts';
import { LayerReader } from './layer-reader.ts';

function indexOf(entries: readonly TarEntry[]): LayerIndex {
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar(entries));
  reader.end();
  return decodeLayerIndex(encodeLayerIndex(reader.index()));
}

/** All files and links of a tree, each with the layer that its bytes come from: `path@layer`. */
function listing(tree: FileTree, folder = ''): string[] {
  const found: string[] = [];
  for (const node of tree.children(folder)) {
    if (node.kind === entryKind.directory) found.push(...listing(tree, node.path));
    else found.push(`${node.path}@${node.contentLayer}`);
  }
  return found.sort();
}

interface Case {
  readonly name: string;
  readonly layers: readonly (readonly TarEntry[])[];
  readonly seen: readonly string[];
  /** Not all runtimes unpack it so. */
  readonly isUnclear?: true;
}

const cases: readonly Case[] = [
  { name: 'adds up layers', layers: [[file('a/b')], [file('a/c')]], seen: ['a/b@0', 'a/c@1'] },
  { name: 'lets the upper layer win', layers: [[file('a')], [file('a')]], seen: ['a@1'] },
  { name: 'removes by whiteout', layers: [[file('a/b'), file('a/c')], [whiteout('a/b')]], seen: ['a/c@0'] },
  { name: 'removes whole folders', layers: [[file('a/b/c'), file('d')], [whiteout('a')]], seen: ['d@0'] },
  {
    name: 'keeps a sibling of the same layer, whiteout last',
    layers: [[file('a/old')], [file('a/new'), whiteout('a')]],
    seen: ['a/new@1'],
    isUnclear: true,
  },
  {
    name: 'keeps the same name added beside its whiteout',
    layers: [[file('a')], [file('a'), whiteout('a')]],
    seen: ['a@1'],
    isUnclear: true,
  },
  {
    name: 'hides what lies below an opaque folder, mark last',
    layers: [
      [file('a/old'), file('b')],
      [file('a/new'), opaque('a')],
    ],
    seen: ['a/new@1', 'b@0'],
  },
  {
    name: 'hides everything below an opaque root',
    layers: [[file('a')], [opaque(''), file('b')]],
    seen: ['b@1'],
    isUnclear: true,
  },
  {
    name: 'ignores whiteouts of what is not there',
    layers: [[file('a')], [whiteout('x/y'), whiteout('z')]],
    seen: ['a@0'],
  },
  { name: 'turns a file into a folder', layers: [[file('a')], [file('a/b')]], seen: ['a/b@1'] },
  { name: 'turns a folder into a file', layers: [[file('a/b')], [file('a')]], seen: ['a@1'] },
  {
    name: 'merges a folder with a folder',
    layers: [[file('a/b')], [directory('a', { mode: 0o700 })]],
    seen: ['a/b@0'],
  },
  {
    name: 'takes the last of equal paths',
    layers: [[file('a/b'), file('a'), file('a/c')]],
    seen: ['a/c@0'],
    isUnclear: true,
  },
  { name: 'cleans paths', layers: [[file('./a'), file('/b'), file('c//./d')]], seen: ['a@0', 'b@0', 'c/d@0'] },
  {
    name: 'has paths that lead out of the image where containerd unpacks them',
    layers: [[file('../a'), file('b/../../c'), file('d/../e'), file('/../../f/g'), file('f/../..')]],
    seen: ['a@0', 'c@0', 'e@0', 'f/g@0'],
  },
  {
    name: 'has what hard links share that lead out of the image',
    layers: [[file('a'), hardlink('../h', '../../a')]],
    seen: ['a@0', 'h@0'],
  },
  { name: 'makes missing parents', layers: [[file('a/b/c/d')]], seen: ['a/b/c/d@0'] },
  {
    name: 'gives a hard link the bytes of its target, in the layer or below',
    layers: [[file('a')], [hardlink('b', 'a'), file('c'), hardlink('d', './c')]],
    seen: ['a@0', 'b@0', 'c@1', 'd@1'],
  },
  {
    name: 'keeps a hard link when its target goes',
    layers: [[file('a'), hardlink('b', 'a')], [whiteout('a')]],
    seen: ['b@0'],
  },
  {
    name: 'looks implied folders up through symlinks of lower layers',
    layers: [[file('usr/lib/x'), symlink('lib', 'usr/lib')], [file('lib/y')]],
    seen: ['lib@0', 'usr/lib/x@0', 'usr/lib/y@1'],
    isUnclear: true,
  },
  {
    name: 'replaces a symlink by a folder with an entry of its own',
    layers: [
      [file('usr/lib/x'), symlink('lib', 'usr/lib')],
      [directory('lib'), file('lib/y')],
    ],
    seen: ['lib/y@1', 'usr/lib/x@0'],
  },
  {
    name: 'follows symlinks to the folder of a whiteout',
    layers: [[file('usr/lib/x'), symlink('lib', 'usr/lib')], [whiteout('lib/x')]],
    seen: ['lib@0'],
    isUnclear: true,
  },
  {
    name: 'makes the folder that a link names which is not there',
    layers: [[symlink('d', 'lib/apk/db'), file('d/installed')]],
    seen: ['d@0', 'lib/apk/db/installed@0'],
  },
  {
    name: 'makes it for a link of a lower layer, and through links to links',
    layers: [
      [symlink('run', '/var/run'), symlink('var', 'data/../vol')],
      [file('run/a/b'), file('var/c')],
    ],
    seen: ['run@0', 'var@0', 'vol/c@1', 'vol/run/a/b@1'],
    isUnclear: true,
  },
  {
    name: 'makes no folder below a file, nor for a link in a circle',
    layers: [[file('f'), symlink('d', 'f/x'), symlink('l', 'l'), file('d/a'), file('l/b')]],
    seen: ['d/a@0', 'f@0', 'l/b@0'],
    isUnclear: true,
  },
  {
    name: 'puts what comes before the entry of a folder where a link led until then',
    layers: [
      [file('lib/db/x'), symlink('d', 'lib/db')],
      [file('d/y'), directory('d'), file('d/z')],
    ],
    seen: ['d/z@1', 'lib/db/x@0', 'lib/db/y@1'],
    isUnclear: true,
  },
  {
    name: 'puts what comes before the entry of a folder where a link of the same layer led',
    layers: [[directory('lib/db'), symlink('d', 'lib/db'), file('d/y'), directory('d'), file('d/z')]],
    seen: ['d/z@0', 'lib/db/y@0'],
    isUnclear: true,
  },
  {
    name: 'notices that a folder on the way became another link, under another of its names',
    layers: [
      [
        directory('a'),
        directory('tmp'),
        directory('lib/db'),
        symlink('l', 'a'),
        symlink('a/s', '../tmp'),
        file('l/s/one'),
        symlink('a/s', '../lib/db'),
        file('l/s/two'),
        file('l/s/sub/three'),
      ],
    ],
    seen: ['a/s@0', 'l@0', 'lib/db/sub/three@0', 'lib/db/two@0', 'tmp/one@0'],
  },
  {
    name: 'notices that a folder on the way became a link, under another of its names',
    layers: [
      [
        directory('lib/db'),
        directory('a/s'),
        symlink('l', 'a'),
        file('a/s/one'),
        symlink('l/s', '/lib/db'),
        file('a/s/two'),
      ],
    ],
    seen: ['a/s@0', 'l@0', 'lib/db/two@0'],
  },
  {
    name: 'lets no mark take the place of a file',
    layers: [
      [file('a'), file('b/c')],
      [opaque('a'), whiteout('b/c/d')],
    ],
    seen: ['a@0', 'b/c@0'],
    isUnclear: true,
  },
  {
    name: 'brings a removed name back',
    layers: [[file('a/b')], [whiteout('a')], [file('a/b')]],
    seen: ['a/b@2'],
  },
  {
    name: 'takes names of whiteouts literally when they say nothing',
    layers: [[file('.wh.')], [file('.wh..wh.plnk')]],
    seen: [],
  },
];

for (const { name, layers, seen } of cases) {
  test(`buildFileTree() ${name}`, () => assert.deepEqual(listing(buildFileTree(layers.map(indexOf))), seen));
}

test('FileTree.unclearPlaces counts what runtimes have elsewhere', () => {
  for (const { name, layers, isUnclear = false } of cases) {
    assert.equal(buildFileTree(layers.map(indexOf)).unclearPlaces > 0, isUnclear, name);
  }
});

const lookups: readonly (readonly [string, string | undefined])[] = [
  ['etc/os-release', 'usr/lib/os-release'],
  ['/etc/os-release', 'usr/lib/os-release'],
  ['abs/os-release', 'usr/lib/os-release'],
  ['up', 'usr/lib/os-release'],
  ['loop', undefined],
  ['loop/x', undefined],
  ['self', undefined],
  ['dangling', undefined],
  ['etc/missing', undefined],
  ['usr/lib/os-release/x', undefined],
  ['', ''],
];

test('FileTree.lookup() follows symlinks inside the image only, and gives up on circles', () => {
  const tree = buildFileTree([
    indexOf([
      file('usr/lib/os-release'),
      symlink('etc/os-release', '../usr/lib/os-release'),
      symlink('abs', '/usr/lib'),
      symlink('up', '../../../../usr/lib/os-release'),
      symlink('loop', 'loop2'),
      symlink('loop2', 'loop'),
      symlink('self', 'self/self/self'),
      symlink('dangling', 'nowhere'),
    ]),
  ]);
  for (const [path, real] of lookups) assert.equal(tree.lookup(path)?.path, real, path);
});

test('FileTree.isVisible() is true for exactly the entries whose bytes are seen', () => {
  const layers = [indexOf([file('a'), file('b'), file('a')]), indexOf([file('b'), hardlink('c', 'a'), whiteout('a')])];
  const tree = buildFileTree(layers);
  const visible = layers.map((index, layer) =>
    Array.from({ length: index.count }, (_, entry) => tree.isVisible(layer, entry)),
  );
  assert.deepEqual(visible, [
    [false, false, false],
    [true, false, false],
  ]);
});

test('FileTree.links() names symlinks and hard links with what they lead to', () => {
  const tree = buildFileTree([indexOf([file('a'), symlink('s', 'a'), hardlink('h', 'a'), symlink('bad', 'x')])]);
  const found = [...tree.links()].map((link) => (link === undefined ? '' : `${link.path}>${link.target.path}`)).sort();
  assert.deepEqual(found, ['', 'h>h', 's>a']);
});

test('FileTree survives ten thousand folders inside each other', () => {
  const deep = Array.from({ length: 500 }, () => 'd').join('/');
  const tree = buildFileTree([indexOf([file(`${deep}/x`)]), indexOf([whiteout('d')])]);
  assert.deepEqual(listing(tree), []);
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar([file(`${Array.from({ length: 3000 }, () => 'd').join('/')}/x`)]));
  reader.end();
  assert.equal(reader.index().count, 0);
  const [problem] = reader.problems('layer');
  assert.equal(problem?.code, 'PATH_TOO_DEEP');
  assert.equal(problem?.incomplete, true);
});

test('LayerReader counts paths that escape and data after the end mark', () => {
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar([file('../x'), file('ok')]));
  reader.write(writeTar([file('hidden')]));
  reader.end();
  assert.deepEqual(
    reader.problems('layer').map(({ code }) => code),
    ['PATH_ESCAPE', 'TRAILING_DATA'],
  );
});

/** A model of the rules: a map of paths, one layer after the other. */
function model(layers: readonly (readonly TarEntry[])[]): string[] {
  const seen = new Map<string, number>();
  const removeBelow = (path: string): void => {
    for (const known of seen.keys()) if (known === path || known.startsWith(`${path}/`)) seen.delete(known);
  };
  for (const [layer, entries] of layers.entries()) {
    for (const { name } of entries) {
      const slash = name.lastIndexOf('/') + 1;
      if (name.endsWith('.wh..wh..opq')) {
        const folder = name.slice(0, slash);
        for (const known of seen.keys()) if (known.startsWith(folder)) seen.delete(known);
      } else if (name.startsWith('.wh.', slash)) removeBelow(name.slice(0, slash) + name.slice(slash + 4));
    }
    for (const { name } of entries) {
      // A mark brings nothing, not even its folder.
      if (name.includes('.wh.')) continue;
      removeBelow(name);
      for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) seen.delete(name.slice(0, at));
      seen.set(name, layer);
    }
  }
  return [...seen].map(([path, layer]) => `${path}@${layer}`).sort();
}

test('buildFileTree() agrees with the plain statement of the rules', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const entry = fc.oneof(
    { weight: 4, arbitrary: path.map((name) => file(name)) },
    { weight: 1, arbitrary: path.map(whiteout) },
    { weight: 1, arbitrary: path.map(opaque) },
  );
  fc.assert(
    fc.property(fc.array(fc.array(entry, { maxLength: 8 }), { maxLength: 4 }), (layers) => {
      assert.deepEqual(listing(buildFileTree(layers.map(indexOf))), model(layers));
    }),
    { numRuns: 2000 },
  );
});

test('decodeLayerIndex() refuses damaged bytes', () => {
  const packed = Buffer.from(encodeLayerIndex(indexOf([file('a/b'), symlink('c', 'a')])));
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length), (at, value, cut) => {
      const bytes = Buffer.from(packed.subarray(0, cut));
      if (at < bytes.length) bytes[at] = value;
      try {
        buildFileTree([decodeLayerIndex(bytes)]).lookup('a/b');
      } catch (error) {
        assert.equal((error as Error).name, 'RootfsError');
      }
    }),
  );
});
