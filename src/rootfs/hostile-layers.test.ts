import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { directory, file, hardlink, opaque, symlink, whiteout, writeTar } from '../../testing/image/tar-writer.ts';
import type { TarEntry } from '../../testing/image/tar-writer.ts';
import { defaultTarLimits } from '../codec/tar/limits.ts';
import { buildFileTree, FileTree } from './file-tree.ts';
import { encodeLayerIndex, decodeLayerIndex, entryKind, type LayerIndex } from './layer-index.ts';
import { LayerReader } from './layer-reader.ts';
import { defaultIndexLimits, type IndexLimits } from './limits.ts';

function indexOf(entries: readonly TarEntry[], limits: IndexLimits = defaultIndexLimits): LayerIndex {
  const reader = new LayerReader(() => undefined, defaultTarLimits, limits);
  reader.write(writeTar(entries));
  reader.end();
  return reader.index();
}

/** Names in a folder, each with the layer that put it there. */
function names(tree: FileTree, folder: string): string[] {
  return [...tree.children(folder)].map(({ path, layer }) => `${path}@${layer}`).sort();
}

const limits: readonly (readonly [string, Partial<IndexLimits>, readonly TarEntry[]])[] = [
  ['implied folders', { maxEntries: 100 }, [file(`${'d/'.repeat(99)}x`), file('e/x')]],
  ['names', { maxNameBytes: 1000 }, Array.from({ length: 40 }, (_, at) => file(`${'n'.repeat(30)}${at}`))],
  ['link targets', { maxLinkBytes: 1000 }, Array.from({ length: 40 }, (_, at) => symlink(`${at}`, 'n'.repeat(30)))],
];

for (const [name, limit, entries] of limits) {
  test(`LayerReader refuses too much of ${name}`, () => {
    const read = (): LayerIndex => indexOf(entries, { ...defaultIndexLimits, ...limit });
    assert.throws(read, { name: 'RootfsError', code: 'LIMIT_EXCEEDED' });
    assert.ok(indexOf(entries).count > 0);
  });
}

test('FileTree brings names back after many opaque layers, each once', () => {
  const lower = Array.from({ length: 300 }, (_, at) => file(`d/${at}`));
  const layers = [indexOf([...lower, file('d/sub/x')])];
  for (let layer = 1; layer < 400; layer += 1) layers.push(indexOf([opaque('d'), opaque('d'), file(`d/${layer % 7}`)]));
  const tree = buildFileTree(layers);
  assert.deepEqual(names(tree, 'd'), [`d/${399 % 7}@399`]);
  tree.apply(indexOf([file('d/sub/y'), file('d/5'), whiteout('d/0')]));
  assert.deepEqual(names(tree, 'd'), ['d/5@400', 'd/sub@400']);
  assert.deepEqual(names(tree, 'd/sub'), ['d/sub/y@400']);
});

test('FileTree takes whiteouts in their order where links stand between them and their folders', () => {
  const base = indexOf([file('usr/lib/x'), file('usr/lib/y'), symlink('lib', 'usr/lib')]);
  const tree = buildFileTree([base, indexOf([whiteout('lib/x'), whiteout('lib'), whiteout('lib/y')])]);
  assert.deepEqual(names(tree, 'usr/lib'), ['usr/lib/y@0']);
  assert.deepEqual(names(tree, 'lib'), []);
});

test('FileTree keeps what a hard link names though its own layer removes the name', () => {
  const base = indexOf([file('a'), file('d/b'), symlink('s', 'a')]);
  for (const removal of [[whiteout('a'), whiteout('d'), whiteout('s')], [opaque('')]]) {
    const links = [hardlink('h', 'a'), hardlink('i', 'd/b'), hardlink('t', 's'), hardlink('none', 'zz')];
    const tree = buildFileTree([base, indexOf([...links, ...removal])]);
    assert.equal(tree.lookup('h')?.contentLayer, 0);
    assert.equal(tree.lookup('i')?.contentLayer, 0);
    assert.equal(tree.lookup('none')?.kind, entryKind.other);
    assert.equal(tree.danglingHardlinks, 1);
  }
});

test('FileTree prefers the file that a hard link finds in its own layer', () => {
  const tree = buildFileTree([
    indexOf([file('a', '1')]),
    indexOf([file('a', '22'), whiteout('a'), hardlink('h', 'a')]),
  ]);
  assert.deepEqual([tree.lookup('h')?.contentLayer, tree.lookup('h')?.size], [1, 2]);
});

