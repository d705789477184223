import assert from 'node:assert/strict';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import {
  append,
  assertBytes,
  chunked,
  collect,
  digestOf,
  listAll,
  newUpload,
  readBlob,
  someBytes,
  stored,
} from './blob-data.ts';
import type { CheckBlobStore } from './blob-place.ts';

const MiB = 1024 * 1024;

/** Uploads that come to their end. */
export function registerUploads(check: CheckBlobStore): void {
  check('an upload of one piece becomes a blob', async (store, place) => {
    for (const [at, length] of [0, 1, 65_536, 1_048_576, 3 * MiB + 7].entries()) {
      const bytes = someBytes(length);
      const upload = stored(await append(store, newUpload(`one-piece-${at}`), bytes));
      assert.equal(upload.offset, length);
      assert.equal(await store.stat(digestOf(bytes)), undefined, 'before it is committed');
      await store.commit(upload, digestOf(bytes));
      assert.equal(await store.stat(digestOf(bytes)), length);
      assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    }
    assert.deepEqual(await place.leftovers(), []);
  });

  check('an upload without an append is an empty blob', async (store) => {
    const empty = digestOf(Buffer.alloc(0));
    await store.commit(newUpload('no-append'), empty);
    assert.equal(await store.stat(empty), 0);
    assertBytes(await readBlob(store, empty), Buffer.alloc(0));
  });

  check('an upload goes on in another process after each piece', async (store, place) => {
    const bytes = someBytes(13 * MiB + 5);
    await using second = await place.open();
    let upload = newUpload('many-pieces');
    let last: BlobStore = store;
    for (const length of [1, 0, 5 * MiB, 5 * MiB - 1, 100_000, 70, 2 * MiB, Infinity]) {
      const at = upload.offset;
      last = last === store ? second : store;
      upload = stored(await append(last, upload, bytes.subarray(at, Math.min(bytes.length, at + length)), 100_001));
      assert.equal(upload.offset, Math.min(bytes.length, at + length));
      assertBytes(await collect(store.readUpload(upload)), bytes.subarray(0, upload.offset));
    }
    await store.commit(upload, digestOf(bytes));
    assertBytes(await readBlob(second, digestOf(bytes)), bytes);
    assert.deepEqual(await place.leftovers(), []);
  });

  check('append() refuses to go on from where nothing was kept', async (store) => {
    const upload = stored(await append(store, newUpload('too-short'), someBytes(1000)));
    for (const wrong of [
      { ...upload, offset: 1001 },
      { ...upload, id: 'someone-else' },
    ]) {
      await assert.rejects(append(store, wrong, someBytes(10)), { code: 'UPLOAD_CONFLICT' });
      await assert.rejects(store.commit(wrong, digestOf(someBytes(10))), { code: 'UPLOAD_CONFLICT' });
      await assert.rejects(collect(store.readUpload(wrong)), { code: 'UPLOAD_CONFLICT' });
    }
    await store.commit(upload, digestOf(someBytes(1000)));
  });

  check('append() keeps to the limit, and keeps what was there before', async (store, place) => {
    const bytes = someBytes(200_000);
    let upload = stored(await append(store, newUpload('limited-upload'), bytes.subarray(0, 150_000)));
    const more = store.append(upload, chunked(bytes.subarray(0, 50_001)), { maxBytes: 200_000 });
    await assert.rejects(more, { code: 'LIMIT_EXCEEDED' });
    assertBytes(await collect(store.readUpload(upload)), bytes.subarray(0, 150_000));
    upload = await store.append(upload, chunked(bytes.subarray(150_000)), { maxBytes: 200_000 });
    await store.commit(upload, digestOf(bytes));
    assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    const first = store.append(newUpload('limited-first'), chunked(bytes), { maxBytes: 1 });
    await assert.rejects(first, { code: 'LIMIT_EXCEEDED' });
    await store.abort(newUpload('limited-first'));
    assert.deepEqual(await place.leftovers(), []);
  });

  check('commit() does no harm when it is done twice', async (store, place) => {
    const bytes = someBytes(3000);
    const upload = stored(await append(store, newUpload('twice-over'), bytes));
    await store.commit(upload, digestOf(bytes));
    await store.commit(upload, digestOf(bytes));
    assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    await store.remove(digestOf(bytes));
    await assert.rejects(store.commit(upload, digestOf(bytes)), { code: 'UPLOAD_CONFLICT' });
    await assert.rejects(append(store, upload, bytes), { code: 'UPLOAD_CONFLICT' });
    assert.deepEqual(await place.leftovers(), []);
  });

  check('commit() of one blob by many at once keeps it once', async (store, place) => {
    await using second = await place.open();
    const bytes = someBytes(100_000);
    await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const one = at % 2 === 0 ? store : second;
        const upload = await append(one, newUpload(`concurrent-${at}`), bytes);
        await (at < 6 ? one.commit(upload, digestOf(bytes)) : one.put(digestOf(bytes), bytes));
        if (at >= 6) await one.abort(upload);
        assertBytes(await readBlob(one, digestOf(bytes)), bytes);
      }),
    );
    assert.equal((await listAll(store.list())).length, 1);
    assert.deepEqual(await place.leftovers(), []);
  });
}
