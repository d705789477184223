import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { addLink, claimBlob, confirmBlob, linkBlob, storeContent, unlinkBlob } from '../../src/store/metadata/blobs.ts';
import {
  countMarked,
  firstLink,
  forgetMarked,
  type LinkKey,
  nextBlobs,
  nextLinks,
  releaseMarked,
  type Stretch,
  sweepBlobs,
  takeOverMarked,
  unlinkUnused,
  unreferencedBlobs,
  unusedLinks,
  wouldBeUnreferenced,
} from '../../src/store/metadata/garbage.ts';
import { insertManifest } from '../../src/store/metadata/manifests.ts';
import type { SqlDatabase, SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

const digests: readonly Digest[] = Array.from({ length: 9 }, (_, at) => digestOf(Buffer.from(`${at}`))).toSorted();
const [first, second, third] = digests as [Digest, Digest, Digest];
const everything: Stretch<string> = { after: '', last: 'z', rows: 0 };
const allLinks: Stretch<LinkKey> = { after: firstLink, last: { repository: 1e9, digest: 'z' }, rows: 0 };

async function store(queries: SqlQueries, digest: Digest, now: number, large = true): Promise<void> {
  if (large) await claimBlob(queries, digest, 7, now);
  else await storeContent(queries, digest, Buffer.alloc(7), now);
}

function name(queries: SqlQueries, repository: number, target: Digest): Promise<void> {
  const manifest = { mediaType: 'x', size: 1, artifactType: undefined, subject: undefined, annotations: {} };
  const links = [{ target, kind: 'blob' as const }];
  return insertManifest(queries, repository, { ...manifest, digest: digestOf(Buffer.from(target)), links }, 1);
}

async function rows(database: SqlDatabase, table: 'blobs' | 'blob_contents'): Promise<number | undefined> {
  return (await database.get<{ rows: number }>(`SELECT COUNT(*) AS rows FROM ${table}`))?.rows;
}

/** Registers the tests of what garbage collection asks and does. */
export function registerGarbageRecords(check: MetadataCheck): void {
  check('tables are looked through in stretches, each row once', async (database) => {
    await database.transaction(async (queries) => {
      for (const [at, digest] of digests.entries()) {
        await store(queries, digest, 1);
        for (let repository = 1; repository <= 3; repository += 1) {
          if ((at + repository) % 2 === 0) await addLink(queries, repository, digest, 1);
        }
      }
    });
    const lengths: number[] = [];
    const found: string[] = [];
    for (let after = ''; ;) {
      const stretch = await nextBlobs(database, after, 4);
      if (stretch === undefined) break;
      lengths.push(stretch.rows);
      found.push(...(await wouldBeUnreferenced(database, stretch, 5)).map(({ digest }) => digest));
      after = stretch.last;
    }
    assert.deepEqual([lengths, found], [[4, 4, 1], digests]);
    const links: LinkKey[] = [];
    lengths.length = 0;
    for (let after = firstLink; ;) {
      const stretch = await nextLinks(database, after, 4);
      if (stretch === undefined) break;
      lengths.push(stretch.rows);
      links.push(...(await unusedLinks(database, stretch, 5)));
      after = stretch.last;
    }
    const all = await database.all('SELECT repository, digest FROM repository_blobs ORDER BY repository, digest');
    assert.equal(
      lengths.reduce((sum, length) => sum + length),
      all.length,
    );
    assert.deepEqual(
      links.toSorted((a, b) => a.repository - b.repository || (a.digest < b.digest ? -1 : 1)),
      all,
    );
  });

  check('links go when nothing names them and nobody used them, looked at again', async (database) => {
    await database.transaction(async (queries) => {
      for (const [at, digest] of [first, second, third].entries()) {
        await store(queries, digest, 1);
        await addLink(queries, 1, digest, at === 2 ? 100 : 1);
      }
      await addLink(queries, 2, first, 1);
      await name(queries, 2, first);
    });
    const unused = await unusedLinks(database, allLinks, 50);
    assert.deepEqual(
      unused.map(({ repository, digest }) => `${repository} ${digest}`).toSorted(),
      [first, second].map((digest) => `1 ${digest}`),
    );
    await database.transaction((queries) => name(queries, 1, first));
    await database.transaction((queries) => addLink(queries, 1, second, 60));
    const unlink = (before: number): Promise<number> =>
      database.transaction((queries) => unlinkUnused(queries, 1, [first, second, third], before));
    assert.equal(await unlink(50), 0, 'a manifest and a client came meanwhile');
    assert.equal(await unlink(61), 1);
    assert.equal(await unlink(1000), 1);
    assert.equal(await database.transaction((queries) => unlinkUnused(queries, 2, [first], 1000)), 0);
  });

  check('blobs go when no repository has them, looked at again', async (database) => {
    await database.transaction(async (queries) => {
      await store(queries, first, 1);
      await store(queries, second, 1, false);
      await store(queries, third, 100);
      await store(queries, digests[3] as Digest, 1);
      await addLink(queries, 1, digests[3] as Digest, 1);
      await store(queries, digests[4] as Digest, 1, false);
      await insertManifest(
        queries,
        1,
        {
          digest: digests[4] as Digest,
          mediaType: 'x',
          size: 7,
          artifactType: undefined,
          subject: undefined,
          annotations: {},
          links: [],
        },
        1,
      );
    });
    const expected = [first, second].map((digest) => ({ digest, size: 7 }));
    assert.deepEqual(await unreferencedBlobs(database, everything, 50), expected);
    assert.equal((await wouldBeUnreferenced(database, everything, 50)).length, 3, 'one more once it is unlinked');
    const sweep = (before: number): ReturnType<typeof sweepBlobs> =>
      database.transaction((queries) => sweepBlobs(queries, digests, before, 500));
    await database.transaction(async (queries) => {
      assert.equal(await linkBlob(queries, 1, first, 60), true);
      assert.equal(await storeContent(queries, second, Buffer.alloc(7), 60), true);
    });
    assert.deepEqual(await sweep(50), { gone: [], marked: [] }, 'both were used meanwhile');
    await database.transaction((queries) => unlinkBlob(queries, 1, first));
    assert.deepEqual(await sweep(61), { gone: [{ digest: second, size: 7 }], marked: [{ digest: first, size: 7 }] });
    assert.equal(await rows(database, 'blobs'), 4);
    assert.equal(await rows(database, 'blob_contents'), 1);
    assert.deepEqual(await sweep(61), { gone: [], marked: [] }, 'once');
    assert.equal(await database.transaction((queries) => linkBlob(queries, 1, first, 70)), false);
  });

  check('a mark has one owner at a time', async (database) => {
    await database.transaction(async (queries) => {
      for (const digest of [first, second]) await store(queries, digest, 1);
      await sweepBlobs(queries, [first, second], 50, 100);
    });
    const transact = <Result>(work: (queries: SqlQueries) => Promise<Result>): Promise<Result> =>
      database.transaction(work);
    assert.deepEqual(await transact((queries) => takeOverMarked(queries, 100, 9, 200)), []);
    assert.deepEqual(await countMarked(database, 101), { blobs: 2, bytes: 14 });
    assert.equal((await transact((queries) => takeOverMarked(queries, 101, 1, 200))).length, 1);
    assert.equal((await transact((queries) => takeOverMarked(queries, 101, 9, 300))).length, 1);
    assert.deepEqual(await countMarked(database, 101), { blobs: 0, bytes: 0 });
    const forget = (mark: number): Promise<ReadonlySet<string>> =>
      transact((queries) => forgetMarked(queries, [first, second], mark));
    assert.equal((await forget(100)).size, 0);
    await transact((queries) => releaseMarked(queries, [first, second], 100));
    assert.deepEqual(await countMarked(database, 1000), { blobs: 2, bytes: 14 });
    assert.equal((await forget(200)).size, 1);
    await transact((queries) => releaseMarked(queries, [first, second], 300));
    assert.equal(await rows(database, 'blobs'), 1);
    assert.deepEqual(await countMarked(database, 1000), { blobs: 0, bytes: 0 });
    assert.equal((await forget(0)).size, 0, 'what is not marked is not forgotten');
  });

  check('a claim and a sweep at the same time never both win', async (database, place) => {
    await using other = await place.open();
    for (let round = 0; round < 30; round += 1) {
      await database.run('DELETE FROM blobs');
      await database.transaction((queries) => store(queries, first, 1));
      const [swept, claim] = await Promise.all([
        database.transaction((queries) => sweepBlobs(queries, [first], 50, 100)),
        other.transaction((queries) => claimBlob(queries, first, 7, 60)),
      ]);
      assert.equal(swept.marked.length === 1, claim === undefined, `${round}`);
      if (claim === undefined) continue;
      assert.equal(await other.transaction((queries) => confirmBlob(queries, first, claim, 60)), true);
    }
  });

  check('a manifest and an unlink at the same time never both win', async (database, place) => {
    await using other = await place.open();
    for (let round = 0; round < 30; round += 1) {
      await database.transaction(async (queries) => {
        for (const table of ['manifests', 'manifest_links', 'repository_blobs'])
          await queries.run(`DELETE FROM ${table}`);
        await addLink(queries, 1, first, 1);
      });
      const [unlinked, named] = await Promise.all([
        database.transaction((queries) => unlinkUnused(queries, 1, [first], 50)),
        other.transaction(async (queries) => {
          const sql = 'SELECT digest FROM repository_blobs WHERE repository = 1 AND digest = ?';
          const there = await queries.get(sql, first);
          if (there !== undefined) await name(queries, 1, first);
          return there !== undefined;
        }),
      ]);
      assert.equal(unlinked === 0, named, `${round}`);
    }
  });
}
