import assert from 'node:assert/strict';
import test from 'node:test';
import { directory, file, hardlink, paxHeader, type TarEntry, writeTar } from '../../testing/image/tar-writer.ts';
import { LayerReader } from './layer-reader.ts';

function codesOf(...parts: readonly (TarEntry | readonly Buffer[])[]): (readonly [string, boolean | undefined])[] {
  const reader = new LayerReader(() => undefined);
  for (const part of parts) {
    if ('name' in part) reader.write(writeTar([part], { trailer: false }));
    else for (const block of part) reader.write(block);
  }
  reader.end();
  return reader.problems('layer').map(({ code, incomplete }) => [code, incomplete]);
}

function attribute(name: string, value = 'y'): Partial<TarEntry> {
  return { pax: { [`SCHILY.xattr.${name}`]: value } };
}

const unclear: readonly (readonly [name: string, part: TarEntry | readonly Buffer[]])[] = [
  ['a folder that an attribute makes opaque', directory('d', attribute('trusted.overlay.opaque'))],
  ['a folder that stands for another', directory('d', attribute('trusted.overlay.redirect', '/s'))],
  ['a file whose bytes are elsewhere', file('f', '', attribute('trusted.overlay.metacopy', ''))],
  ['a file that is a whiteout by an attribute', file('f', '', attribute('user.overlay.whiteout'))],
  ['an attribute of fuse-overlayfs', directory('d', attribute('user.fuseoverlayfs.opaque'))],
  [
    'an attribute by which a file is a link',
    file('f', 'x', attribute('user.containers.override_stat', '0:0:777:symlink')),
  ],
  ['a whiteout of nothing', file('a/.wh.')],
  ['a whiteout of its own folder', file('a/.wh..')],
  ['a whiteout of the folder above', file('a/.wh...')],
  ['what is in a folder of aufs', file('.wh..wh.plnk/1.2', 'x')],
  ['what is in a folder that looks like a whiteout', file('a/.wh.b/c')],
  ['a hard link into a folder of aufs', hardlink('h', './.wh..wh.plnk/x/1.2')],
  ['a global header with the name of a whiteout', paxHeader([['path', 'etc/.wh.os-release']], true)],
];

for (const [name, part] of unclear) {
  test(`LayerReader.problems() tells of ${name}`, () => {
    assert.deepEqual(codesOf(file('before'), part, file('after')), [['MARKS_UNCLEAR', true]]);
  });
}

const clear: readonly (readonly [name: string, part: TarEntry | readonly Buffer[]])[] = [
  ['a whiteout', file('a/.wh.b')],
  ['an opaque mark', file('a/.wh..wh..opq')],
  ["aufs's own folders", directory('.wh..wh.plnk')],
  ['a name with a whiteout in it', file('a.wh.b/c.wh.d')],
  ['capabilities', file('f', 'x', attribute('security.capability', '\u0001'))],
  ['an attribute of a user', file('f', 'x', attribute('user.overlays'))],
  ['a device', { name: 'd', type: 'char', device: [0, 0] }],
  ['a global header', paxHeader([['comment', 'x']], true)],
];

for (const [name, part] of clear) {
  test(`LayerReader.problems() says nothing of ${name}`, () => {
    assert.deepEqual(codesOf(file('before'), part, file('after')), []);
  });
}

test('LayerReader.problems() does not tell of an attribute that a later header took back', () => {
  const lost = paxHeader([['SCHILY.xattr.trusted.overlay.opaque', 'y']]);
  assert.deepEqual(codesOf(lost, paxHeader([['comment', 'x']]), directory('d')), []);
  assert.deepEqual(codesOf(lost, paxHeader([['comment', 'x']], true), directory('d')), []);
  assert.deepEqual(codesOf(lost, directory('d'), directory('e')), [['MARKS_UNCLEAR', true]]);
});
