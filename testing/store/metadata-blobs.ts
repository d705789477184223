import assert from 'node:assert/strict';
import {
  addLink,
  blobContent,
  blobsThere,
  claimBlob,
  confirmBlob,
  findBlob,
  findHolders,
  linkBlob,
  manifestUsing,
  renewLease,
  storeContent,
  unlinkBlob,
} from '../../src/store/metadata/blobs.ts';
import { doubtBlob, markLost } from '../../src/store/metadata/damage.ts';
import { insertManifest } from '../../src/store/metadata/manifests.ts';
import { ensureRepository, findRepository, listRepositories } from '../../src/store/metadata/repositories.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

const bytes = Buffer.from('some bytes');
const digest = digestOf(bytes);

/** Registers the tests of repositories and blobs. */
export function registerBlobRecords(check: MetadataCheck): void {
  check('repositories are made once, and listed in the order of their bytes', async (database) => {
    const names = ['b/a', 'b', 'b-a', 'b0', 'b.a', 'a', 'b_a', 'b--a'];
    for (const name of names) {
      const [one, two] = await Promise.all([1, 2].map(() => database.transaction((q) => ensureRepository(q, name, 5))));
      assert.equal(one, two);
      assert.equal(await findRepository(database, name), one);
    }
    assert.equal(await findRepository(database, 'c'), undefined);
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await listRepositories(database, '', 100), sorted);
    assert.deepEqual(await listRepositories(database, 'b', 2), sorted.slice(2, 4));
    assert.deepEqual(await listRepositories(database, 'b_a', 9), []);
  });

  check('a small blob is in the database, and shown to its repository alone', async (database) => {
    const [app, other] = await database.transaction(async (queries) => {
      const ids = [await ensureRepository(queries, 'app', 1), await ensureRepository(queries, 'other', 1)] as const;
      assert.equal(await storeContent(queries, digest, bytes, 10), true);
      await addLink(queries, ids[0], digest, 10);
      return ids;
    });
    const found = await findBlob(database, 'app', digest);
    assert.deepEqual(
      { ...found, content: Buffer.from(found?.content ?? []) },
      { size: 10, content: bytes, usedAt: 10 },
    );
    assert.deepEqual(Buffer.from((await blobContent(database, digest)) ?? []), bytes);
    assert.equal(await findBlob(database, 'other', digest), undefined);
    assert.deepEqual(await findHolders(database, digest, 9), ['app']);
    assert.equal(await database.transaction((q) => linkBlob(q, other, digest, 20)), true);
    assert.deepEqual(await findHolders(database, digest, 9), ['app', 'other']);
    assert.deepEqual(await findHolders(database, digest, 1), ['app']);
    assert.equal(await database.transaction((q) => renewLease(q, 'app', digest, 30)), true);
    assert.equal((await findBlob(database, 'app', digest))?.usedAt, 30);
    assert.equal((await findBlob(database, 'other', digest))?.usedAt, 20);
    assert.equal(await database.transaction((q) => unlinkBlob(q, app, digest)), true);
    assert.equal(await database.transaction((q) => unlinkBlob(q, app, digest)), false);
    assert.equal(await database.transaction((q) => renewLease(q, 'app', digest, 40)), false);
    assert.equal(await findBlob(database, 'app', digest), undefined);
    assert.deepEqual(await findHolders(database, digest, 9), ['other']);
  });

  check('a large blob is linked while its claim holds', async (database) => {
    const app = await database.transaction((queries) => ensureRepository(queries, 'app', 1));
    const claim = await database.transaction((queries) => claimBlob(queries, digest, 10, 10));
    assert.deepEqual(claim, { storedAt: 10, damagedAt: 0 });
    const again = await database.transaction((queries) => claimBlob(queries, digest, 10, 20));
    assert.deepEqual(again, claim, 'the row is the same');
    await database.transaction(async (queries) => {
      assert.equal(await confirmBlob(queries, digest, { ...claim, storedAt: 9 }, 30), false, 'another row');
      assert.equal(await confirmBlob(queries, digest, claim, 30), true);
      await addLink(queries, app, digest, 30);
    });
    assert.deepEqual(await findBlob(database, 'app', digest), { size: 10, content: null, usedAt: 30 });
    await database.run('UPDATE blobs SET deleting = 5');
    await database.transaction(async (queries) => {
      assert.equal(await claimBlob(queries, digest, 10, 40), undefined);
      assert.equal(await confirmBlob(queries, digest, claim, 40), false);
      assert.equal(await linkBlob(queries, app, digest, 40), false);
      assert.equal(await storeContent(queries, digest, bytes, 40), false);
    });
    await database.run('DELETE FROM blobs');
    assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, claim, 50)), false);
    assert.equal(await database.transaction((queries) => linkBlob(queries, app, digest, 50)), false);
  });

  check('a claim of bytes that were lost does not hold', async (database) => {
    const claim = await database.transaction((queries) => claimBlob(queries, digest, 10, 10));
    assert.ok(claim !== undefined);
    assert.equal(await database.transaction((queries) => doubtBlob(queries, digest)), undefined);
    assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, claim, 30)), false);
    const again = await database.transaction((queries) => claimBlob(queries, digest, 10, 40));
    assert.ok(again !== undefined && again.damagedAt === 0);
    assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, again, 50)), true);
  });

  check('many may store one blob at once', async (database, place) => {
    await using second = await place.open();
    for (let round = 0; round < 20; round += 1) {
      const one = digestOf(Buffer.from(`${round}`));
      const claims = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (at % 2 === 0 ? database : second).transaction<unknown>((queries) =>
            at < 4 ? claimBlob(queries, one, 10, 10) : storeContent(queries, one, bytes, 10),
          ),
        ),
      );
      const claimed = { storedAt: 10, damagedAt: 0 };
      assert.deepEqual(claims, [claimed, claimed, claimed, claimed, true, true]);
    }
  });

  check('a damaged blob is shown to nobody until it is stored anew', async (database) => {
    for (const small of [true, false]) {
      const app = await database.transaction((queries) => ensureRepository(queries, 'app', 1));
      const before = await database.transaction((queries) => claimBlob(queries, digest, 10, 10));
      assert.ok(before !== undefined);
      await database.transaction(async (queries) => {
        assert.equal(await confirmBlob(queries, digest, before, 10), true);
        await addLink(queries, app, digest, 10);
      });
      assert.deepEqual(await blobsThere(database, app, [digest]), new Set([digest]));
      const named = await database.transaction((queries) => doubtBlob(queries, digest));
      assert.ok(named !== undefined);
      assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, before, 40)), false);
      const other = { digest, storedAt: before.storedAt };
      assert.equal(await database.transaction((queries) => markLost(queries, other, 50)), false);
      assert.equal(await database.transaction((queries) => markLost(queries, named, 50)), true);
      assert.equal(await database.transaction((queries) => markLost(queries, named, 51)), false);
      assert.equal(await database.transaction((queries) => doubtBlob(queries, digest)), undefined);
      assert.equal(await findBlob(database, 'app', digest), undefined);
      assert.deepEqual(await blobsThere(database, app, [digest]), new Set());
      assert.equal(await database.transaction((queries) => linkBlob(queries, app, digest, 60)), false);
      assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, before, 60)), false);
      if (small) {
        assert.equal(await database.transaction((queries) => storeContent(queries, digest, bytes, 70)), true);
        assert.deepEqual(Buffer.from((await findBlob(database, 'app', digest))?.content ?? []), bytes);
        assert.equal(await database.transaction((queries) => doubtBlob(queries, digest)), undefined);
        assert.equal(await database.transaction((queries) => markLost(queries, named, 80)), false);
        await database.run('DELETE FROM blob_contents');
      } else {
        const claim = await database.transaction((queries) => claimBlob(queries, digest, 10, 70));
        assert.deepEqual(claim, { storedAt: 12, damagedAt: 50 });
        await database.run('INSERT INTO blob_contents (digest, content) VALUES (?, ?)', digest, Buffer.from('damaged'));
        assert.equal(await database.transaction((queries) => confirmBlob(queries, digest, claim, 80)), true);
        assert.deepEqual(await findBlob(database, 'app', digest), { size: 10, content: null, usedAt: 10 });
      }
    }
  });

  check('blobsThere() and manifestUsing() look at one repository', async (database) => {
    const many = Array.from({ length: 700 }, (_, at) => digestOf(Buffer.from(`${at}`)));
    const [app, other] = await database.transaction(async (queries) => {
      const ids = [await ensureRepository(queries, 'app', 1), await ensureRepository(queries, 'other', 1)] as const;
      for (const [at, one] of many.entries()) {
        await storeContent(queries, one, Buffer.from(`${at}`), 1);
        await addLink(queries, ids[at % 3 === 0 ? 0 : 1], one, 1);
      }
      const links = [{ target: many[0] as typeof digest, kind: 'blob' as const }];
      const manifest = { digest, mediaType: 'x', size: 1, artifactType: undefined, subject: undefined };
      await insertManifest(queries, ids[0], { ...manifest, annotations: {}, links }, 1);
      return ids;
    });
    for (const count of [0, 1, 4, 5, 257, 700]) {
      const asked = many.slice(0, count);
      const expected = new Set(asked.filter((_, at) => at % 3 === 0));
      assert.deepEqual(await blobsThere(database, app, asked), expected, `${count}`);
    }
    assert.equal(await manifestUsing(database, app, many[0] as typeof digest), digest);
    assert.equal(await manifestUsing(database, app, many[3] as typeof digest), undefined);
    assert.equal(await manifestUsing(database, other, many[0] as typeof digest), undefined);
  });
}
