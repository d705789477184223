import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../src/oci/digest.ts';
import type { UploadState } from '../../src/store/blob/blob-store.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import {
  append,
  assertBytes,
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
const hour = 3_600_000;

/** What is kept, and hostile names. */
export function registerBlobs(check: CheckBlobStore): void {
  check('put(), stat(), open() and remove() of small blobs', async (store, place) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const bytes = Buffer.from(`a manifest ${algorithm}`);
      const digest = digestOf(bytes, algorithm);
      assert.equal(await store.stat(digest), undefined);
      assert.equal(await store.open(digest), undefined);
      assert.equal(await store.remove(digest), false);
      await store.put(digest, bytes);
      await store.put(digest, bytes);
      assert.equal(await store.stat(digest), bytes.length);
      const opened = await store.open(digest);
      assert.equal(opened?.size, bytes.length);
      await opened[Symbol.asyncDispose]();
      assertBytes(await readBlob(store, digest), bytes);
      assert.equal(await store.remove(digest), true);
      assert.equal(await store.stat(digest), undefined);
    }
    const empty = Buffer.alloc(0);
    await store.put(digestOf(empty), empty);
    assertBytes(await readBlob(store, digestOf(empty)), empty);
    assert.deepEqual(await place.leftovers(), []);
  });

  check('read() gives ranges', async (store) => {
    const bytes = someBytes(2 * MiB + 300_000);
    const digest = digestOf(bytes);
    await store.commit(await append(store, newUpload('for-ranges'), bytes), digest);
    const last = bytes.length - 1;
    for (const [start, end] of [
      [0, 0],
      [0, last],
      [last, last],
      [1, 65_536],
      [1, 65_537],
      [1_048_575, 1_048_577],
      [5, 2 * MiB + 4],
      [300_000, last],
    ] as const) {
      const found = await readBlob(store, digest, { start, end });
      assert.ok(found?.equals(bytes.subarray(start, end + 1)), `${start}-${end}`);
    }
  });

  check('read() may be left early, repeated and aborted', async (store) => {
    const bytes = someBytes(3 * MiB);
    await store.commit(await append(store, newUpload('read-often'), bytes), digestOf(bytes));
    await using blob = await store.open(digestOf(bytes));
    assert.ok(blob !== undefined);
    for await (const chunk of blob.read()) {
      assert.ok(bytes.subarray(0, chunk.length).equals(chunk));
      break;
    }
    const [whole, part] = await Promise.all([collect(blob.read()), collect(blob.read({ start: 7, end: 2 * MiB }))]);
    assert.ok(whole.equals(bytes) && part.equals(bytes.subarray(7, 2 * MiB + 1)));
    const controller = new AbortController();
    const reason = new Error('enough');
    await assert.rejects(async () => {
      for await (const _ of blob.read(undefined, controller.signal)) controller.abort(reason);
    }, reason);
    await assert.rejects(collect(blob.read(undefined, controller.signal)), reason);
  });

  check('read() tells when the bytes stop before the range does', async (store, place) => {
    const bytes = someBytes(2 * MiB);
    const digest = digestOf(bytes);
    await store.commit(await append(store, newUpload('cut-short'), bytes), digest);
    await using before = await store.open(digest);
    await place.truncate(digest, MiB + 10);
    await assert.rejects(collect(before?.read() as AsyncIterable<Uint8Array>), { code: 'STORE_DAMAGED' });
    assert.equal(await store.stat(digest), MiB + 10);
    await using after = await store.open(digest);
    assert.equal(after?.size, MiB + 10);
    await assert.rejects(collect(after.read({ start: 0, end: bytes.length - 1 })), { code: 'STORE_DAMAGED' });
    // The same bytes again mend it.
    await store.commit(await append(store, newUpload('cut-short'), bytes), digest);
    assertBytes(await readBlob(store, digest), bytes);
  });

  check('the file of a blob, where it lies in one, may have further names that outlive its own', async (store) => {
    const bytes = someBytes(300_000);
    const digest = digestOf(bytes);
    await store.put(digest, bytes);
    const opened = await store.open(digest);
    const file = opened?.file;
    await opened?.[Symbol.asyncDispose]();
    if (file === undefined) return;
    // They were when it was stored, which may be long ago.
    assert.equal(file.isChecked, false);
    using folder = temporaryDirectory();
    const path = join(folder.path, 'linked');
    assert.equal(await file.linkTo(path), true);
    assert.equal(await file.linkTo(path), false);
    assert.equal(await file.linkTo(join(folder.path, 'nowhere', 'linked')), false);
    const arrivals: number[] = [];
    for await (const arrived of file.arrivals(new AbortController().signal)) arrivals.push(arrived);
    assert.deepEqual(arrivals, [bytes.length]);
    assert.equal(await store.remove(digest), true);
    assertBytes(await readFile(path), bytes);
    assert.equal(await file.linkTo(join(folder.path, 'again')), false);
  });

  check('names are made of checked digests and ids only', async (store, place) => {
    const hex = 'a'.repeat(64);
    const digests = ['', hex, `sha256:${hex}/../x`, `sha256:../${hex.slice(3)}`, `sha256:${hex.toUpperCase()}`];
    for (const text of [...digests, `md5:${hex.slice(32)}`, `sha256:${hex}\0`, `../sha256:${hex}`, 'sha256:aa']) {
      const digest = text as Digest;
      const error = { code: 'DIGEST_INVALID' };
      await assert.rejects(async () => await store.stat(digest), error);
      await assert.rejects(async () => await store.open(digest), error);
      await assert.rejects(async () => await store.remove(digest), error);
      await assert.rejects(async () => await store.put(digest, Buffer.from('x')), error);
      await assert.rejects(async () => await store.commit(newUpload('fine-name'), digest), error);
      if (store.redirectUrl !== undefined)
        await assert.rejects(async () => await store.redirectUrl?.(digest, 9), error);
    }
    const ids = [
      '',
      'short',
      '../../../../etc',
      'UPPERCASE',
      'a'.repeat(65),
      'under_score',
      'dotted.name',
      'nul\0bytes',
    ];
    const hostile: UploadState[] = ids.map((id) => newUpload(id));
    for (const offset of [-1, 0.5, Number.NaN, Infinity, 2 ** 60]) hostile.push({ id: 'fine-name', offset });
    for (const parts of [null, 7, '', '../x', [], {}, [null], { parts: [{}] }, 'x'.repeat(100_000)]) {
      hostile.push({ id: 'fine-name', offset: 5, parts });
    }
    hostile.push({ id: 'fine-name', offset: 5 });
    for (const upload of hostile) {
      const error = { code: 'STORE_DAMAGED' };
      const title = JSON.stringify(upload).slice(0, 100);
      await assert.rejects(async () => await append(store, upload, Buffer.from('x')), error, title);
      await assert.rejects(async () => await collect(store.readUpload(upload)), error, title);
      await assert.rejects(async () => await store.commit(upload, digestOf(Buffer.from('x'))), error, title);
    }
    for (const id of ids) await assert.rejects(async () => await store.abort(newUpload(id)), { code: 'STORE_DAMAGED' });
    assert.deepEqual(await place.leftovers(), []);
    assert.deepEqual(await listAll(store.list()), []);
  });
}

