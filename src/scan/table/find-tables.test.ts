import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import test from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../../testing/image/image-builder.ts';
import { estargzLayer, stargzFooter, type TableLayer, zstdChunkedLayer } from '../../../testing/image/table-layer.ts';
import { directory, file, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { compareTables } from './compare-tables.ts';
import { findTables, type FoundTable } from './find-tables.ts';
import { readPromises } from './promise.ts';

const entries = [directory('a'), file('a/b', 'x'.repeat(3000)), symlink('c', 'a/b')];
const layers = [zstdChunkedLayer(entries), estargzLayer(entries), estargzLayer(entries, { chunkBytes: 1000 })];

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
}

async function find({ stored, annotations }: TableLayer, size = 1000): Promise<readonly FoundTable[]> {
  return await findTables(inPieces(stored, size), readPromises(annotations).kept, stored.length);
}

test('findTables() finds a table in pieces of any size', async () => {
  for (const layer of layers) {
    for (const size of [1, 7, 100, 10_000]) {
      const [found] = await find(layer, size);
      assert.ok(found !== undefined && 'json' in found, JSON.stringify(found));
      assert.equal(JSON.parse(Buffer.from(found.json).toString()).version, 1);
    }
  }
});

const json = Buffer.from('{"entries":[]}');
const member = gzipSync(writeTar([file('stargz.index.json', json)]));
const start = gzipSync(writeTar(entries, { trailer: false }));
const end = start.length + member.length;

/** eStargz whose end is another one. */
function ending(...parts: readonly Buffer[]): TableLayer {
  const stored = Buffer.concat([start, ...parts]);
  const annotations = { 'containerd.io/snapshot/stargz/toc.digest': sha256(json) };
  return { tar: Buffer.alloc(0), stored, mediaType: '', annotations };
}

const footers: readonly (readonly [string, TableLayer, RegExp | undefined])[] = [
  ['the footer', ending(member, stargzFooter(start.length)), undefined],
  ['the older footer', ending(member, stargzFooter(start.length, true)), undefined],
  ['no footer', ending(member), /no footer/],
  ['a footer that is cut', ending(member, stargzFooter(start.length).subarray(0, 50)), /no footer/],
  ['a footer before the end', ending(member, stargzFooter(start.length), Buffer.alloc(1)), /no footer/],
  ['an offset behind the footer', ending(member, stargzFooter(end + 51)), /outside of the blob/],
  ['an offset at the footer', ending(member, stargzFooter(end)), /outside of the blob/],
  ['an offset without end', ending(member, stargzFooter(2 ** 53)), /outside of the blob/],
  [
    'an offset into the table',
    ending(member, stargzFooter(start.length + 1)),
    /MALFORMED|no stargz.index.json|damaged|another digest|too early|tar/,
  ],
  [
    'another file at the offset',
    ending(gzipSync(writeTar([file('x', json)])), stargzFooter(start.length)),
    /no stargz\.index\.json/,
  ],
  [
    'the table behind another file',
    ending(gzipSync(writeTar([file('x'), file('stargz.index.json', json)])), stargzFooter(start.length)),
    /no stargz\.index\.json/,
  ],
  [
    'a folder for a table',
    ending(gzipSync(writeTar([directory('stargz.index.json')])), stargzFooter(start.length)),
    /no stargz\.index\.json/,
  ],
  [
    'a table of a billion bytes',
    ending(gzipSync(writeTar([{ name: 'stargz.index.json', declaredSize: 10 ** 9 }])), stargzFooter(start.length)),
    /has 1000000000 bytes/,
  ],
  [
    'a table of more bytes than there are',
    ending(gzipSync(writeTar([{ name: 'stargz.index.json', declaredSize: 10 ** 6 }])), stargzFooter(start.length)),
    /tar/,
  ],
];

for (const [what, layer, why] of footers) {
  test(`findTables() ${why === undefined ? 'goes by' : 'finds nothing by'} ${what}`, async () => {
    const [found] = await find(layer);
    assert.ok(found !== undefined);
    if (why === undefined) assert.ok('json' in found, JSON.stringify(found));
    else assert.match('why' in found ? found.why : 'found', why);
  });
}

test('findTables() and compareTables() end in a coded error or a result, whatever the blob and its annotations', async () => {
  const edit = fc.tuple(fc.nat(), fc.nat(255));
  const position = fc.option(fc.tuple(fc.nat(600), fc.nat(600), fc.nat(2000)), { nil: undefined });
  const piece = fc.integer({ min: 1, max: 500 });
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.array(edit, { maxLength: 4 }), position, piece, async (at, edits, place, size) => {
      const layer = layers[at] as TableLayer;
      const stored = Buffer.from(layer.stored);
      for (const [where, value] of edits) stored[where % stored.length] = value;
      const annotations = {
        ...layer.annotations,
        ...(place === undefined
          ? {}
          : {
              'io.containers.zstd-chunked.manifest-checksum': sha256(stored.subarray(place[0], place[0] + place[1])),
              'io.containers.zstd-chunked.manifest-position': `${place.join(':')}:1`,
            }),
      };
      try {
        const found = await find({ ...layer, stored, annotations }, size);
        const tables = found.filter((table) => 'json' in table);
        const expectation = { diffId: sha256(layer.tar), digest: sha256(stored), size: stored.length };
        await compareTables(inPieces(stored, size), expectation, tables);
      } catch (error) {
        assert.ok(isSeaworthyError(error), String(error));
      }
    }),
    { numRuns: 200 },
  );
});

test('compareTables() tells of each change of what a table says', async () => {
  const values: Readonly<Record<string, unknown>> = {
    name: 'other',
    type: 'fifo',
    size: 1,
    linkName: 'other',
    digest: sha256(Buffer.from('other')),
    chunkDigest: sha256(Buffer.from('other')),
    chunkSize: 1,
    chunkOffset: 1,
    mode: 0o777,
  };
  const read: Readonly<Record<string, readonly string[]>> = {
    reg: ['name', 'type', 'size', 'digest', 'mode'],
    dir: ['name', 'type'],
    symlink: ['name', 'type', 'linkName'],
    chunk: [],
  };
  const ofPieces = new Set(['chunkDigest', 'chunkSize', 'chunkOffset']);
  for (const build of [zstdChunkedLayer, estargzLayer]) {
    let listed = 0;
    build(entries, { chunkBytes: 1000, entries: (all) => ((listed = all.length), all) });
    for (let at = 0; at < listed; at += 1) {
      for (const [name, value] of Object.entries(values)) {
        let type = '';
        const layer = build(entries, {
          chunkBytes: 1000,
          entries: (all) =>
            all.map((entry, index) => {
              if (index === at) type = String(entry['type']);
              return index === at ? { ...entry, [name]: value } : entry;
            }),
        });
        const tables = (await find(layer)).filter((table) => 'json' in table);
        const expectation = { diffId: sha256(layer.tar), digest: sha256(layer.stored), size: layer.stored.length };
        const problems = await compareTables(inPieces(layer.stored, 999), expectation, tables);
        const isPiece = type === 'reg' || type === 'chunk';
        // Pieces have no type but their own; in zstd:chunked only the whole file counts.
        const counts =
          (read[type] ?? []).includes(name) ||
          (type === 'chunk' && name === 'type') ||
          (build === estargzLayer && isPiece && ofPieces.has(name));
        assert.equal(problems.length > 0, counts, `${type} ${name}: ${JSON.stringify(problems)}`);
      }
    }
  }
});
