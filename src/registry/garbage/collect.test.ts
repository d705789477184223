import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import {
  mountFreely,
  noJournal,
  pushBlob,
  type PushForm,
  pushTestManifest,
} from '../../../testing/registry/push-content.ts';
import {
  instantly,
  openTestContent,
  type TestClock,
  type TestContentOptions,
} from '../../../testing/registry/test-content.ts';
import { withMethods } from '../../../testing/with-methods.ts';
import { listAll, readBlob, someBytes } from '../../../testing/store/blob-data.ts';
import type { Digest } from '../../oci/digest.ts';
import { StoreError } from '../../store/error.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { blobContent, claimBlob, findBlob } from '../../store/metadata/blobs.ts';
import { sweepBlobs } from '../../store/metadata/garbage.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { Content } from '../content/content.ts';
import { removeManifest } from '../content/delete.ts';
import { startUpload } from '../content/upload.ts';
import { collectGarbage } from './collect.ts';
import { garbageLimits } from './limits.ts';
import type { GarbageReport } from './report.ts';

const hour = 3_600_000;
const large = 100_000;

interface World {
  readonly content: Content;
  readonly clock: TestClock;
}

async function inWorld(run: (world: World) => Promise<void>, options: Partial<TestContentOptions> = {}): Promise<void> {
  using folder = temporaryDirectory();
  const clock = { now: Date.now() };
  await using opened = await openTestContent({ folder: folder.path, clock, ...options });
  await run({ content: opened.content, clock });
}

/** Only what a test is about. */
function numbers({ unlinked, removedBlobs, freedBytes }: GarbageReport): readonly number[] {
  return [unlinked, removedBlobs, freedBytes];
}

async function rows(content: Content, table: 'blobs' | 'blob_contents' | 'repository_blobs'): Promise<number> {
  return (await content.database.get<{ rows: number }>(`SELECT COUNT(*) AS rows FROM ${table}`))?.rows ?? 0;
}

test('collectGarbage() keeps what an index alone names, images and blobs', () =>
  inWorld(async ({ content, clock }) => {
    const blob = await pushBlob(content, 'app', someBytes(large));
    const layer = await pushBlob(content, 'app', someBytes(large, 'cache'));
    const image = await pushTestManifest(content, 'app', { blobs: [blob] });
    await pushTestManifest(content, 'app', { manifests: [image.digest], blobs: [layer] }, ['v1']);
    clock.now += hour + 1;
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 0, 0]);
    assert.notEqual(await findBlob(content.database, 'app', layer), undefined);
  }));

test('collectGarbage() removes what nothing names, after the grace, and tells it before in a dry run', () =>
  inWorld(async ({ content, clock }) => {
    const kept = [
      await pushBlob(content, 'app', someBytes(5, 'config')),
      await pushBlob(content, 'app', someBytes(large)),
    ];
    await pushTestManifest(content, 'app', { blobs: kept }, ['v1']);
    for (const [at, form] of (['whole', 'stream', 'chunks'] as const satisfies PushForm[]).entries()) {
      await pushBlob(content, 'app', someBytes(large, `large ${at}`), form);
      await pushBlob(content, 'app', someBytes(100, `small ${at}`), form);
    }
    const doomed = await pushTestManifest(content, 'app', { blobs: kept, note: 'untagged' });
    await removeManifest(content, 'app', doomed.digest, noJournal);
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 0, 0], 'within the grace');
    clock.now += hour + 1;
    const size = Number((await content.database.get('SELECT size FROM blobs WHERE digest = ?', doomed.digest))?.size);
    const expected = [6, 7, 3 * large + 300 + size];
    const before = await rows(content, 'blobs');
    assert.deepEqual(numbers(await collectGarbage(content, { dryRun: true })), expected);
    assert.equal(await rows(content, 'blobs'), before, 'a dry run changes nothing');
    const report = await collectGarbage(content);
    assert.deepEqual(numbers(report), expected);
    assert.equal(report.finished, true);
    assert.equal(report.lookedAtBlobs, before);
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 0, 0], 'nothing is left');
    assert.equal(await rows(content, 'blobs'), 3);
    assert.equal(await rows(content, 'blob_contents'), 2);
    assert.deepEqual(
      (await listAll(content.blobs.list())).map(({ digest }) => digest),
      [kept[1]],
    );
    assert.ok((await readBlob(content.blobs, kept[1] as Digest))?.equals(someBytes(large)));
  }));