test('FileTree gives links to links up once they used up all look-ups, and says so', () => {
  const chain = Array.from({ length: 39 }, (_, at) => symlink(`l${at}`, `${'d/../'.repeat(50)}l${at + 1}`));
  const links = Array.from({ length: 200 }, (_, at) => hardlink(`h${at}`, 'l0/x'));
  const index = indexOf([directory('d'), file('l39/x'), ...chain, ...links]);
  const whole = new FileTree();
  whole.apply(index);
  assert.deepEqual([whole.isExhausted, whole.danglingHardlinks], [false, 0]);
  const tree = new FileTree(20_000);
  tree.apply(index);
  assert.equal(tree.isExhausted, true);
  assert.ok(tree.danglingHardlinks > 0);
  assert.equal(tree.lookup('l39/x'), undefined);
});

test('FileTree.links() leads where lookup() does, however links lead to links', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const target = fc.oneof(
    name,
    fc.tuple(name, name).map(([folder, file]) => `${folder}/${file}`),
    fc.constant('../a'),
  );
  const links = fc.array(fc.tuple(name, target), { maxLength: 6 });
  fc.assert(
    fc.property(links, (pairs) => {
      const lower = [directory('d'), file('d/x'), file('f'), symlink('d/a', '../a'), symlink('d/b', 'x')];
      const index = indexOf([...lower, ...pairs.map(([from, to]) => symlink(from, to))]);
      const tree = buildFileTree([index]);
      const fresh = buildFileTree([index]);
      for (const link of tree.links()) if (link !== undefined) assert.deepEqual(link.target, fresh.lookup(link.path));
      const dangling = [...tree.links()].filter((link) => link === undefined).length;
      const paths = ['a', 'b', 'c', 'd', 'e', 'f', 'd/a', 'd/b'];
      for (const path of paths) assert.deepEqual(tree.lookup(path), fresh.lookup(path));
      const symlinks = new Map<string, string>([...pairs, ['d/a', '../a'] as const, ['d/b', 'x'] as const]);
      const lost = paths.filter((path) => symlinks.has(path) && fresh.lookup(path) === undefined);
      assert.ok(dangling <= lost.length);
    }),
  );
});

test('FileTree.links() counts the symlinks of a chain, though it walks each once', () => {
  const chain = Array.from({ length: 60 }, (_, at) => symlink(`l${at + 1}`, `l${at}`));
  for (const entries of [chain, chain.toReversed()]) {
    const tree = buildFileTree([indexOf([file('l0'), ...entries])]);
    const found = [...tree.links()].filter((link) => link !== undefined);
    assert.equal(found.length, 40);
    assert.ok(found.every(({ target }) => target.path === 'l0'));
  }
});

test('FileTree.links() walks links in a circle a few times each, not forty', () => {
  const count = 20_000;
  const ring = Array.from({ length: count }, (_, at) => symlink(`l${at}`, `l${(at * 7919) % count}`));
  const tree = new FileTree(count * 30);
  tree.apply(indexOf(ring));
  assert.ok([...tree.links()].every((link) => link === undefined));
  assert.equal(tree.isExhausted, false);
});

test('FileTree.applyInSteps() pauses amid look-ups that take long', () => {
  const chain = Array.from({ length: 39 }, (_, at) => symlink(`l${at}`, `${'d/../'.repeat(50)}l${at + 1}`));
  const links = Array.from({ length: 100 }, (_, at) => hardlink(`h${at}`, 'l0/x'));
  const pauses = [...new FileTree().applyInSteps(indexOf([directory('d'), file('l39/x'), ...chain, ...links]))];
  assert.ok(pauses.length > 30, `${pauses.length}`);
});

test('encodeLayerIndex() keeps any link target', () => {
  const targets = ['', '/', '../x', 'ü\u{1F600}', 'a\nb"\\', 'x'.repeat(5000)];
  const index = indexOf(targets.map((target, at) => symlink(`${at}`, target)));
  const again = decodeLayerIndex(encodeLayerIndex(index));
  assert.deepEqual([...again.links], [...index.links]);
  assert.deepEqual([...again.links.values()], targets);
});

const many = 50_000;

const heaps: readonly (readonly [string, (at: number) => TarEntry, number])[] = [
  ['files in one folder', (at) => file(`d/${at}`), many],
  ['times the same file', () => file('d/x'), 1],
  ['times a file and a folder in turn', (at) => (at % 2 === 0 ? directory('d/x') : file('d/x')), 1],
  ['whiteouts of nothing', (at) => whiteout(`d/${at}`), 0],
  ['opaque folders', () => opaque('d'), 0],
];

for (const [name, make, seen] of heaps) {
  test(`FileTree takes ${many} ${name}`, () => {
    const reader = new LayerReader(() => undefined);
    for (let at = 0; at < many; at += 1000) {
      reader.write(
        writeTar(
          Array.from({ length: 1000 }, (_, next) => make(at + next)),
          { trailer: false },
        ),
      );
    }
    reader.end();
    const tree = buildFileTree([reader.index(), indexOf([file('e')]), reader.index()]);
    assert.equal(names(tree, 'd').length, seen);
  });
}
