import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { mountFreely, noJournal, pushBlob, pushTestManifest } from '../../../testing/registry/push-content.ts';
import { openTestContent, type TestClock } from '../../../testing/registry/test-content.ts';
import { collect, someBytes } from '../../../testing/store/blob-data.ts';
import { withMethods } from '../../../testing/with-methods.ts';
import { addLink, claimBlob, findBlob } from '../../store/metadata/blobs.ts';
import type { Content } from '../content/content.ts';
import { removeManifest } from '../content/delete.ts';
import { ManifestCache } from '../content/manifest-cache.ts';
import { keepLease, openRecord, requireBlob } from '../content/read-blob.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { storeAndLink } from '../content/store-blob.ts';
import { collectGarbage } from './collect.ts';
import { garbageLimits } from './limits.ts';

const hour = 3_600_000;
const large = 100_000;

async function inWorld(run: (content: Content, clock: TestClock) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  const clock = { now: Date.now() };
  await using opened = await openTestContent({ folder: folder.path, clock });
  await run(opened.content, clock);
}

/** The same content, before whose next transaction something happens. */
function beforeTransaction(content: Content, happen: () => Promise<unknown>): Content {
  let isOver = false;
  const database = withMethods(content.database, {
    async transaction(work, options) {
      if (!isOver) {
        isOver = true;
        await happen();
      }
      return content.database.transaction(work, options);
    },
  });
  return { ...content, database };
}

/** The same content, before whose next look into the blob store something happens. */
function beforeOpen(content: Content, happen: () => Promise<unknown>): Content {
  let isOver = false;
  const blobs = withMethods(content.blobs, {
    async open(digest) {
      if (!isOver) {
        isOver = true;
        await happen();
      }
      return content.blobs.open(digest);
    },
  });
  return { ...content, blobs };
}

test('mountBlob() links to nothing that was removed, and claimed by another, since it looked', () =>
  inWorld(async (content, clock) => {
    const digest = await pushBlob(content, 'app', someBytes(large));
    clock.now += hour + 1;
    const late = beforeTransaction(content, async () => {
      assert.equal((await collectGarbage(content)).removedBlobs, 1);
      await content.database.transaction((queries) => claimBlob(queries, digest, large, clock.now));
    });
    for (const from of ['app', undefined]) {
      assert.equal(await mountFreely(late, { repository: 'b', digest, from }), false);
    }
    assert.equal(await findBlob(content.database, 'b', digest), undefined);
  }));

test('keepLease() tells that a blob was taken away since it was found', () =>
  inWorld(async (content, clock) => {
    const digest = await pushBlob(content, 'app', someBytes(large));
    clock.now += hour + 1;
    const record = await requireBlob(content, 'app', digest);
    const gone = beforeTransaction(content, () => collectGarbage(content));
    await assert.rejects(keepLease(gone, 'app', digest, record), { code: 'BLOB_UNKNOWN' });
    await pushBlob(content, 'app', someBytes(large));
    clock.now += hour + 1;
    await keepLease(content, 'app', digest, await requireBlob(content, 'app', digest));
    assert.equal((await collectGarbage(content)).unlinked, 0);
  }));

test('openRecord() tells a blob that was removed since it was found from one that is damaged', () =>
  inWorld(async (content, clock) => {
    for (const isPushedAgain of [false, true]) {
      const digest = await pushBlob(content, 'app', someBytes(large));
      clock.now += hour + 1;
      const record = await requireBlob(content, 'app', digest);
      const late = beforeOpen(content, async () => {
        assert.equal((await collectGarbage(content)).removedBlobs, 1);
      });
      if (isPushedAgain) {
        // Between the two looks of the reader.
        const database = withMethods(late.database, {
          async get(sql, ...parameters) {
            await pushBlob(content, 'app', someBytes(large));
            return content.database.get(sql, ...parameters);
          },
        });
        await using open = await openRecord({ ...late, database }, 'app', digest, record);
        assert.ok((await collect(open.read())).equals(someBytes(large)));
      } else {
        await assert.rejects(openRecord(late, 'app', digest, record), { code: 'BLOB_UNKNOWN' });
      }
    }
    const digest = await pushBlob(content, 'app', someBytes(large));
    const record = await requireBlob(content, 'app', digest);
    await content.blobs.remove(digest);
    await assert.rejects(openRecord(content, 'app', digest, record), { code: 'STORE_DAMAGED' });
  }));