test('collectGarbage() keeps what was mounted or asked for within the grace, and what any repository names', () =>
  inWorld(async ({ content, clock }) => {
    const digest = await pushBlob(content, 'app', someBytes(large));
    clock.now += hour + 1;
    const mount = { repository: 'other', digest, from: 'app' };
    assert.equal(await mountFreely(content, mount), true);
    assert.deepEqual(numbers(await collectGarbage(content)), [1, 0, 0]);
    await pushTestManifest(content, 'other', { blobs: [digest] });
    clock.now += hour + 1;
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 0, 0]);
    assert.equal(await mountFreely(content, { ...mount, from: 'app' }), false, 'app has it no more');
  }));

test('collectGarbage() takes a sparse blob only from where nothing names it', () =>
  inWorld(async ({ content, clock }) => {
    const digest = await pushBlob(content, 'a', someBytes(large));
    await pushBlob(content, 'b', someBytes(large));
    await pushTestManifest(content, 'b', { blobs: [digest] });
    clock.now += hour + 1;
    assert.deepEqual(numbers(await collectGarbage(content, { dryRun: true })), [1, 0, 0]);
    assert.deepEqual(numbers(await collectGarbage(content)), [1, 0, 0]);
    assert.equal(await findBlob(content.database, 'a', digest), undefined);
    assert.notEqual(await findBlob(content.database, 'b', digest), undefined);
  }));

test('collectGarbage() goes through more than one stretch and batch', () =>
  inWorld(async ({ content, clock }) => {
    const count = garbageLimits.stretch + garbageLimits.batch + 50;
    await content.database.transaction(async (queries) => {
      for (let at = 0; at < count; at += 1) {
        const digest = `sha256:${at.toString(16).padStart(64, '0')}`;
        await queries.run(
          'INSERT INTO blobs (digest, size, stored, stored_at, used_at) VALUES (?, 1, ?, 1, 1)',
          digest,
          at % 7 === 0 ? 1 : 0,
        );
        await queries.run(
          'INSERT INTO repository_blobs (repository, digest, used_at) VALUES (?, ?, 1)',
          at % 3,
          digest,
        );
      }
    });
    clock.now += hour + 1;
    let told = 0;
    const report = await collectGarbage(content, { onProgress: ({ unlinked }) => (told = Math.max(told, unlinked)) });
    assert.deepEqual([report.unlinked, report.removedBlobs], [count, count]);
    assert.deepEqual([report.lookedAtLinks, report.lookedAtBlobs], [count, count]);
    assert.equal(told, count);
    assert.equal(await rows(content, 'blobs'), 0);
  }));

test('a push waits while its bytes are removed, and stores them anew', async () => {
  let removing: (() => void) | undefined;
  const removal = Promise.withResolvers<void>();
  const wrapBlobs = (blobs: BlobStore): BlobStore =>
    withMethods(blobs, {
      async remove(digest) {
        removing?.();
        await removal.promise;
        return blobs.remove(digest);
      },
    });
  await inWorld(
    async ({ content, clock }) => {
      const digest = await pushBlob(content, 'app', someBytes(large));
      clock.now += hour + 1;
      const marked = new Promise<void>((resolve) => {
        removing = resolve;
      });
      const collecting = collectGarbage(content);
      await marked;
      let isPushed = false;
      const wait: Content['wait'] = (time, signal) => (time < 1000 ? untilForgotten() : instantly(time, signal));
      const push = pushBlob({ ...content, wait }, 'app', someBytes(large)).then(() => {
        isPushed = true;
      });
      async function untilForgotten(): Promise<void> {
        assert.equal(isPushed, false);
        removal.resolve();
        await collecting;
      }
      await push;
      assert.equal((await collecting).removedBlobs, 1);
      assert.ok((await readBlob(content.blobs, digest))?.equals(someBytes(large)));
      assert.notEqual(await findBlob(content.database, 'app', digest), undefined);
    },
    { wrapBlobs },
  );
});