/** Lists and what is stale. */
export function registerUpkeep(check: CheckBlobStore): void {
  check('list() gives all blobs and nothing else', async (store, place) => {
    const started = Date.now();
    await place.litter();
    await append(store, newUpload('not-a-blob'), someBytes(6 * MiB));
    const expected = new Map<string, number>();
    for (let at = 0; at < 23; at += 1) {
      const bytes = Buffer.from('x'.repeat(at));
      const digest = digestOf(bytes, at % 5 === 0 ? 'sha512' : 'sha256');
      await store.put(digest, bytes);
      expected.set(digest, at);
    }
    const found = await listAll(store.list());
    assert.deepEqual(new Map(found.map(({ digest, size }) => [digest, size])), expected);
    assert.equal(found.length, expected.size);
    for (const { modified } of found) assert.ok(Math.abs(modified - started) < hour);
    const controller = new AbortController();
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(listAll(store.list(controller.signal)), reason);
  });

  check('removeStaleUploads() removes what is old and not known', async (store, place) => {
    const known = stored(await append(store, newUpload('known-upload'), someBytes(1000)));
    const large = stored(await append(store, newUpload('large-known-upload'), someBytes(6 * MiB)));
    const old = stored(await append(store, newUpload('old-small-upload'), someBytes(1000)));
    const oldLarge = stored(await append(store, newUpload('old-large-upload'), someBytes(6 * MiB)));
    await store.put(digestOf(someBytes(50)), someBytes(50));
    const names = new Set([known.id, large.id]);
    assert.equal(await store.removeStaleUploads(Date.now() - hour, names), 0);
    assertBytes(await collect(store.readUpload(old)), someBytes(1000));
    assert.equal(await store.removeStaleUploads(Date.now() + hour, names), 2);
    assert.equal(await store.removeStaleUploads(Date.now() + hour, names), 0);
    for (const upload of [old, oldLarge]) {
      await assert.rejects(append(store, upload, someBytes(10)), { code: 'UPLOAD_CONFLICT' });
    }
    for (const [upload, length] of [
      [known, 1000],
      [large, 6 * MiB],
    ] as const) {
      await store.commit(upload, digestOf(someBytes(length)));
      assertBytes(await readBlob(store, digestOf(someBytes(length))), someBytes(length));
    }
    assert.deepEqual(await place.leftovers(), []);
    assertBytes(await readBlob(store, digestOf(someBytes(50))), someBytes(50));
  });
}
