import assert from 'node:assert/strict';
import test from 'node:test';
import {
  directory,
  file,
  hardlink,
  opaque,
  paxHeader,
  symlink,
  type TarEntry,
  whiteout,
  writeTar,
} from '../../testing/image/tar-writer.ts';
import { buildFileTree } from './file-tree.ts';
import type { LayerIndex } from './layer-index.ts';
import { LayerReader } from './layer-reader.ts';

function indexOf(entries: readonly TarEntry[]): LayerIndex {
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar(entries));
  reader.end();
  return reader.index();
}

/** As the header of its own for all entries to come: the name is that of its record. */
function withGlobalHeader(name: string, before: readonly TarEntry[], after: readonly TarEntry[] = []): LayerIndex {
  const reader = new LayerReader(() => undefined);
  reader.write(writeTar(before, { trailer: false }));
  for (const block of paxHeader([['path', name]], true)) reader.write(block);
  reader.write(writeTar(after));
  reader.end();
  return reader.index();
}

/** What runtimes unpack in different places, or in another order than layers are meant to be read. */
const unclear: readonly (readonly [name: string, layers: readonly (readonly TarEntry[])[]])[] = [
  [
    'a folder behind a link whose target goes up from another link',
    [
      [
        directory('foo/bar'),
        directory('foo/lib'),
        directory('lib'),
        symlink('x', 'foo/bar'),
        symlink('d', 'x/../lib'),
        file('d/sub/f'),
      ],
    ],
  ],
  ['a file behind a link of a lower layer', [[file('lib/db/x'), symlink('d', 'lib/db')], [file('d/x')]]],
  ['a whiteout of a link that its layer went through before', [[symlink('a', 'b')], [file('a/x'), whiteout('a')]]],
  ['a folder that takes the place of a file of its own layer', [[file('lib/db/x')], [file('lib'), directory('lib')]]],
  ['a hard link through a link to a file', [[file('a'), symlink('d', '/a/..'), hardlink('h', 'd/a')]]],
  [
    'a file in a folder of its own layer behind a link of a lower layer',
    [
      [directory('lib/db/sub'), symlink('d', 'lib/db')],
      [directory('d/sub'), file('d/sub/x')],
    ],
  ],
  ['a whiteout of a link of its own layer', [[symlink('a', 'b'), whiteout('a'), file('a/x')]]],
  [
    'a mark over a link that was put there under another name',
    [[directory('d'), symlink('l', 'd'), symlink('l/s', '../tmp'), opaque('d'), file('d/s/x')]],
  ],
  [
    'a hard link whose target goes up from a link',
    [[file('b'), file('c/b'), directory('c/d'), symlink('a', 'c/d'), hardlink('h', 'a/../b')]],
  ],
  [
    'a whiteout behind a link that its own layer replaced before',
    [
      [file('lib/db/x'), directory('tmp'), symlink('d', 'lib/db')],
      [symlink('d', 'tmp'), whiteout('d/x')],
    ],
  ],
  ['a whiteout behind a link of its own layer', [[file('lib/db/x')], [symlink('d', 'lib/db'), whiteout('d/x')]]],
  ['an opaque mark behind a link', [[file('lib/db/x'), symlink('d', 'lib/db')], [opaque('d')]]],
  ['an opaque mark behind a link of its own layer', [[file('lib/db/x')], [symlink('d', 'lib/db'), opaque('d')]]],
  [
    'a whiteout behind a link that its own layer replaced under another name',
    [
      [file('lib/db/x'), directory('tmp'), symlink('e/d', '/lib/db'), symlink('l', 'e')],
      [symlink('l/d', '/tmp'), whiteout('e/d/x')],
    ],
  ],
  ['an opaque mark of the root', [[file('lib/db/x')], [opaque(''), file('y')]]],
  [
    'a folder that its own layer removes and makes anew',
    [[file('lib/db/x')], [whiteout('lib'), directory('lib'), file('lib/y')]],
  ],
  ['a whiteout of a file of its own layer', [[file('a'), whiteout('a')]]],
  [
    'a hard link to what its own layer has removed before',
    [
      [file('a'), file('b')],
      [whiteout('a'), hardlink('b', 'a')],
    ],
  ],
  ['an opaque mark after what lies in a folder without an entry', [[file('lib/db/x'), opaque('lib')]]],
  [
    'an opaque mark after a link in a folder without an entry',
    [[file('tmp/x'), symlink('lib/db/l', '/tmp'), opaque('lib'), file('lib/db/l/x')]],
  ],
  [
    'an opaque mark after what its layer put there through a link',
    [[directory('lib'), symlink('d', 'lib'), directory('lib/db'), file('d/db/x'), opaque('lib')]],
  ],
  ['a whiteout below a file of a lower layer', [[file('a')], [whiteout('a/b')]]],
  ['an opaque mark of a link of a lower layer to nothing', [[symlink('d', '/no/where')], [opaque('d')]]],
  ['a whiteout of nothing behind a link of a lower layer', [[file('lib/x'), symlink('d', 'lib')], [whiteout('d/y')]]],
  [
    'a name that aufs kept for itself, behind a link of a lower layer',
    [[symlink('d', '/no/where')], [whiteout('d/.wh.a')]],
  ],
  [
    'a folder that is there behind a link of a lower layer',
    [[file('lib/db/x'), symlink('d', 'lib')], [directory('d/db')]],
  ],
  [
    'a file in the place of the folder that the link to it was in',
    [[file('d/d'), symlink('c/a', '..'), file('c/a/c')]],
  ],
  ['a link in the place of the link that led to it', [[directory('a/c'), symlink('d', 'a/..'), symlink('d/d', '..')]]],
];

