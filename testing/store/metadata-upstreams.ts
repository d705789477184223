import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { addLink, claimBlob, storeContent } from '../../src/store/metadata/blobs.ts';
import { deleteManifest, insertManifest, linkEverywhere } from '../../src/store/metadata/manifests.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { setTag } from '../../src/store/metadata/tags.ts';
import { manifestsNaming } from '../../src/store/metadata/manifests.ts';
import {
  cameFromUpstream,
  forgetUpstreamBlobs,
  heldBytes,
  heldContents,
  heldElsewhere,
  noteUpstreamBlob,
} from '../../src/store/metadata/upstream-blobs.ts';
import { takeFromBudget } from '../../src/store/metadata/upstream-budgets.ts';
import {
  leaseHolder,
  liveHolders,
  releaseLease,
  renewUpstreamLease,
  takeLease,
} from '../../src/store/metadata/upstream-leases.ts';
import {
  findUpstreamList,
  forgetUpstreamLists,
  keepUpstreamList,
  markListFailed,
} from '../../src/store/metadata/upstream-lists.ts';
import { forgetSpoolRoom, releaseSpoolRoom, spoolUse, takeSpoolRoom } from '../../src/store/metadata/upstream-spool.ts';
import {
  findUpstreamTag,
  forgetUpstreamTags,
  markChecked,
  markFailed,
} from '../../src/store/metadata/upstream-tags.ts';
import type { SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

/** What a cache of upstreams records. */
export function registerUpstreamRecords(check: MetadataCheck): void {
  check('one of many gets a lease, for as long as it renews it', async (database, place) => {
    await using second = await place.open();
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        (at % 2 === 0 ? database : second).transaction((queries) => takeLease(queries, 'x', `holder ${at}`, 100, 200)),
      ),
    );
    const [holder = ''] = taken;
    assert.deepEqual(new Set(taken), new Set([holder]));
    assert.equal(await leaseHolder(second, 'x', 199), holder);
    assert.equal(await renewUpstreamLease(database, 'x', holder, 300), true);
    assert.equal(await takeLease(second, 'x', 'another', 299, 400), holder);
    assert.equal(await takeLease(second, 'x', 'another', 300, 400), 'another');
    assert.equal(await renewUpstreamLease(database, 'x', holder, 500), false);
    await releaseLease(database, 'x', holder);
    assert.equal(await leaseHolder(database, 'x', 350), 'another');
    await takeLease(database, 'y', 'third', 350, 360);
    assert.deepEqual(await liveHolders(database, 350), new Set(['another', 'third']));
    assert.deepEqual(await liveHolders(database, 370), new Set(['another']));
    await releaseLease(database, 'x', 'another');
    assert.equal(await leaseHolder(database, 'x', 350), undefined);
  });

  check(
    'room for blobs on their way is that of one place, and ends with the lease of who took it',
    async (database) => {
      const take = (holder: string, bytes: number, now = 10, place = 'here', upstream = 'u'): Promise<boolean> =>
        database.transaction(async (queries) => {
          if ((await spoolUse(queries, { place, upstream }, now)).all + bytes > 100) return false;
          await takeSpoolRoom(queries, { place, holder, upstream, bytes });
          return true;
        });
      const use = (now: number, upstream: string) => spoolUse(database, { place: 'here', upstream }, now);
      for (const [name, until] of [
        ['a', 50],
        ['b', 100],
        ['c', 100],
        ['d', 100],
      ] as const) {
        await takeLease(database, `work of ${name}`, name, 1, until);
        // As for another repository, under another name.
        await takeLease(database, `bytes of ${name}`, name, 1, until);
      }
      assert.deepEqual(
        [await take('a', 60), await take('b', 41), await take('b', 40, 10, 'here', 'v')],
        [true, false, true],
      );
      assert.deepEqual(
        [await use(10, 'u'), await use(10, 'v')],
        [
          { all: 100, own: 60 },
          { all: 100, own: 40 },
        ],
      );
      assert.deepEqual(await use(10, 'w'), { all: 100, own: 0 });
      assert.deepEqual([await take('c', 1), await take('c', 100, 10, 'there')], [false, true]);
      assert.equal(await take('d', 60, 50), true, 'the lease of the first is over');
      assert.equal(await database.transaction((queries) => forgetSpoolRoom(queries, 50)), 1);
      await releaseSpoolRoom(database, 'here', 'd');
      assert.deepEqual(
        [await use(50, 'u'), await use(50, 'v')],
        [
          { all: 40, own: 0 },
          { all: 40, own: 40 },
        ],
      );
    },
  );

  check('a blob came from an upstream whose bytes are here, whole and not only claimed', async (database) => {
    const digest = digestOf(Buffer.from('sent'));
    const from = (upstream: string, size = 4): Promise<boolean> => cameFromUpstream(database, upstream, digest, size);
    await database.transaction((queries) => noteUpstreamBlob(queries, 'u', digest));
    await database.transaction((queries) => noteUpstreamBlob(queries, 'u', digest));
    assert.equal(await from('u'), false);
    await database.transaction((queries) => claimBlob(queries, digest, 4, 1));
    assert.equal(await from('u'), false, 'claimed by who is about to store it');
    await database.transaction(async (queries) => {
      await addLink(queries, await ensureRepository(queries, 'some/app', 1), digest, 1);
    });
    assert.deepEqual(await Promise.all([from('u'), from('v'), from('u', 5)]), [true, false, false]);
    for (const state of ['damaged', 'deleting']) {
      await database.run(`UPDATE blobs SET ${state} = 1`);
      assert.equal(await from('u'), false, state);
      await database.run(`UPDATE blobs SET ${state} = 0`);
    }
    assert.equal(await database.transaction(forgetUpstreamBlobs), 0);
    await database.run('DELETE FROM blobs');
    assert.equal(await database.transaction(forgetUpstreamBlobs), 1);
  });

  check('a budget is shared, and begins anew after its time', async (database) => {
    const rule = { upstream: 'u', kind: 'manifest', limit: 3, per: 1000 };
    const take = (now: number): Promise<number> =>
      database.transaction((queries) => takeFromBudget(queries, rule, now));
    assert.deepEqual([await take(100), await take(200), await take(300)], [0, 0, 0]);
    assert.equal(await take(400), 700);
    assert.equal(await takeFromBudget(database, { ...rule, kind: 'request' }, 400), 0);
    assert.equal(await take(1100), 0);
    // A clock that was set back does not keep it shut for longer than its time.
    assert.deepEqual([await take(50), await take(60), await take(70)], [0, 0, 0]);
    assert.equal(await take(80), 970);
  });

  check('tags remember when their upstream was asked, lists too', async (database) => {
    const manifest = await keptManifest(database, 'u/app', 'x', []);
    const id = await ensureRepository(database, 'u/app', 1);
    assert.equal(await findUpstreamTag(database, 'u/app', 'v1'), undefined);
    await setTag(database, id, 'v1', manifest, 5);
    assert.equal((await findUpstreamTag(database, 'u/app', 'v1'))?.checkedAt, 0);
    await markChecked(database, id, 'v1', 10);
    await markFailed(database, id, 'v1', 20);
    const { digest, checkedAt, failedAt } = (await findUpstreamTag(database, 'u/app', 'v1')) ?? {};
    assert.deepEqual({ digest, checkedAt, failedAt }, { digest: manifest, checkedAt: 10, failedAt: 20 });
    await markChecked(database, id, 'v1', 30);
    assert.equal((await findUpstreamTag(database, 'u/app', 'v1'))?.failedAt, 0);
    assert.equal(await forgetUpstreamTags(database), 0);
    await deleteManifest(database, id, manifest);
    assert.equal(await forgetUpstreamTags(database), 1);
    await markListFailed(database, 'u/app', '', 1);
    assert.equal(await findUpstreamList(database, 'u/app', ''), undefined);
    await keepUpstreamList(database, 'u/app', '', '["a"]', 10);
    await markListFailed(database, 'u/app', '', 20);
    assert.deepEqual(
      { ...(await findUpstreamList(database, 'u/app', '')) },
      { entries: '["a"]', checkedAt: 10, failedAt: 20 },
    );
    await keepUpstreamList(database, 'u/app', '', '[]', 30);
    assert.deepEqual(
      { ...(await findUpstreamList(database, 'u/app', '')) },
      { entries: '[]', checkedAt: 30, failedAt: 0 },
    );
    assert.equal(await forgetUpstreamLists(database, 30), 0);
    assert.equal(await forgetUpstreamLists(database, 31), 1);
  });

  check('what a manifest names is recorded in all repositories that have it, once', async (database) => {
    const [known, late] = [digestOf(Buffer.from('known')), digestOf(Buffer.from('late'))];
    const manifest = await keptManifest(database, 'u/a', 'same', [known]);
    assert.equal(await keptManifest(database, 'v/b', 'same', []), manifest);
    const other = await keptManifest(database, 'u/c', 'other', []);
    const link = () => database.transaction((queries) => linkEverywhere(queries, manifest, [known, late]));
    await link();
    await link();
    for (const target of [known, late]) {
      for (const repository of ['u/a', 'v/b']) {
        assert.deepEqual(await manifestsNaming(database, repository, target, 'blob', 9), [manifest]);
      }
      assert.deepEqual(await manifestsNaming(database, 'u/c', target, 'blob', 9), []);
    }
    await database.transaction((queries) => linkEverywhere(queries, digestOf(Buffer.from('none')), [late]));
    assert.deepEqual(await manifestsNaming(database, 'u/c', late, 'blob', 9), []);
    assert.notEqual(other, manifest);
  });

  check('bytes of an upstream count once, while something names them', async (database) => {
    const blobs = [digestOf(Buffer.from('one')), digestOf(Buffer.from('three'))] as const;
    const first = await keptManifest(database, 'u/a', 'first', [blobs[0]]);
    const later = await keptManifest(database, 'u/a', 'later', blobs, 2);
    await keptManifest(database, 'u/b', 'other', [blobs[0]]);
    await keptManifest(database, 'u2/a', 'stranger', [blobs[1]]);
    assert.deepEqual(await manifestsNaming(database, 'u/a', blobs[0], 'blob', 9), [later, first]);
    assert.deepEqual(await manifestsNaming(database, 'u/a', blobs[0], 'blob', 1), [later]);
    assert.deepEqual(await manifestsNaming(database, 'u/c', blobs[0], 'blob', 9), []);
    const heldBy = (...prefixes: readonly string[]): Promise<number> => heldBytes(database, prefixes);
    // Of manifests alone.
    assert.equal(await heldBy('u/'), 15);
    for (const [repository, content] of [
      ['u/a', 'one'],
      ['u/a', 'three'],
      ['u/b', 'one'],
      ['u2/a', 'three'],
    ] as const) {
      await storeContent(database, digestOf(Buffer.from(content)), Buffer.from(content), 1);
      const id = await ensureRepository(database, repository, 1);
      await addLink(database, id, digestOf(Buffer.from(content)), 1);
    }
    assert.equal(await heldBy('u/', 'u2/'), 31);
    // What another repository has would not be free without them.
    assert.equal(await heldBy('u/'), 18);
    assert.equal(await heldBy('u2/'), 8);
    assert.equal(await heldBy(), 0);
    assert.deepEqual(await heldElsewhere(database, ['u/']), new Set([blobs[1]]));
    const contents = await heldContents(database, 'u/a');
    const names = contents.map(
      ({ manifest, digest, size }) => `${manifest === later} ${blobs.indexOf(digest)} ${size}`,
    );
    assert.deepEqual(names.sort(), ['false -1 5', 'false 0 3', 'true -1 5', 'true 0 3', 'true 1 5']);
    await deleteManifest(database, await ensureRepository(database, 'u/a', 1), later);
    assert.equal(await heldBy('u/', 'u2/'), 26);
  });
}

async function keptManifest(
  queries: SqlQueries,
  repository: string,
  name: string,
  blobs: readonly Digest[],
  now = 1,
): Promise<Digest> {
  const bytes = Buffer.from(name);
  const digest = digestOf(bytes);
  const id = await ensureRepository(queries, repository, now);
  await storeContent(queries, digest, bytes, now);
  const links = blobs.map((target) => ({ target, kind: 'blob' as const }));
  const about = { mediaType: 'x', size: bytes.length, artifactType: undefined, subject: undefined, annotations: {} };
  await insertManifest(queries, id, { ...about, digest, links }, now);
  return digest;
}