test('manifestBytes() tells a manifest that was deleted since it was found from one that is damaged', () =>
  inWorld(async (content, clock) => {
    const push = async (): Promise<Parameters<typeof manifestBytes>[2]> =>
      (await pushTestManifest(content, 'app', { manifests: [], note: 'x'.repeat(large) })).digest;
    const digest = await push();
    const fresh = { ...content, manifests: new ManifestCache(0) };
    clock.now += hour + 1;
    const late = beforeOpen(fresh, async () => {
      await removeManifest(content, 'app', digest, noJournal);
      assert.equal((await collectGarbage(content)).removedBlobs, 1);
    });
    await assert.rejects(manifestBytes(late, 'app', digest), { code: 'MANIFEST_UNKNOWN' });
    await push();
    assert.ok((await manifestBytes(fresh, 'app', digest)).length > large);
    await content.blobs.remove(digest);
    await assert.rejects(manifestBytes(fresh, 'app', digest), {
      code: 'STORE_DAMAGED',
    });
  }));

/** The same content, whose calls are counted from the moment on in which bytes were removed, each with what happens before and after it. */
function stepwise(
  content: Content,
  { removed, before, after }: Record<'removed' | 'before' | 'after', (step: number) => Promise<unknown>>,
): Content {
  let step = -1;
  const one = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (step === -1) return call();
    const own = step;
    step += 1;
    await before(own);
    const result = await call();
    await after(own);
    return result;
  };
  return {
    ...content,
    database: withMethods(content.database, {
      transaction: (work, options) => one(() => content.database.transaction(work, options)),
    }),
    blobs: withMethods(content.blobs, {
      stat: (digest) => one(() => content.blobs.stat(digest)),
      async remove(digest) {
        const result = await content.blobs.remove(digest);
        await removed(step);
        step = 0;
        return result;
      },
    }),
  };
}

test('a collector that was late never hides a blob that was pushed since, wherever that push has come to', async () => {
  const bytes = someBytes(large);
  for (const begins of [0, 1, 2, 3]) {
    for (const ends of [0, 1, 2, 3, 4].filter((step) => step >= begins)) {
      await inWorld(async (content, clock) => {
        const digest = await pushBlob(content, 'app', bytes);
        clock.now += hour + 1;
        const stored = Promise.withResolvers<undefined>();
        const mayLink = Promise.withResolvers<undefined>();
        let push: Promise<void> | undefined;
        let isPushed = false;
        const beginPush = async (): Promise<void> => {
          push = storeAndLink(content, {
            digest,
            size: large,
            async store() {
              await content.blobs.put(digest, bytes);
              stored.resolve(undefined);
              await mayLink.promise;
            },
            link: (queries) => addLink(queries, 1, digest, clock.now),
          });
          await stored.promise;
        };
        const endPush = async (): Promise<void> => {
          mayLink.resolve(undefined);
          await push;
          isPushed = true;
        };
        const isSeen = async (): Promise<boolean> => (await findBlob(content.database, 'app', digest)) !== undefined;
        const late = stepwise(content, {
          async removed() {
            clock.now += garbageLimits.takeOver + 1;
            assert.equal((await collectGarbage(content)).takenOver, 1);
          },
          async before(step) {
            if (step === begins) await beginPush();
            if (step === ends) await endPush();
          },
          after: async (step) => assert.ok(!isPushed || (await isSeen()), `hidden after step ${step}`),
        });
        const report = await collectGarbage(late);
        assert.deepEqual(report.lost, []);
        if (push === undefined) await beginPush();
        if (!isPushed) await endPush();
        assert.ok(await isSeen());
        assert.equal(await content.blobs.stat(digest), large);
      });
    }
  }
});