for (const [name, layers] of unclear) {
  test(`FileTree.unclearPlaces counts ${name}`, () => {
    assert.ok(buildFileTree(layers.map(indexOf)).unclearPlaces > 0);
  });
}

test('FileTree.unclearPlaces counts nothing of what layers are really like', () => {
  const real = [
    [
      [directory('usr/lib'), symlink('lib', 'usr/lib'), directory('run'), symlink('var/run', '../run'), file('lib/x')],
      [
        file('run/y'),
        file('usr/lib/y'),
        hardlink('usr/lib/h', './usr/lib/x'),
        whiteout('usr/lib/x'),
        whiteout('no/thing'),
      ],
      [directory('lib'), whiteout('lib/x'), whiteout('var/run'), file('var/run/z'), hardlink('i', 'a/../usr/lib/y')],
    ],
    // A folder made anew: empty below, marked at once, or with entries for all folders in it before the mark.
    [
      [directory('a'), file('b/x'), file('c/x')],
      [
        whiteout('a'),
        directory('a'),
        whiteout('b'),
        directory('b'),
        opaque('b'),
        file('b/s/y'),
        directory('c'),
        directory('c/s'),
        file('c/s/y'),
        opaque('c'),
      ],
    ],
    // The same again on nothing.
    [[opaque(''), directory('a'), opaque('a'), file('a/s/x')]],
  ] as const;
  for (const layers of real) assert.equal(buildFileTree(layers.map(indexOf)).unclearPlaces, 0);
});

const named: readonly (readonly [name: string, entries: readonly TarEntry[]])[] = [
  ['a file', [file('lib/x')]],
  ['a folder', [file('lib/x/y')]],
  ['a link', [symlink('lib/x', '/tmp')]],
  ['what is behind a link', [directory('tmp'), symlink('lib', '/tmp')]],
  ['what would be below a file', [file('lib')]],
];

for (const [name, entries] of named) {
  test(`FileTree.unclearPlaces counts a global PAX header with the name of ${name}`, () => {
    assert.ok(buildFileTree([withGlobalHeader('lib/x', entries)]).unclearPlaces > 0, 'in one layer');
    assert.ok(buildFileTree([indexOf(entries), withGlobalHeader('lib/x', [])]).unclearPlaces > 0, 'in two layers');
  });
}

test('FileTree.unclearPlaces does not count a global PAX header whose name nothing has', () => {
  for (const name of ['pax_global_header', 'lib/x', 'no/where']) {
    const tree = buildFileTree([withGlobalHeader(name, [file('lib/y')], [file('lib/x'), file('pax_global_header')])]);
    assert.equal(tree.unclearPlaces, 0);
  }
});
