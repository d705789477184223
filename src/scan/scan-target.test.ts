import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { zstdChunkedLayer } from '../../testing/image/table-layer.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { memoryImage } from '../../testing/memory-image.ts';
import { silentProgress } from '../base/progress.ts';
import type { Image } from '../oci/image.ts';
import { ScanCache } from './cache/scan-cache.ts';
import { readImageInventory, recallInventory } from './image-inventory.ts';
import { LayerPool } from './layer-pool.ts';
import { skipNothing } from './skip-rules.ts';
import { advisoryUpdate, temporaryFolder, testTime, withDatabase } from '../../testing/vulnerability-database.ts';
import type { Distro } from '../package/distro.ts';
import { buildDatabase } from '../vulndb/build.ts';
import { openDatabase } from '../vulndb/database.ts';
import type { FeedUpdate } from '../vulndb/feed-update.ts';
import { artifactOfImage, keptImageOf, lookUpFindings } from './scan-target.ts';
import { factsOfDatabase, vulnerabilityFacts } from './vulnerability-facts.ts';

const amazon: Distro = { id: 'amzn', version: '2', idLike: [] };

test('lookUpFindings() says whether the release gets fixes at the time of the scan, where that is known', async () => {
  await withDatabase([advisoryUpdate([])], (database) => {
    const endOfLife = (distro: Distro | undefined, time: string): boolean | undefined =>
      lookUpFindings(
        { name: 'x', type: 'filesystem' },
        { ...(distro === undefined ? {} : { distro }), packages: [], problems: [] },
        database,
        { pkgTypes: ['os'], now: new Date(time) },
      ).endOfLife;
    assert.equal(endOfLife(amazon, '2026-06-30T12:00:00Z'), false);
    assert.equal(endOfLife(amazon, '2026-07-01T00:00:00Z'), true);
    assert.equal(endOfLife({ ...amazon, version: '9' }, '2026-07-01T00:00:00Z'), undefined);
    assert.equal(endOfLife(undefined, '2026-07-01T00:00:00Z'), undefined);
  });
});

test('lookUpFindings() says what the database was built without', async () => {
  const exploited: FeedUpdate = {
    id: 'kev',
    kind: 'exploited',
    items: [{ cve: 'CVE-2024-0001', exploited: { dateAdded: '2024-01-01', ransomware: false } }],
    outcome: () => ({ fingerprint: 'k', dropped: new Map() }),
  };
  const cases = [
    [[], ['exploited', 'epss']],
    [[exploited], ['epss']],
  ] as const;
  for (const [lists, lacking] of cases) {
    await withDatabase([advisoryUpdate([]), ...lists], (database) => {
      const inventory = { packages: [], problems: [] };
      const options = { pkgTypes: ['os'], now: new Date(0) } as const;
      const report = lookUpFindings({ name: 'x', type: 'filesystem' }, inventory, database, options);
      assert.deepEqual(report.database?.lacking, lacking);
    });
  }
});

test('lookUpFindings() says how far back a database is whole, and policies go by that', async () => {
  using folder = temporaryFolder();
  const later = new Date(testTime.getTime() + 1000);
  await buildDatabase(folder.path, [advisoryUpdate([])], { clock: () => testTime });
  const wholeOf = (): readonly unknown[] => {
    using database = openDatabase(folder.path);
    const options = { pkgTypes: ['os'], now: later } as const;
    const report = lookUpFindings({ name: 'x', type: 'filesystem' }, { packages: [], problems: [] }, database, options);
    assert.ok(report.database !== undefined);
    const { databaseBuiltAt, databaseWholeAt } = vulnerabilityFacts({
      findings: [],
      problems: [],
      ...factsOfDatabase(report.database),
    });
    return [report.database.databaseWholeAt, databaseBuiltAt, databaseWholeAt];
  };
  assert.deepEqual(wholeOf(), [undefined, testTime.getTime(), undefined]);
  await buildDatabase(folder.path, [{ id: 'osv:Test', kind: 'unavailable' }], { clock: () => later });
  assert.deepEqual(wholeOf(), [testTime.getTime(), later.getTime(), testTime.getTime()]);
});

test('keptImageOf() tells images of the same blobs apart by how runtimes read them', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  await using pool = new LayerPool(1);
  const context = {
    runner: pool,
    cache,
    skip: skipNothing,
    progress: silentProgress,
    signal: new AbortController().signal,
  };
  const layer = zstdChunkedLayer([file('a', 'a')]);
  const recalled = async (image: Image): Promise<boolean> => {
    const { image: facts } = artifactOfImage(image);
    assert.ok(facts !== undefined);
    return (await recallInventory(keptImageOf(facts), context)) !== undefined;
  };
  const chunked = memoryImage(buildImage({ layers: [layer] }));
  const plain = memoryImage(buildImage({ layers: [{ ...layer, annotations: { 'org.example': 'x' } }] }));
  const indexed = { ...plain, annotations: { 'com.amazon.soci.index-digest': 'x', 'org.example': 'x' } };
  await readImageInventory(plain, context);
  assert.deepEqual([await recalled(plain), await recalled(chunked), await recalled(indexed)], [true, false, false]);
  await readImageInventory(chunked, context);
  await readImageInventory(indexed, context);
  assert.deepEqual([await recalled(plain), await recalled(chunked), await recalled(indexed)], [true, true, false]);
  assert.deepEqual(artifactOfImage(plain).image?.layers[0]?.annotations, undefined);
});