test('a push that took longer than the grace between its bytes and its record stores them anew', async () => {
  let afterPut = (): Promise<void> => Promise.resolve();
  const wrapBlobs = (blobs: BlobStore): BlobStore =>
    withMethods(blobs, {
      async put(digest, bytes, options) {
        await blobs.put(digest, bytes, options);
        await afterPut();
      },
      async commit(upload, digest, options) {
        await blobs.commit(upload, digest, options);
        await afterPut();
      },
    });
  await inWorld(
    async ({ content, clock }) => {
      let rounds = 0;
      afterPut = async () => {
        rounds += 1;
        if (rounds > 1) return;
        clock.now += hour + 1;
        assert.equal((await collectGarbage(content)).removedBlobs, 1);
      };
      const note = 'x'.repeat(large);
      const { digest } = await pushTestManifest(content, 'app', { blobs: [], manifests: [], note });
      assert.equal(rounds, 2);
      assert.ok((await readBlob(content.blobs, digest)) !== undefined);
      // A blob's upload is over by then: better no answer than a wrong one.
      rounds = 0;
      await assert.rejects(pushBlob(content, 'app', someBytes(large)), { code: 'UPLOAD_CONFLICT' });
      assert.equal(rounds, 1);
      await pushBlob(content, 'app', someBytes(large));
    },
    { wrapBlobs },
  );
});

test('collectGarbage() takes over what a killed collector marked, when it is old enough', () =>
  inWorld(async ({ content, clock }) => {
    const digest = await pushBlob(content, 'app', someBytes(large));
    await content.database.run('DELETE FROM repository_blobs');
    clock.now += hour + 1;
    const { marked } = await content.database.transaction((queries) =>
      sweepBlobs(queries, [digest], clock.now, clock.now),
    );
    assert.deepEqual(marked, [{ digest, size: large }]);
    clock.now += garbageLimits.takeOver;
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 0, 0]);
    await assert.rejects(pushBlob(content, 'app', someBytes(large)), { code: 'TOOMANYREQUESTS' });
    clock.now += 1;
    assert.deepEqual(numbers(await collectGarbage(content, { dryRun: true })), [0, 1, large]);
    const report = await collectGarbage(content);
    assert.deepEqual([report.takenOver, ...numbers(report)], [1, 0, 1, large]);
    await pushBlob(content, 'app', someBytes(large));
  }));

test('collectGarbage() removes nothing of a mark that is too old, and gives it back', () =>
  inWorld(async ({ content, clock }) => {
    await pushBlob(content, 'app', someBytes(large));
    clock.now += hour + 1;
    const stalling: SqlDatabase = withMethods(content.database, {
      async transaction(work, options) {
        const result = await content.database.transaction(work, options);
        const marked = await content.database.all('SELECT digest FROM blobs WHERE deleting > 0');
        if (marked.length > 0) clock.now += garbageLimits.markTime;
        return result;
      },
    });
    assert.deepEqual(numbers(await collectGarbage({ ...content, database: stalling })), [1, 0, 0]);
    assert.equal((await listAll(content.blobs.list())).length, 1);
    await pushBlob(content, 'app', someBytes(large));
    assert.equal(await rows(content, 'blobs'), 1);
  }));

