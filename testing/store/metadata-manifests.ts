import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { storeContent } from '../../src/store/metadata/blobs.ts';
import {
  deleteManifest,
  findManifest,
  findTagged,
  insertManifest,
  manifestsThere,
  type NewManifest,
} from '../../src/store/metadata/manifests.ts';
import { listReferrers } from '../../src/store/metadata/referrers.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { deleteTag, findTag, listTags, setTag, tagsAround, tagsOf } from '../../src/store/metadata/tags.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

function digest(text: string): Digest {
  return digestOf(Buffer.from(text));
}

function manifest(text: string, changed: Partial<NewManifest> = {}): NewManifest {
  return {
    digest: digest(text),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: text.length,
    artifactType: undefined,
    subject: undefined,
    annotations: {},
    links: [],
    ...changed,
  };
}

/** Keeps manifests, with bytes. */
function keep(database: SqlDatabase, name: string, manifests: readonly NewManifest[], now = 10): Promise<number> {
  return database.transaction(async (queries) => {
    const repository = await ensureRepository(queries, name, now);
    for (const one of manifests) {
      await storeContent(queries, one.digest, Buffer.from('x'), now);
      await insertManifest(queries, repository, one, now);
    }
    return repository;
  });
}

/** Registers the tests of manifests, tags and referrers. */
export function registerManifestRecords(check: MetadataCheck): void {
  check('tags of the indexes around a manifest are found, up to a depth', async (database) => {
    const holds = (name: string, ...others: readonly string[]): NewManifest =>
      manifest(name, { links: others.map((other) => ({ target: digest(other), kind: 'manifest' as const })) });
    const documents = [manifest('child'), holds('index', 'child', 'other'), holds('outer', 'index'), manifest('other')];
    const repository = await keep(database, 'app', documents);
    const other = await keep(database, 'elsewhere', [manifest('child'), holds('index', 'child')]);
    await database.transaction(async (queries) => {
      for (const [name, of] of [
        ['own', 'child'],
        ['v1', 'index'],
        ['latest', 'index'],
        ['all', 'outer'],
        ['not', 'other'],
      ] as const)
        await setTag(queries, repository, name, digest(of), 10);
      await setTag(queries, other, 'far', digest('index'), 10);
    });
    const around = (depth: number): Promise<readonly string[]> =>
      tagsAround(database, repository, digest('child'), depth);
    assert.deepEqual(await around(0), ['own']);
    assert.deepEqual(await around(1), ['latest', 'own', 'v1']);
    assert.deepEqual(await around(4), ['all', 'latest', 'own', 'v1']);
    assert.deepEqual(await tagsAround(database, repository, digest('nothing'), 4), []);
  });

  check('a manifest is found by its digest and its tags', async (database) => {
    const repository = await keep(database, 'app', [manifest('one'), manifest('two')]);
    await keep(database, 'other', [manifest('three')]);
    const expected = {
      digest: digest('one'),
      mediaType: manifest('').mediaType,
      size: 3,
      pushedAt: 10,
      pulledAt: null,
    };
    assert.deepEqual(await findManifest(database, 'app', digest('one')), expected);
    assert.equal(await findManifest(database, 'app', digest('three')), undefined);
    assert.equal(await findManifest(database, 'nowhere', digest('one')), undefined);
    assert.equal(await findTagged(database, 'app', 'v1'), undefined);
    await database.transaction((queries) => setTag(queries, repository, 'v1', digest('one'), 20));
    assert.deepEqual(await findTagged(database, 'app', 'v1'), expected);
    assert.equal(await findTagged(database, 'other', 'v1'), undefined);
    assert.equal(await findTagged(database, 'app', 'V1'), undefined, 'tags tell case apart');
    const asked = [digest('one'), digest('three'), digest('two')];
    assert.deepEqual(await manifestsThere(database, repository, asked), new Set([digest('one'), digest('two')]));
    await database.run('UPDATE blobs SET damaged = 1 WHERE digest = ?', digest('one'));
    assert.equal(await findManifest(database, 'app', digest('one')), undefined, 'damaged');
    assert.equal(await findTagged(database, 'app', 'v1'), undefined);
    assert.deepEqual(await manifestsThere(database, repository, asked), new Set([digest('two')]));
  });

  check('the same manifest again changes its time and its type alone', async (database) => {
    const links = [{ target: digest('blob'), kind: 'blob' as const }];
    const repository = await keep(database, 'app', [manifest('one', { links })]);
    await keep(database, 'app', [manifest('one', { links, mediaType: 'application/json' })], 99);
    const found = await findManifest(database, 'app', digest('one'));
    assert.deepEqual([found?.pushedAt, found?.mediaType], [99, 'application/json']);
    const sql = 'SELECT target, kind FROM manifest_links WHERE repository = ?';
    assert.deepEqual(await database.all(sql, repository), links);
  });

  check('deleteManifest() takes links and tags with it, of one repository', async (database) => {
    const links = [{ target: digest('blob'), kind: 'blob' as const }];
    const both = [manifest('one', { links }), manifest('two', { links })];
    const [app, other] = [await keep(database, 'app', both), await keep(database, 'other', both)];
    await database.transaction(async (queries) => {
      for (const name of ['v2', 'v1', 'V1']) await setTag(queries, app, name, digest('one'), 1);
      await setTag(queries, app, 'else', digest('two'), 1);
      await setTag(queries, other, 'v1', digest('one'), 1);
    });
    assert.deepEqual(await tagsOf(database, app, digest('one')), ['V1', 'v1', 'v2']);
    const remove = (): Promise<readonly string[] | undefined> =>
      database.transaction((queries) => deleteManifest(queries, app, digest('one')));
    assert.deepEqual(await remove(), ['V1', 'v1', 'v2']);
    assert.equal(await remove(), undefined);
    assert.equal(await findManifest(database, 'app', digest('one')), undefined);
    assert.deepEqual(await listTags(database, app, '', 9), ['else']);
    assert.deepEqual(await listTags(database, other, '', 9), ['v1']);
    const sql = 'SELECT repository, manifest FROM manifest_links ORDER BY repository, manifest';
    assert.equal((await database.all(sql)).length, 3);
  });

  check('setTag() remembers since when a tag names its digest', async (database) => {
    const repository = await keep(database, 'app', [manifest('one'), manifest('two')]);
    const set = (text: string, now: number): Promise<void> =>
      database.transaction((queries) => setTag(queries, repository, 'v1', digest(text), now));
    const times = async (): Promise<unknown> => {
      const tag = await findTag(database, repository, 'v1');
      return [tag?.digest, tag?.createdAt, tag?.pushedAt, tag?.pulledAt];
    };
    await set('one', 10);
    await set('one', 20);
    assert.deepEqual(await times(), [digest('one'), 10, 20, null]);
    await set('two', 30);
    assert.deepEqual(await times(), [digest('two'), 30, 30, null]);
    const remove = (): Promise<boolean> => database.transaction((queries) => deleteTag(queries, repository, 'v1'));
    assert.equal(await remove(), true);
    assert.equal(await remove(), false);
    assert.equal(await findTag(database, repository, 'v1'), undefined);
  });

  check('listTags() pages in the order of bytes', async (database) => {
    const repository = await keep(database, 'app', [manifest('one')]);
    const names = ['b', 'B', '_b', '1', '10', '2', 'a-b', 'a.b', 'a_b', 'ab', 'Z', 'z'];
    await database.transaction(async (queries) => {
      for (const name of names) await setTag(queries, repository, name, digest('one'), 1);
    });
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const found: string[] = [];
    for (;;) {
      const page = await listTags(database, repository, found.at(-1) ?? '', 5);
      found.push(...page);
      if (page.length < 5) break;
    }
    assert.deepEqual(found, sorted);
    assert.deepEqual(await listTags(database, repository, 'a', 2), ['a-b', 'a.b'], 'after what is not there');
    assert.deepEqual(await listTags(database, repository + 1, '', 9), []);
  });

  check('listReferrers() filters, pages and shows annotations', async (database) => {
    const subject = digest('subject');
    const referrers = Array.from({ length: 12 }, (_, at) =>
      manifest(`referrer ${at}`, {
        subject,
        artifactType: at % 3 === 0 ? 'application/sbom' : at % 3 === 1 ? 'application/signature' : undefined,
        annotations: at === 0 ? { 'org.example': 'ü"\\' } : {},
      }),
    );
    const others = [manifest('of another', { subject: digest('else') }), manifest('none', { annotations: { a: 'b' } })];
    const repository = await keep(database, 'app', [...referrers, ...others]);
    await keep(database, 'other', [manifest('elsewhere', { subject })]);
    const pages = async (artifactType: string | undefined, limit: number): Promise<string[]> => {
      const found: string[] = [];
      for (;;) {
        const after = found.at(-1) ?? '';
        const page = await listReferrers(database, repository, { subject, artifactType, after, limit });
        found.push(...page.map((descriptor) => descriptor.digest));
        if (page.length < limit) return found;
      }
    };
    const sorted = referrers.map((one) => one.digest).toSorted();
    assert.deepEqual(await pages(undefined, 5), sorted);
    assert.deepEqual(await pages(undefined, 100), sorted);
    const sboms = referrers.filter((one) => one.artifactType === 'application/sbom').map((one) => one.digest);
    assert.deepEqual(await pages('application/sbom', 3), sboms.toSorted());
    assert.deepEqual(await pages('application/none', 3), []);
    const all = await listReferrers(database, repository, { subject, artifactType: undefined, after: '', limit: 99 });
    assert.deepEqual(
      all.find((one) => one.digest === referrers[0]?.digest),
      {
        mediaType: manifest('').mediaType,
        digest: referrers[0]?.digest,
        size: 10,
        artifactType: 'application/sbom',
        annotations: { 'org.example': 'ü"\\' },
      },
    );
    const bare = all.find((one) => one.digest === referrers[2]?.digest);
    assert.deepEqual(Object.keys(bare ?? {}), ['mediaType', 'digest', 'size']);
  });
}
