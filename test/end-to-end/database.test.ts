import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { assertOneError } from './program.ts';
import { idsIn, openWorkplace, sampleFindings, sampleImage } from './sample.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());
writeFiles(join(place.path, 'image'), layoutFiles([{ content: sampleImage() }]));

/** A copy of the cache that a test may spoil. */
function spoiltCache(spoil: (vulndb: string) => void): string {
  const cache = mkdtempSync(join(place.path, 'cache-'));
  cpSync(place.cache, cache, { recursive: true });
  spoil(join(cache, 'vulndb'));
  return cache;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function manifestOf(vulndb: string): string {
  return filesUnder(vulndb).find((path) => path.endsWith('.json')) as string;
}

function age(vulndb: string): void {
  const path = manifestOf(vulndb);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/("builtAt":\s*")\d{4}/, '$12020'));
}

function shards(vulndb: string): string[] {
  return filesUnder(vulndb).filter((path) => !path.endsWith('.json'));
}

const states: readonly {
  readonly title: string;
  readonly code: string;
  readonly mend: RegExp;
  readonly spoil: (vulndb: string) => void;
}[] = [
  {
    title: 'is missing',
    code: 'DATABASE_MISSING',
    mend: /db update|db build/,
    spoil: (vulndb) => rmSync(vulndb, { recursive: true }),
  },
  {
    title: 'is an empty folder',
    code: 'DATABASE_MISSING',
    mend: /db update|db build/,
    spoil: (vulndb) => {
      rmSync(vulndb, { recursive: true });
      mkdirSync(vulndb);
    },
  },
  {
    title: 'is a file in place of a folder',
    code: 'DATABASE_[A-Z]+',
    mend: /./,
    spoil: (vulndb) => {
      rmSync(vulndb, { recursive: true });
      writeFileSync(vulndb, 'x');
    },
  },
  { title: 'is old', code: 'DATABASE_OLD', mend: /db update/, spoil: age },
  {
    title: 'has a manifest that is cut off',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) => truncateSync(manifestOf(vulndb), 40),
  },
  {
    title: 'has an empty manifest',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) => truncateSync(manifestOf(vulndb), 0),
  },
  {
    title: 'has shards that are cut off',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) => shards(vulndb).forEach((path) => truncateSync(path, 5000)),
  },
  {
    title: 'has empty shards',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) => shards(vulndb).forEach((path) => truncateSync(path, 0)),
  },
  {
    title: 'has shards of garbage',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) =>
      shards(vulndb).forEach((path) => {
        chmodSync(path, 0o644);
        writeFileSync(path, 'garbage'.repeat(2000));
      }),
  },
  {
    title: 'has lost its shards',
    code: 'DATABASE_CORRUPT',
    mend: /db update|db build/,
    spoil: (vulndb) => shards(vulndb).forEach((path) => rmSync(path)),
  },
];

describe('databases that cannot be used', { concurrency: 2 }, () => {
  for (const { title, code, mend, spoil } of states) {
    test(`seaworthy says how to mend a database that ${title}, and reports nothing as clean`, async () => {
      const cache = spoiltCache(spoil);
      assertOneError(await place.run(['image', 'oci-dir:image', '--cache-dir', cache]), code, mend);
    });
  }
});

test('seaworthy db build mends a database whose manifest and shards are damaged', async () => {
  const cache = spoiltCache((vulndb) => {
    for (const path of filesUnder(vulndb)) truncateSync(path, 40);
  });
  assert.equal((await place.run(['db', 'build', '--from', 'feeds', '--cache-dir', cache])).stderr, '');
  const { status, stdout } = await place.run(['image', 'oci-dir:image', '--cache-dir', cache, '-f', 'json']);
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 0);
});

test('seaworthy db update says that a folder no longer has a list that it had, which then stays as it was', async () => {
  const feeds = join(place.path, 'feeds-with-kev');
  cpSync(join(place.path, 'feeds'), feeds, { recursive: true });
  const list = join(feeds, 'known_exploited_vulnerabilities.json');
  const flaw = {
    cveID: 'CVE-2026-1001',
    dateAdded: '2026-01-01',
    dueDate: '2026-02-01',
    knownRansomwareCampaignUse: 'Known',
  };
  writeFileSync(
    list,
    JSON.stringify({ catalogVersion: '1', dateReleased: '2026-01-01', count: 1, vulnerabilities: [flaw] }),
  );
  const update = ['db', 'update', '--db-source', 'feeds-with-kev', '--cache-dir', 'cache-with-kev'];
  assert.equal((await place.run(update)).stderr, '');
  rmSync(list);
  const { status, stderr } = await place.run(update);
  assert.match(stderr, /^kev: There is no \S+known_exploited_vulnerabilities\.json/m);
  assert.equal(status, 0);
  const { stdout } = await place.run(['db', 'status', '--cache-dir', 'cache-with-kev']);
  assert.match(stdout, /Feed {8}kev: 1 records, fetched \S+, could not be had since \S+ \(0 minutes ago\)$/m);
  assert.doesNotMatch(stdout, /too old/);
});

