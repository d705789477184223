import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  append,
  assertBytes,
  chunked,
  collect,
  digestOf,
  newUpload,
  readBlob,
  someBytes,
  stored,
} from './blob-data.ts';
import type { CheckBlobStore } from './blob-place.ts';

const MiB = 1024 * 1024;
const hour = 3_600_000;

/** Uploads that break off, are thrown away or meet another. */
export function registerInterruptions(check: CheckBlobStore): void {
  async function* broken(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array, void, undefined> {
    yield* chunked(bytes);
    await Promise.resolve();
    throw error;
  }

  check('append() hands on what its source throws, and the old record stays usable', async (store) => {
    const bytes = someBytes(12 * MiB);
    // Looks like a failure of the file system, and is none.
    const gone = Object.assign(new Error('the client went'), { code: 'ENOSPC', syscall: 'read' });
    const options = { maxBytes: 1e9 };
    await assert.rejects(store.append(newUpload('broken-off'), broken(bytes, gone), options), gone);
    let upload = stored(await append(store, newUpload('broken-off'), bytes.subarray(0, 5000)));
    for (const length of [0, 100, 11 * MiB]) {
      await assert.rejects(store.append(upload, broken(someBytes(length, 'lost'), gone), options), gone);
      assertBytes(await collect(store.readUpload(upload)), bytes.subarray(0, 5000));
    }
    // What was lost is longer than what follows, or than the blob itself.
    const start = stored(await append(store, newUpload('broken-off-too'), bytes.subarray(0, 5000)));
    await assert.rejects(store.append(start, broken(someBytes(100_000), gone), options), gone);
    await store.commit(start, digestOf(bytes.subarray(0, 5000)));
    upload = stored(await append(store, upload, bytes.subarray(5000, 5100)));
    await store.commit(upload, digestOf(bytes.subarray(0, 5100)));
    for (const end of [5000, 5100]) {
      const blob = bytes.subarray(0, end);
      assertBytes(await readBlob(store, digestOf(blob)), blob);
    }
  });

  check('append() stops when its signal is aborted, even while nothing comes', async (store) => {
    const upload = stored(await append(store, newUpload('silent-one'), someBytes(10)));
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* silence(): AsyncGenerator<Uint8Array, void, undefined> {
      yield someBytes(10);
      setImmediate(() => controller.abort(reason));
      await new Promise(() => undefined);
    }
    const options = { maxBytes: 1000, signal: controller.signal };
    await assert.rejects(store.append(upload, silence(), options), reason);
    await assert.rejects(store.append(upload, chunked(someBytes(10)), options), reason);
    assertBytes(await collect(store.readUpload(upload)), someBytes(10));
  });

  check('two that go on from one record never mix their bytes', async (store, place) => {
    await using second = await place.open();
    for (const length of [50_000, 6 * MiB]) {
      const first = someBytes(70_000, `first ${length}`);
      const start = stored(await append(store, newUpload(`forked-${length}`), first));
      const tails = [someBytes(length, `a ${length}`), someBytes(length + 9, `b ${length}`)] as const;
      const ends = await Promise.all([append(store, start, tails[0]), append(second, start, tails[1])]);
      let kept = 0;
      for (const [at, end] of ends.entries()) {
        const whole = Buffer.concat([first, tails[at] as Buffer]);
        const error = await store.commit(stored(end), digestOf(whole)).catch((failure: unknown) => failure);
        if (error === undefined) assertBytes(await readBlob(store, digestOf(whole)), whole);
        else assert.equal((error as { code?: string }).code, 'UPLOAD_CONFLICT');
        kept += error === undefined ? 1 : 0;
      }
      assert.ok(kept > 0);
    }
  });

  check('any pieces, with failures between them and in any process, make their blob', async (store, place) => {
    await using second = await place.open();
    const piece = fc.record({ length: fc.integer({ max: 200_000, min: 0 }), fails: fc.boolean(), other: fc.boolean() });
    let run = 0;
    const makes = fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      run += 1;
      let upload = newUpload(`any-pieces-${run}`);
      const kept: Buffer[] = [];
      for (const [at, { length, fails, other }] of pieces.entries()) {
        const bytes = someBytes(length, `${run} ${at}`);
        const gone = new Error('the client went');
        const work = (other ? second : store).append(upload, fails ? broken(bytes, gone) : chunked(bytes), {
          maxBytes: 1e9,
        });
        if (fails) await assert.rejects(work, gone);
        else upload = stored(await work);
        if (!fails) kept.push(bytes);
      }
      const whole = Buffer.concat(kept);
      assert.equal(upload.offset, whole.length);
      await store.commit(upload, digestOf(whole));
      assertBytes(await readBlob(second, digestOf(whole)), whole);
    });
    await fc.assert(makes, { numRuns: 12 });
    await store.removeStaleUploads(Date.now() + hour, new Set());
    assert.deepEqual(await place.leftovers(), []);
  });

  check('abort() removes an upload whatever its record says', async (store, place) => {
    const upload = stored(await append(store, newUpload('thrown-away'), someBytes(6 * MiB)));
    const later = stored(await append(store, upload, someBytes(100)));
    await store.abort(later);
    await store.abort(later);
    await store.abort(newUpload('never-begun'));
    await assert.rejects(append(store, later, someBytes(10)), { code: 'UPLOAD_CONFLICT' });
    await assert.rejects(collect(store.readUpload(later)), { code: 'UPLOAD_CONFLICT' });
    assert.deepEqual(await place.leftovers(), []);
  });
}
