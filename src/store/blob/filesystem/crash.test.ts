import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { append, collect, digestOf, newUpload, readBlob, someBytes } from '../../../../testing/store/blob-data.ts';
import { type FileStep, watchFileSystem } from '../../../../testing/store/watched-file-system.ts';
import { mapBounded } from '../../../base/concurrency.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { BlobStore, UploadState } from '../blob-store.ts';
import { openFilesystemBlobStore } from './open.ts';
import { Paths } from './paths.ts';

const child = join(import.meta.dirname, '../../../../testing/store/crash-child.ts');
const pushed = someBytes(2_500_000, 'pushed');
const put = someBytes(3000, 'put');

/** What a killed process told before. */
interface Told {
  readonly killed?: string;
  readonly upload?: UploadState;
  readonly committed?: Digest;
  /** The number of its steps, when it came to its end. */
  readonly done?: number;
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seaworthy-crash-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the child until it kills itself at a step, or to its end. */
function runChild(folder: string, scenario: string, step: number): Promise<Told> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [child, folder, scenario, String(step)],
      { timeout: 60_000 },
      (error, stdout, stderr) => {
        const told = stdout.split('\n').filter((line) => line !== '');
        const facts = Object.assign({}, ...told.map((line) => JSON.parse(line) as Told)) as Told;
        if (error === null || error.signal === 'SIGKILL') resolve(facts);
        else reject(new Error(stderr));
      },
    );
  });
}

/** Kills a process at each of its steps in turn, and looks at what each leaves behind. */
async function killAtEach(
  scenario: string,
  check: (store: BlobStore, told: Told) => Promise<void>,
): Promise<Set<string>> {
  const seen = new Set<string>();
  await inFolder(async (parent) => {
    const whole = await runChild(join(parent, 'whole'), scenario, 0);
    assert.ok(whole.done !== undefined && whole.done > 10);
    const steps = Array.from({ length: whole.done }, (_, at) => at + 1);
    // Two folders, each used again: making one takes longer than what is tried in it.
    await mapBounded([0, 1], 2, async (lane) => {
      const folder = join(parent, String(lane));
      for (const step of steps.filter((one) => one % 2 === lane)) {
        const told = await runChild(folder, scenario, step);
        assert.ok(told.killed !== undefined, `step ${step}`);
        seen.add(told.killed);
        await using store = await openFilesystemBlobStore({ folder });
        await checkWhole(store);
        if (told.committed !== undefined && told.killed !== 'unlink') {
          assert.ok((await store.stat(told.committed)) !== undefined, `step ${step}: what was told is not there`);
        }
        await check(store, told);
        await store.removeStaleUploads(Date.now() + 1000, new Set());
        assert.deepEqual(await readdir(new Paths(folder).uploads), []);
        for (const bytes of [pushed, put]) await store.remove(digestOf(bytes));
      }
    });
  });
  return seen;
}

async function checkWhole(store: BlobStore): Promise<void> {
  for await (const { digest, size } of store.list()) {
    const bytes = (await readBlob(store, digest)) as Buffer;
    assert.equal(bytes.length, size);
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
  }
}

test('a push that is killed at any step shows nothing half, and goes on from its record', async () => {
  const seen = await killAtEach('push', async (store, { upload, committed }) => {
    const record = upload ?? newUpload('crash-upload');
    if (committed === undefined && (await store.stat(digestOf(pushed))) === undefined) {
      assert.ok((await collect(store.readUpload(record))).equals(pushed.subarray(0, record.offset)));
      const end = await append(store, record, pushed.subarray(record.offset));
      await store.commit(end, digestOf(pushed));
    } else {
      // The client that did not hear the answer asks again.
      await store.commit(record, digestOf(pushed));
    }
    assert.ok((await readBlob(store, digestOf(pushed)))?.equals(pushed));
  });
  assert.deepEqual([...seen].toSorted(), ['close', 'lstat', 'open', 'rename', 'stat', 'sync', 'write']);
});

test('small blobs, blobs that are there already, and removals that are killed at any step', async () => {
  await killAtEach('put', async (store) => {
    await store.put(digestOf(put), put);
    assert.ok((await readBlob(store, digestOf(put)))?.equals(put));
  });
});

test('a folder whose first opening was killed opens the next time', async () => {
  await inFolder(async (parent) => {
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 200]) {
      const folder = join(parent, 'not-yet', String(step));
      assert.ok((await runChild(folder, 'open', step)).killed !== undefined);
      await using store = await openFilesystemBlobStore({ folder });
      await store.put(digestOf(put), put);
      assert.ok((await readBlob(store, digestOf(put)))?.equals(put));
    }
  });
});

/** The steps after the folder was opened that say when what is on the disk. */
async function durableSteps(folder: string, use: (store: BlobStore) => Promise<void>): Promise<FileStep[]> {
  const steps: FileStep[] = [];
  const store = await openFilesystemBlobStore({ folder, files: watchFileSystem((step) => void steps.push(step)) });
  steps.length = 0;
  await use(store);
  return steps.filter(({ call, to }) => call === 'sync' || to?.includes('/blobs/') === true || call === 'mkdir');
}

test('commit() and put() wait twice for the disk: for the bytes before the name, and for the name', async () => {
  await inFolder(async (folder) => {
    const paths = new Paths(folder);
    const place = (digest: Digest): string => paths.blob(digest);
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const bytes = someBytes(2_000_000, algorithm);
      const path = place(digestOf(bytes, algorithm));
      const commit = async (store: BlobStore): Promise<void> => {
        const first = await append(store, newUpload('one-commit'), bytes.subarray(0, 5));
        await store.commit(await append(store, first, bytes.subarray(5)), digestOf(bytes, algorithm));
      };
      const small = Buffer.from(algorithm);
      for (const [use, target] of [
        [commit, path],
        [(store: BlobStore) => store.put(digestOf(small, algorithm), small), place(digestOf(small, algorithm))],
      ] as const) {
        const isNew = algorithm !== 'sha256' && !existsSync(dirname(target));
        const steps = await durableSteps(folder, use);
        // Where few blobs lie, a folder is made when its first one comes.
        if (isNew) {
          const made = steps.splice(2, 2);
          assert.deepEqual(made, [
            { call: 'mkdir', path: dirname(target) },
            { call: 'sync', path: dirname(dirname(target)) },
          ]);
          assert.equal(steps.splice(1, 1)[0]?.call, 'rename');
        }
        const written = steps[0]?.path;
        assert.deepEqual(steps, [
          { call: 'sync', path: written },
          { call: 'rename', path: steps[1]?.path, to: target },
          { call: 'sync', path: dirname(target) },
        ]);
        assert.equal(written, steps[1]?.path);
        // The blob is there already, but perhaps not yet on the disk.
        assert.deepEqual(await durableSteps(folder, use), [{ call: 'sync', path: dirname(target) }]);
      }
    }
  });
});
