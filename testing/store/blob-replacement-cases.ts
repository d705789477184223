import assert from 'node:assert/strict';
import { append, assertBytes, digestOf, newUpload, readBlob, someBytes, stored } from './blob-data.ts';
import type { CheckBlobStore } from './blob-place.ts';

/** Registers the tests of how a damaged blob is mended in every store. */
export function registerReplacement(check: CheckBlobStore): void {
  check('put() and commit() take the place of what is damaged when they are told to', async (store, place) => {
    const bytes = someBytes(80_000);
    const wrong = someBytes(80_000, 'damaged');
    const digest = digestOf(bytes);
    const damage = async (): Promise<void> => await store.put(digest, wrong, { replace: true });
    await damage();
    assertBytes(await readBlob(store, digest, { start: 0, end: wrong.length - 1 }), wrong);
    await store.put(digest, bytes, { replace: true });
    assertBytes(await readBlob(store, digest), bytes);
    for (const length of [80_000, 6_000_000]) {
      const blob = someBytes(length);
      await store.put(digestOf(blob), someBytes(length, 'damaged'), { replace: true });
      const upload = stored(await append(store, newUpload(`replacing-${length}`), blob));
      await store.commit(upload, digestOf(blob), { replace: true });
      assertBytes(await readBlob(store, digestOf(blob)), blob);
      await store.commit(upload, digestOf(blob));
      await store.put(digestOf(blob), someBytes(length, 'damaged'), { replace: true });
      // Its bytes are not there any more: it must not say that they took the place of the damaged ones.
      await assert.rejects(store.commit(upload, digestOf(blob), { replace: true }), { code: 'UPLOAD_CONFLICT' });
    }
    assert.deepEqual(await place.leftovers(), []);
  });

  check('commit() of an upload that is thrown away meanwhile is a conflict, or done', async (store, place) => {
    const bytes = someBytes(80_000);
    for (let round = 0; round < 20; round += 1) {
      const blob = round % 2 === 0 ? bytes : someBytes(80_000, `${round}`);
      const upload = stored(await append(store, newUpload(`thrown-away-${round}`), blob));
      const [committed] = await Promise.allSettled([store.commit(upload, digestOf(blob)), store.abort(upload)]);
      if (committed.status === 'fulfilled') assertBytes(await readBlob(store, digestOf(blob)), blob);
      else assert.equal((committed.reason as { code?: string }).code, 'UPLOAD_CONFLICT');
    }
    await store.removeStaleUploads(Date.now() + 3_600_000, new Set());
    assert.deepEqual(await place.leftovers(), []);
  });
}