test('seaworthy takes a database for as old as the feed that could not be had, and says how to go on without it', async () => {
  const cache = spoiltCache((vulndb) => {
    const path = manifestOf(vulndb);
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { feeds: object[] };
    const feeds = manifest.feeds.map((feed) => ({ ...feed, lastHadAt: '2020-01-01T00:00:00.000Z' }));
    writeFileSync(path, JSON.stringify({ ...manifest, feeds }));
  });
  const image = ['image', 'oci-dir:image', '--cache-dir', cache];
  assertOneError(
    await place.run(image),
    'DATABASE_OLD',
    /has of "osv:\S+" is of 2020-\S+ and too old; run .*"seaworthy db build" for a database without it/,
  );
  const { stdout } = await place.run(['db', 'status', '--cache-dir', cache]);
  assert.match(stdout, /^Built {7}\S+ \(\d+ minutes ago\)$/m);
  assert.match(
    stdout,
    /could not be had since 2020-01-01T00:00:00\.000Z \(\d+ days ago\): too old, "seaworthy db update" says why/,
  );
  const status = JSON.parse((await place.run(['db', 'status', '--json', '--cache-dir', cache])).stdout) as {
    readonly old: boolean;
    readonly ageSeconds: number;
    readonly feeds: readonly { readonly lastHadAt?: string }[];
  };
  assert.deepEqual([status.old, status.ageSeconds > 5 * 365 * 86_400], [true, true]);
  assert.ok(status.feeds.every(({ lastHadAt }) => lastHadAt === '2020-01-01T00:00:00.000Z'));
  assert.equal((await place.run(['db', 'build', '--from', 'feeds', '--cache-dir', cache])).stderr, '');
  assert.equal((await place.run(image)).status, 0);
});

test('seaworthy image takes an old database when --db-max-age allows it, and db status says that it is old', async () => {
  const cache = spoiltCache(age);
  const { status, stdout } = await place.run([
    'image',
    'oci-dir:image',
    '--cache-dir',
    cache,
    '--db-max-age',
    '0',
    '-f',
    'json',
  ]);
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 0);
  assert.match((await place.run(['db', 'status', '--cache-dir', cache])).stdout, /too old, run "seaworthy db update"/);
});

test('seaworthy db status --verify finds a shard that was changed', async () => {
  const cache = spoiltCache((vulndb) => {
    const [path = ''] = shards(vulndb);
    chmodSync(path, 0o644);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
  });
  const { status, stdout } = await place.run(['db', 'status', '--verify', '--cache-dir', cache]);
  assert.match(stdout, /Damaged .+ db update/);
  assert.equal(status, 2);
});

const damages: readonly (readonly [what: string, damage: (path: string) => void])[] = [
  ['changed', (path) => writeFileSync(path, readFileSync(path).fill(0, 1000, 1100))],
  ['cut short', (path) => truncateSync(path, 1000)],
  ['gone', (path) => rmSync(path)],
];

for (const [what, damage] of damages) {
  test(`seaworthy db update mends a database whose shards are ${what}, though no feed has changed`, async () => {
    const cache = spoiltCache((vulndb) => {
      for (const path of shards(vulndb)) {
        chmodSync(path, 0o644);
        damage(path);
      }
    });
    const updated = await place.run(['db', 'update', '--db-source', place.feeds, '--cache-dir', cache]);
    assert.equal(updated.status, 0, updated.stderr);
    const { status, stdout } = await place.run(['db', 'status', '--verify', '--cache-dir', cache]);
    assert.match(stdout, /every shard is whole/);
    assert.equal(status, 0);
  });
}

test('seaworthy image tells what it could not look up, and does not pass', async () => {
  const feeds = join(place.path, 'only-npm');
  cpSync(join(place.feeds, 'npm'), join(feeds, 'npm'), { recursive: true });
  const cache = join(place.path, 'cache-npm');
  assert.equal((await place.run(['db', 'build', '--from', feeds, '--cache-dir', cache])).status, 0);
  const { status, stdout } = await place.run(['image', 'oci-dir:image', '--cache-dir', cache]);
  assert.match(stdout, /no advisories for alpine/);
  assert.match(stdout, /CVE-2024-0003/);
  assert.equal(status, 2);
});

test('seaworthy scans without a cache where none can be written', async () => {
  const cache = spoiltCache((vulndb) => {
    rmSync(join(vulndb, '..', 'scans'), { recursive: true, force: true });
    writeFileSync(join(vulndb, '..', 'scans'), 'in the way');
  });
  const { status, stdout } = await place.run(['image', 'oci-dir:image', '--cache-dir', cache, '-f', 'json']);
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 0);
});

test('seaworthy db build says so when the cache cannot be written', async () => {
  place.write('in-the-way', '');
  assertOneError(
    await place.run(['db', 'build', '--from', 'feeds', '--cache-dir', 'in-the-way']),
    'DATABASE_[A-Z]+',
    /in-the-way/,
  );
});
