import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import test from 'node:test';
import { sha256 } from '../../../testing/image/image-builder.ts';
import {
  estargzLayer,
  type ListedEntry,
  skippableFrame,
  type TableChanges,
  type TableLayer,
  zstdChunkedLayer,
} from '../../../testing/image/table-layer.ts';
import { file, hardlink, symlink, type TarEntry, whiteout } from '../../../testing/image/tar-writer.ts';
import { memoryImage } from '../../../testing/memory-image.ts';
import { changed, entries, imageOf, other, problemsOf } from '../../../testing/scanning/layer-tables.ts';

const formats = { 'zstd:chunked': zstdChunkedLayer, eStargz: estargzLayer } as const;
const position = 'io.github.containers.zstd-chunked.manifest-position';
const checksum = 'io.github.containers.zstd-chunked.manifest-checksum';
const tocDigest = 'containerd.io/snapshot/stargz/toc.digest';

async function toldOf(layer: TableLayer): Promise<string> {
  const problems = await problemsOf(memoryImage(imageOf(layer)));
  assert.ok(problems.every(({ incomplete }) => incomplete === true));
  return problems.map(({ code, message }) => `${code} ${message}`).join('\n');
}

for (const [format, build] of Object.entries(formats)) {
  test(`checkLayerTables() says nothing of ${format} whose table and tar agree`, async () => {
    for (const chunkBytes of [999, 1000, 5000, 2 ** 22]) assert.equal(await toldOf(build(entries, { chunkBytes })), '');
  });
}

/** What both formats are told of, by what is to be said. */
const liars: readonly (readonly [string, TableChanges, RegExp])[] = [
  ['other content', changed('usr/tool', other), /"usr\/tool" has other content/],
  ['no digest', changed('usr/tool', { digest: '', chunkDigest: '' }), /"usr\/tool" has no digest of its content/],
  ['a digest of no known kind', changed('usr/tool', { digest: 'md5:0', chunkDigest: 'md5:0' }), /has no digest/],
  ['another size', changed('usr/tool', { size: 4999 }), /"usr\/tool" has another size/],
  ['content for an empty file', changed('./empty', { size: 1, ...other }), /"empty" has another size/],
  ['a digest for an empty file', changed('./empty', other), /"empty" has other content/],
  ['another mode', changed('usr/tool', { mode: 0o644 }), /"usr\/tool" has another mode/],
  [
    'another name',
    changed('usr/tool', { name: 'usr/tool2' }),
    /"usr\/tool" is in the tar alone.*"usr\/tool2" is in the table alone/,
  ],
  [
    'a file as a symlink',
    changed('usr/tool', { type: 'symlink', linkName: 'x' }),
    /is a symlink in the table and a file in the tar/,
  ],
  [
    'an attribute of overlayfs',
    changed('usr/', { xattrs: { 'trusted.overlay.opaque': 'eQ==' } }),
    /"usr" has an attribute/,
  ],
  ['a symlink as a file', changed('lib', { type: 'reg' }), /is a file in the table and a symlink in the tar/],
  ['another symlink', changed('lib', { linkName: 'usr/./lib' }), /"lib" leads elsewhere/],
  ['another hard link', changed('usr/same', { linkName: 'empty' }), /"usr\/same" is a link to something else/],
  ['one file more', { entries: (all) => [...all, { type: 'reg', name: 'more' }] }, /"more" is in the table alone/],
  ['one file less', { entries: (all) => all.filter(({ name }) => name !== './empty') }, /"empty" is in the tar alone/],
  ['nothing', { entries: () => [] }, /in 11 places \("usr" is in the tar alone.*, …\)/],
  [
    'a file twice',
    { entries: (all) => [...all, ...all.filter(({ name }) => name === './empty')] },
    /"empty" is in the table twice/,
  ],
  ['a root that is a file', changed('./', { type: 'reg' }), /"" is a file in the table and a directory in the tar/],
];

for (const [what, changes, said] of liars) {
  for (const [format, build] of Object.entries(formats)) {
    test(`checkLayerTables() tells of ${format} with ${what} in its table`, async () => {
      const told = await toldOf(build(entries, { chunkBytes: 2 ** 22, ...changes }));
      assert.match(told, /^LAYER_TABLE_DIFFERS /);
      assert.match(told, said);
    });
  }
}

/** What a table says as the tar does, and runtimes make other things of. */
const ambiguous: readonly (readonly [string, readonly TarEntry[], RegExp])[] = [
  ['a file twice', [file('a', '1'), file('a', '2')], /"a" is in the (?:table|tar) twice/],
  ['a link to what comes later', [hardlink('b', 'a'), file('a', '1')], /"b" is a link to what only comes later/],
  ['a file behind a link', [symlink('lib', 'usr/lib'), file('lib/x', '1')], /"lib\/x" lies below a symlink/],
  ['a whiteout of its own file', [file('d/a', '1'), whiteout('d/a')], /"d\/a" is deleted by the layer that brings it/],
  ['a whiteout of its own folder', [whiteout('d'), file('d/a', '1')], /"d" is deleted by the layer that brings it/],
];

