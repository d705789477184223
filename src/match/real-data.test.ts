import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { needsSharedData, sharedData } from '../../testing/shared-data.ts';
import { temporaryFolder, testTime } from '../../testing/vulnerability-database.ts';
import type { Feed } from '../advisory/feed.ts';
import { createKevFeed } from '../advisory/kev/feed.ts';
import { createOsvFeeds } from '../advisory/osv/feed.ts';
import { parseOsv } from '../advisory/osv/parse.ts';
import { loadCvssRater } from '../advisory/rate-cvss.ts';
import { readFeed, startTally } from '../advisory/read-feed.ts';
import { silentProgress } from '../base/progress.ts';
import type { Advisory } from '../finding/advisory.ts';
import type { Distro } from '../package/distro.ts';
import type { InventoryPackage, PackageType } from '../package/package.ts';
import { buildDatabase } from '../vulndb/build.ts';
import { openDatabase } from '../vulndb/database.ts';
import type { FeedUpdate } from '../vulndb/feed-update.ts';
import { matchInventory } from './match-inventory.ts';

async function fetchAll<Item extends object>(
  feed: Feed<Item>,
): Promise<{ items: AsyncIterable<Item>; outcome: () => { fingerprint: string; dropped: Map<string, number> } }> {
  const fetched = await feed.fetch({ fetchBytes: async () => 'missing', progress: silentProgress });
  assert.ok(fetched !== 'unchanged');
  const tally = startTally();
  return {
    items: readFeed(feed, fetched, tally),
    outcome: () => ({ fingerprint: fetched.fingerprint(tally.newest), dropped: new Map(tally.dropped) }),
  };
}

async function buildAll(directory: string): Promise<void> {
  const updates: FeedUpdate[] = [];
  const osv = { kind: 'folder', path: sharedData('osv') as string } as const;
  for (const feed of await createOsvFeeds(osv)) {
    updates.push({ id: feed.id, kind: 'advisories', mode: 'whole', ...(await fetchAll<Advisory>(feed)) });
  }
  const kev = createKevFeed({ kind: 'folder', path: sharedData('feeds') as string });
  updates.push({ id: kev.id, kind: 'exploited', ...(await fetchAll(kev)) });
  await buildDatabase(directory, updates, { clock: () => testTime });
}

function pkg(type: PackageType, name: string, version: string, source?: InventoryPackage['source']): InventoryPackage {
  return {
    type,
    name,
    version,
    licenses: [],
    cataloger: 'test',
    purl: `pkg:${type}/${name}@${version}`,
    locations: [{ path: 'somewhere' }],
    ...(source === undefined ? {} : { source }),
  };
}

function distro(id: string, version: string): Distro {
  return { id, version, idLike: [] };
}

