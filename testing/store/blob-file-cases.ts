import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { assertBytes, digestOf, listAll, readBlob, someBytes } from './blob-data.ts';
import type { CheckBlobStore } from './blob-place.ts';

/** Registers the tests of how a local file becomes a blob in every store. */
export function registerFiles(check: CheckBlobStore): void {
  check('putFile() keeps a file of any size, and leaves it to its owner', async (store, place) => {
    using folder = temporaryDirectory();
    for (const length of [0, 1, 70_000, 5 * 1024 * 1024, 13 * 1024 * 1024 + 5]) {
      const bytes = someBytes(length);
      const path = join(folder.path, `file-${length}`);
      await writeFile(path, bytes);
      await Promise.all([store.putFile(digestOf(bytes), path, length), store.putFile(digestOf(bytes), path, length)]);
      await store.putFile(digestOf(bytes), path, length);
      await store.putFile(digestOf(bytes), path, length, { replace: true });
      assertBytes(await readFile(path), bytes);
      await rm(path);
      assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    }
    assert.deepEqual(await place.leftovers(), []);
  });

  check('putFile() takes the place of what is damaged', async (store, place) => {
    using folder = temporaryDirectory();
    const bytes = someBytes(80_000);
    const path = join(folder.path, 'file');
    await writeFile(path, bytes);
    await store.put(digestOf(bytes), someBytes(80_000, 'damaged'), { replace: true });
    await store.putFile(digestOf(bytes), path, bytes.length, { replace: true });
    assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    // One of another size is damaged, whether anybody said so or not.
    await place.truncate(digestOf(bytes), 70_000);
    await writeFile(path, bytes);
    await store.putFile(digestOf(bytes), path, bytes.length);
    assertBytes(await readBlob(store, digestOf(bytes)), bytes);
    assert.deepEqual(await place.leftovers(), []);
  });

  check('putFile() keeps nothing of a file that is not what it was said to be', async (store, place) => {
    using folder = temporaryDirectory();
    const bytes = someBytes(1000);
    const path = join(folder.path, 'file');
    await writeFile(path, bytes);
    await assert.rejects(store.putFile(digestOf(bytes), path, 999), { code: 'STORE_DAMAGED' });
    await assert.rejects(store.putFile(digestOf(bytes), `${path}-none`, 1000));
    assert.deepEqual(await listAll(store.list()), []);
    assert.deepEqual(await place.leftovers(), []);
  });
}