for (const [what, tar, said] of ambiguous) {
  for (const [format, build] of Object.entries(formats)) {
    test(`checkLayerTables() tells of ${format} that has ${what}`, async () => {
      assert.match(await toldOf(build(tar)), new RegExp(`LAYER_TABLE_DIFFERS [^]*${said.source}`));
    });
  }
}

const pieces = { chunkBytes: 1000 };
const chunk = (change: (entry: ListedEntry) => ListedEntry | undefined): TableChanges => ({
  ...pieces,
  entries: (all) =>
    all.flatMap((entry): ListedEntry | readonly ListedEntry[] =>
      entry['type'] === 'chunk' ? (change(entry) ?? []) : entry,
    ),
});

for (const [what, changes, said] of [
  ['a piece of other content', chunk((entry) => ({ ...entry, ...other })), /has other content/],
  ['a piece without a digest', chunk((entry) => ({ ...entry, chunkDigest: '' })), /has no digest/],
  ['a piece less', chunk((entry) => (entry['chunkOffset'] === 2000 ? undefined : entry)), /gaps or overlap/],
  ['overlapping pieces', chunk((entry) => ({ ...entry, chunkOffset: 999 })), /gaps or overlap/],
  ['a piece behind the end', changed('usr/tool', { chunkSize: 10 ** 9 }), /gaps or overlap/],
  ['a whole of another digest', { ...pieces, ...changed('usr/tool', { digest: other.digest }) }, /has other content/],
] as const) {
  test(`checkLayerTables() tells of eStargz with ${what}`, async () => {
    assert.match(await toldOf(estargzLayer(entries, changes)), new RegExp(`LAYER_TABLE_DIFFERS.*${said.source}`));
  });
}