test('matchInventory() finds known flaws in a database of real records', needsSharedData('osv'), async () => {
  using folder = temporaryFolder();
  await buildAll(folder.path);
  using database = openDatabase(folder.path);
  const counts = Object.fromEntries(database.manifest.feeds.map(({ id, records }) => [id, records]));
  assert.deepEqual(counts, {
    kev: 1404,
    'osv:Alpine': 2433,
    'osv:Debian': 7747,
    'osv:Go': 4274,
    'osv:Packagist': 1592,
    'osv:PyPI': 2649,
    'osv:RubyGems': 1219,
    'osv:Wolfi': 27_243,
    'osv:crates.io': 926,
  });

  const rows: readonly (readonly [Distro | undefined, InventoryPackage, string, string])[] = [
    // CVE-2021-3711: DSA-4963-1.
    [
      distro('debian', '10'),
      pkg('deb', 'libssl1.1', '1.1.1d-0+deb10u6', { name: 'openssl', version: '1.1.1d-0+deb10u6' }),
      'CVE-2021-3711',
      '1.1.1d-0+deb10u7',
    ],
    [
      distro('alpine', '3.10.9'),
      pkg('apk', 'libcrypto1.1', '1.1.1b-r0', { name: 'openssl', version: '1.1.1b-r0' }),
      'CVE-2019-1543',
      '1.1.1b-r1',
    ],
    [distro('wolfi', '20230201'), pkg('apk', 'syft', '1.0.0-r0'), 'CVE-2024-34156', '1.12.2-r0'],
    [undefined, pkg('golang', 'stdlib', 'go1.20.1'), 'CVE-2023-24532', '1.20.2'],
    [undefined, pkg('golang', 'google.golang.org/protobuf', 'v1.32.0'), 'CVE-2024-24786', '1.33.0'],
    [undefined, pkg('pypi', 'Django', '2.0'), 'CVE-2018-14574', '2.0.8'],
    [undefined, pkg('cargo', 'tokio', '1.19.0'), 'CVE-2023-22466', '1.20.3, 1.23.1'],
    [undefined, pkg('gem', 'json-jwt', '1.15.0'), 'CVE-2023-51774', '1.15.3.1, 1.16.6'],
    [undefined, pkg('composer', 'magento/product-community-edition', '2.2.8'), 'CVE-2019-7867', '2.2.9, 2.3.2'],
  ];
  for (const [where, asked, id, fixed] of rows) {
    const inventory = { packages: [asked], problems: [], ...(where === undefined ? {} : { distro: where }) };
    const { findings, problems } = matchInventory(inventory, database);
    const same = findings.filter((finding) => finding.id === id);
    assert.deepEqual(
      same.map(({ fixedVersions }) => fixedVersions.join(', ')),
      [fixed],
      `${asked.name} ${asked.version}`,
    );
    assert.deepEqual(problems, []);
    // The fixed version itself does not have the flaw.
    const [first = ''] = fixed.split(', ');
    const source = asked.source === undefined ? undefined : { ...asked.source, version: first };
    const upgraded = pkg(asked.type, asked.name, first, source);
    const after = matchInventory({ ...inventory, packages: [upgraded] }, database);
    assert.ok(!after.findings.some((finding) => finding.id === id));
  }
  const openssl = pkg('deb', 'openssl', '1.0.1e-2', undefined);
  const heartbleed = matchInventory({ packages: [openssl], problems: [], distro: distro('debian', '7') }, database);
  const found = heartbleed.findings.find(({ id }) => id === 'CVE-2014-0160');
  assert.equal(found?.knownExploited?.dateAdded, '2022-05-04');
  const stretched = matchInventory({ packages: [openssl], problems: [], distro: distro('debian', '12') }, database);
  assert.deepEqual(
    stretched.problems.map(({ code }) => code),
    ['NO_ADVISORIES_FOR_RELEASE'],
  );
});

const samples: readonly (readonly [string, readonly string[]])[] = [
  ['AlmaLinux', ['alma', 'osv-database', 'advisories']],
  ['Bitnami', ['bitnami', 'vulndb', 'data']],
  ['Chainguard', ['chainguard', 'input', 'osv']],
  ['Go', ['govulndb', 'vulndb', 'ID']],
  ['Rocky Linux', ['rocky', 'osv']],
  ['Ubuntu', ['ubuntu', 'osv']],
  ['Ubuntu', ['ubuntu', 'osv-esm-cases']],
];

for (const [ecosystem, path] of samples) {
  test(`parseOsv() reads published records of ${path.join('/')}`, needsSharedData('feeds', ...path), async () => {
    const rate = await loadCvssRater();
    const folder = sharedData('feeds', ...path) as string;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\d\.json$/.test(name));
    assert.ok(files.length > 0);
    for (const name of files) {
      const { items, dropped } = parseOsv({ name, bytes: readFileSync(join(folder, name)) }, ecosystem, rate);
      const notice = dropped.every(({ reason }) => reason === 'NOT_A_VULNERABILITY');
      assert.ok(notice && items.length + dropped.length === 1, `${name}: ${JSON.stringify(dropped)}`);
      for (const { withdrawn, affected } of items) assert.ok(withdrawn !== undefined || affected.length > 0, name);
    }
  });
}
