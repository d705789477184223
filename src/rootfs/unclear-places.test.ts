import assert from 'node:assert/strict';
import test from 'node:test';
import {
  directory,
  file,
  hardlink,
  opaque,
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
  ] as const;
  for (const layers of real) assert.equal(buildFileTree(layers.map(indexOf)).unclearPlaces, 0);
});