const annotated = (
  change: (right: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): TableChanges => ({
  annotations: change,
});
const at = (text: string): TableChanges => annotated((right) => ({ ...right, [position]: text }));
const swapped = (index: number, value: string): TableChanges =>
  annotated((right) => ({ ...right, [position]: right[position]?.split(':').with(index, value).join(':') ?? '' }));

const unreadable: readonly (readonly [string, TableLayer, RegExp])[] = [
  [
    'a wrong checksum',
    zstdChunkedLayer(
      entries,
      annotated((right) => ({ ...right, [checksum]: other.digest })),
    ),
    /another digest/,
  ],
  [
    'a checksum that is none',
    zstdChunkedLayer(
      entries,
      annotated((right) => ({ ...right, [checksum]: 'x' })),
    ),
    /manifest-checksum is no digest/,
  ],
  [
    'no position',
    zstdChunkedLayer(
      entries,
      annotated(({ [checksum]: sum = '' }) => ({ [checksum]: sum })),
    ),
    /does not say where/,
  ],
  ['a position that is none', zstdChunkedLayer(entries, at('1:2:3')), /does not say where/],
  ['a position with a blank', zstdChunkedLayer(entries, at(' 1:2:3:1')), /does not say where/],
  ['a position outside of the blob', zstdChunkedLayer(entries, swapped(0, '1000000')), /outside of the blob/],
  ['a length of a billion', zstdChunkedLayer(entries, swapped(1, '1000000000')), /outside of the blob/],
  [
    'a billion bytes unpacked',
    zstdChunkedLayer(entries, swapped(2, '1000000000')),
    /unpacks to 1000000000 bytes, more than/,
  ],
  ['more bytes than are promised', zstdChunkedLayer(entries, swapped(2, '10')), /does not unpack to the 10 bytes/],
  ['fewer bytes than are promised', zstdChunkedLayer(entries, swapped(2, '9999')), /does not unpack to the 9999 bytes/],
  ['a table of another type', zstdChunkedLayer(entries, swapped(3, '2')), /does not say where/],
  [
    'a wrong digest',
    estargzLayer(
      entries,
      annotated(() => ({ [tocDigest]: other.digest })),
    ),
    /another digest/,
  ],
  [
    'a digest that is none',
    estargzLayer(
      entries,
      annotated(() => ({ [tocDigest]: '' })),
    ),
    /toc\.digest is no digest/,
  ],
  [
    'a table that is not verified',
    estargzLayer(
      entries,
      annotated(() => ({ 'containerd.io/snapshot/remote/stargz.skipverify': '' })),
    ),
    /skipverify is set/,
  ],
  ['no JSON', estargzLayer(entries, { json: () => '{"entries":[' }), /is not JSON/],
  [
    'names twice',
    estargzLayer(entries, { json: (json) => json.replace('"name"', '"name":"a","name"') }),
    /"name" twice/,
  ],
  [
    'a name in capitals',
    zstdChunkedLayer(entries, { json: (json) => json.replace('"name"', '"Name":"a","name"') }),
    /take for name/,
  ],
  [
    'entries twice',
    zstdChunkedLayer(entries, { json: (json) => json.replace('{', '{"Entries":[],') }),
    /a name that some readers take for entries/,
  ],
  [
    'a piece of no file',
    estargzLayer(entries, { entries: (all) => [{ type: 'chunk' }, ...all] }),
    /belongs to no file/,
  ],
  ['an unknown type', estargzLayer(entries, changed('lib', { type: 'door' })), /unknown type "door"/],
  ['a size that is a text', estargzLayer(entries, changed('lib', { size: '1' })), /size of an entry is no number/],
];

for (const [what, layer, said] of unreadable) {
  test(`checkLayerTables() tells that a table cannot be read: ${what}`, async () => {
    assert.match(await toldOf(layer), new RegExp(`^LAYER_TABLE_UNREADABLE .*${said.source}`));
  });
}

test('checkLayerTables() goes by the table that the annotations choose, of several in the blob', async () => {
  const honest = zstdChunkedLayer(entries);
  const lying = zstdChunkedLayer(entries, changed('usr/tool', other));
  const [offset = 0, length = 0] = (lying.annotations[position] ?? '').split(':').map(Number);
  const table = lying.stored.subarray(offset, offset + length);
  const stored = Buffer.concat([honest.stored, skippableFrame(table)]);
  const chosen = (lying.annotations[position] ?? '').replace(/^\d+/, `${honest.stored.length + 8}`);
  assert.equal(await toldOf({ ...honest, stored }), '');
  const annotations = { ...lying.annotations, [position]: chosen };
  assert.match(
    await toldOf({ ...honest, stored, annotations }),
    /^LAYER_TABLE_DIFFERS .*"usr\/tool" has other content/,
  );
});

test('checkLayerTables() reads all frames of a packed table', async () => {
  const honest = zstdChunkedLayer(entries);
  const json = Buffer.from(JSON.stringify({ entries: [{ type: 'reg', name: 'hidden' }] }));
  const packed = Buffer.concat([zstdCompressSync(json.subarray(0, 20)), zstdCompressSync(json.subarray(20))]);
  const stored = Buffer.concat([honest.stored, skippableFrame(packed)]);
  const where = `${honest.stored.length + 8}:${packed.length}:${json.length}:1`;
  const annotations = { [checksum]: sha256(packed), [position]: where };
  assert.match(await toldOf({ ...honest, stored, annotations }), /^LAYER_TABLE_DIFFERS .*"usr" is in the tar alone/);
});

test('checkLayerTables() checks the table of each runtime: older names, and eStargz in zstd', async () => {
  const honest = zstdChunkedLayer(entries);
  const lying = zstdChunkedLayer(entries, changed('usr/tool', other));
  const [offset = 0, length = 0, size = 0] = (lying.annotations[position] ?? '').split(':').map(Number);
  const table = lying.stored.subarray(offset, offset + length);
  const stored = Buffer.concat([honest.stored, skippableFrame(table)]);
  const older = (name: string): string => name.replace('io.github.containers', 'io.containers');
  const annotations = {
    ...honest.annotations,
    [older(checksum)]: sha256(table),
    [older(position)]: `${honest.stored.length + 8}:${length}:${size}:1`,
  };
  assert.match(await toldOf({ ...honest, stored, annotations }), /^LAYER_TABLE_DIFFERS .*zstd:chunked/);
  const json = JSON.stringify({ version: 1, entries: [] });
  const empty = zstdChunkedLayer(entries, { json: () => json });
  const both = { ...empty.annotations, [tocDigest]: sha256(Buffer.from(json)) };
  const told = await toldOf({ ...empty, annotations: both });
  assert.match(told, /^LAYER_TABLE_DIFFERS .*zstd:chunked[^]*\nLAYER_TABLE_DIFFERS .*eStargz/);
});

test('checkLayerTables() finds a table of eStargz behind the end of the tar, where BuildKit writes it', async () => {
  assert.equal(await toldOf(estargzLayer(entries, { endsBefore: true })), '');
  const lying = memoryImage(imageOf(estargzLayer(entries, { endsBefore: true, ...changed('usr/tool', other) })));
  assert.deepEqual(
    (await problemsOf(lying)).map(({ code }) => code),
    ['TRAILING_DATA', 'LAYER_TABLE_DIFFERS'],
  );
});

test('checkLayerTables() reads no more of a large layer than it needs, and waits for none of it', async () => {
  const noise = Buffer.concat(Array.from({ length: 80_000 }, (_, at) => createHash('sha512').update(`${at}`).digest()));
  const large = [...entries, file('noise', noise)];
  assert.equal(await toldOf(estargzLayer(large)), '');
  const broken = estargzLayer(large, { json: () => '{' });
  assert.match(await toldOf(broken), /^LAYER_TABLE_UNREADABLE /);
});

test('checkLayerTables() lets landmarks of eStargz be', async () => {
  const landmark = file('.prefetch.landmark', '\x0f');
  assert.equal(await toldOf(estargzLayer([...entries, landmark])), '');
  assert.equal(await toldOf(estargzLayer([...entries, landmark], { entries: (all) => all.slice(0, -1) })), '');
});