test('a collector that wakes after another took over leaves no blob without bytes unnoticed', async () => {
  let beforeRemove = (): Promise<void> => Promise.resolve();
  const wrapBlobs = (blobs: BlobStore): BlobStore =>
    withMethods(blobs, {
      async remove(digest) {
        await beforeRemove();
        return blobs.remove(digest);
      },
    });
  await inWorld(
    async ({ content, clock }) => {
      const digest = await pushBlob(content, 'app', someBytes(large));
      clock.now += hour + 1;
      beforeRemove = async () => {
        beforeRemove = () => Promise.resolve();
        clock.now += garbageLimits.takeOver + 1;
        assert.equal((await collectGarbage(content)).takenOver, 1);
        await pushBlob(content, 'app', someBytes(large));
      };
      const report = await collectGarbage(content);
      assert.deepEqual([report.removedBlobs, report.lost], [0, [digest]]);
      assert.equal(await findBlob(content.database, 'app', digest), undefined, 'so that clients push it');
      await pushBlob(content, 'app', someBytes(large));
      assert.notEqual(await findBlob(content.database, 'app', digest), undefined);
      assert.ok((await readBlob(content.blobs, digest))?.equals(someBytes(large)));
    },
    { wrapBlobs },
  );
});

test('collectGarbage() leaves what the blob store does not remove to the next time', async () => {
  let isBroken = true;
  const wrapBlobs = (blobs: BlobStore): BlobStore =>
    withMethods(blobs, {
      remove: (digest) =>
        isBroken ? Promise.reject(new StoreError('STORE_UNAVAILABLE', 'away')) : blobs.remove(digest),
    });
  await inWorld(
    async ({ content, clock }) => {
      await pushBlob(content, 'app', someBytes(large));
      clock.now += hour + 1;
      const report = await collectGarbage(content);
      assert.deepEqual([...numbers(report), report.leftMarked], [1, 0, 0, 1]);
      isBroken = false;
      clock.now += garbageLimits.takeOver + 1;
      assert.deepEqual(numbers(await collectGarbage(content)), [0, 1, large]);
    },
    { wrapBlobs },
  );
});

test('collectGarbage() stops when it is told to, and gives back what it marked', async () => {
  const controller = new AbortController();
  const wrapBlobs = (blobs: BlobStore): BlobStore =>
    withMethods(blobs, {
      remove(digest) {
        controller.abort();
        return blobs.remove(digest);
      },
    });
  await inWorld(
    async ({ content, clock }) => {
      for (let at = 0; at < 20; at += 1) await pushBlob(content, 'app', someBytes(large, `${at}`));
      clock.now += hour + 1;
      const report = await collectGarbage(content, { signal: controller.signal });
      assert.equal(report.finished, false);
      assert.equal(report.removedBlobs, 1);
      assert.equal(await rows(content, 'blobs'), 19);
      assert.equal((await content.database.all('SELECT digest FROM blobs WHERE deleting > 0')).length, 0);
      assert.equal((await collectGarbage(content)).removedBlobs, 19);
    },
    { wrapBlobs },
  );
});

test('collectGarbage() forgets a claim that came to nothing', () =>
  inWorld(async ({ content, clock }) => {
    const digest = `sha256:${'a'.repeat(64)}` as Digest;
    await content.database.transaction((queries) => claimBlob(queries, digest, 7, clock.now));
    clock.now += hour + 1;
    assert.deepEqual(numbers(await collectGarbage(content)), [0, 1, 0]);
    assert.equal(await blobContent(content.database, digest), undefined);
  }));

test('collectGarbage() gives up uploads that nothing came for, and what lies about of others', async () => {
  await inWorld(async ({ content, clock }) => {
    const { signal } = new AbortController();
    const day = garbageLimits.uploadAge;
    await startUpload(content, 'app', 'somebody');
    const stray = { id: 'stray-upload', offset: 0 };
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield someBytes(10);
    }
    await content.blobs.append(stray, bytes(), { maxBytes: 100, signal });
    clock.now += day - 10_000;
    await startUpload(content, 'app', 'somebody');
    clock.now += 20_000;
    assert.equal((await collectGarbage(content, { dryRun: true })).expiredUploads, 1);
    const report = await collectGarbage(content);
    assert.deepEqual([report.expiredUploads, report.strayUploads], [1, 1]);
    assert.equal((await content.database.all('SELECT id FROM uploads')).length, 1);
  });
});
