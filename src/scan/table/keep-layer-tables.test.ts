import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { Readable } from 'node:stream';
import test from 'node:test';
import { zstdChunkedLayer } from '../../../testing/image/table-layer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { memoryImage } from '../../../testing/memory-image.ts';
import { changed, entries, imageOf, other, problemsOf } from '../../../testing/scanning/layer-tables.ts';
import { ScanCache } from '../cache/scan-cache.ts';

test('checkLayerTables() reads layers of files, and remembers what it found by digest and annotations', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const lying = zstdChunkedLayer(entries, changed('usr/tool', other));
  const built = imageOf(lying);
  const fd = openSync(folder.write('layer', Buffer.concat([Buffer.alloc(13), lying.stored])), 'r');
  const range = { fd, offset: 13, length: lying.stored.length };
  const fromFile = memoryImage(built, (layer) => ({ ...layer, range, open: () => assert.fail('opened') }));
  const unread = memoryImage(built, (layer) => ({ ...layer, open: () => assert.fail('opened') }));
  const fresh = await problemsOf(fromFile, cache);
  assert.deepEqual(
    fresh.map(({ code }) => code),
    ['LAYER_TABLE_DIFFERS'],
  );
  assert.deepEqual(await problemsOf(unread, cache), fresh);
  // The same blob without annotations is read as a tar alone, and known by itself.
  const plain = imageOf({ ...lying, annotations: {} });
  assert.deepEqual(await problemsOf(memoryImage(plain), cache), []);
  assert.deepEqual(await problemsOf(unread, cache), fresh);
  const otherwise = imageOf({
    ...lying,
    annotations: { ...lying.annotations, ['io.github.containers.zstd-chunked.manifest-checksum']: other.digest },
  });
  assert.deepEqual(
    (await problemsOf(memoryImage(otherwise), cache)).map(({ code }) => code),
    ['LAYER_TABLE_UNREADABLE'],
  );
});

test('checkLayerTables() keeps nothing of a layer that could not be read again', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const built = imageOf(zstdChunkedLayer(entries));
  let opened = 0;
  const failing = memoryImage(built, (layer) => ({
    ...layer,
    open: (signal) => {
      opened += 1;
      if (opened > 1) throw new Error('gone');
      return layer.open(signal);
    },
  }));
  assert.deepEqual(
    (await problemsOf(failing, cache)).map(({ code, incomplete }) => [code, incomplete]),
    [['LAYER_UNREADABLE', true]],
  );
  assert.deepEqual(await problemsOf(memoryImage(built), cache), []);
});

test('checkLayerTables() takes bytes that are not the layer for no layer without a table', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const layer = zstdChunkedLayer(entries);
  assert.deepEqual(await problemsOf(memoryImage(imageOf({ ...layer, annotations: {} })), cache), []);
  const short = memoryImage(imageOf(layer), (known) => ({
    ...known,
    open: () => Readable.from([layer.stored.subarray(0, 99)]),
  }));
  assert.match((await problemsOf(short, cache)).map(({ code }) => code).join(), /^SIZE_MISMATCH$/);
  assert.deepEqual(await problemsOf(memoryImage(imageOf(layer)), cache), []);
});
