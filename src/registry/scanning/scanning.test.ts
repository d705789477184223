import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { apkDatabase, npmPackage, osRelease } from '../../../testing/package-files.ts';
import { badWithSeveralLayers, badWorker, badWorkers } from '../../../testing/scanning/bad-worker.ts';
import { openScanWorld, pushImage, scanned, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { shiftedClock } from '../../../testing/scanning/shifted-clock.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';
import { localOrigin } from '../content/local-origin.ts';
import { RegistryError } from '../error.ts';

const advisories = [
  makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3-r1'])] }),
  makeAdvisory({ id: 'GHSA-1', aliases: ['CVE-2026-0002'], affected: [makeAffected('npm left-pad', ['0 1.4.0'])] }),
];
const base = [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })];
const found = ['CVE-2026-0002', 'CVE-2026-0001'];

async function idsOf(world: ScanWorld, digest: Digest): Promise<readonly string[] | undefined> {
  const status = await scanned(world, digest);
  assert.ok(status.kind === 'known', JSON.stringify(status));
  return status.evidence.findings?.map(({ id }) => id);
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (await check()) return;
    await sleep(20);
  }
  assert.fail('It did not come to that');
}

/** How layers are read, and by how many processors. */
const ways = [
  ['without threads', 2],
  ['on threads', 8],
] as const;

for (const [read, cores] of ways) {
  test(`an image that was asked for is scanned in another process, once (${read})`, async () => {
    // With workers of its own, which may read what a registry lets them.
    await using world = await openScanWorld({ cores });
    await world.know(advisories);
    const digest = await world.push('app', [base, [npmPackage('left-pad', '1.3.0')]]);
    const { queue } = world.scanning;
    assert.deepEqual(await queue.find(digest), { kind: 'absent' });
    const asked = await Promise.all(Array.from({ length: 20 }, () => queue.request(digest, 'app', 'push')));
    assert.ok(asked.every(({ kind }) => kind === 'pending'));
    assert.deepEqual(await idsOf(world, digest), found);
    const status = await queue.request(digest, 'app', 'push');
    assert.ok(status.kind === 'known');
    const { evidence } = status;
    assert.deepEqual(
      evidence.findings?.map(({ package: { purl }, fixedVersions, aliases }) => [purl, fixedVersions, aliases]),
      [
        ['pkg:npm/left-pad@1.3.0', ['1.4.0'], ['GHSA-1']],
        ['pkg:apk/alpine/zlib@1.3-r0?arch=x86_64&distro=alpine-3.19.1', ['1.3-r1'], []],
      ],
    );
    assert.deepEqual([evidence.isIncomplete, evidence.packages, evidence.problems], [false, 3, []]);
    assert.equal(evidence.databaseBuiltAt, Date.parse('2026-01-02T03:04:05Z'));
    assert.deepEqual(evidence.lacking, ['exploited', 'epss']);
    const { claims } = (await world.content.database.get<{ claims: number }>('SELECT claims FROM scans')) ?? {};
    assert.equal(claims, 1);
  });
}

for (const [read, cores] of ways) {
  test(`an image is not taken for another one whose DiffIDs its config names (${read})`, async () => {
    // With workers of its own, which may write to its cache.
    await using world = await openScanWorld({ cores, config: { cacheBytes: 2 ** 27 } });
    await world.know(advisories);
    const clean = buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1')], compression: 'gzip' }] });
    assert.deepEqual(await idsOf(world, await pushImage(world.content, 'app', clean)), []);
    const rootfs = { type: 'layers', diff_ids: clean.diffIds };
    const disguised = buildImage({ layers: [{ tar: base, compression: 'gzip' }], config: { rootfs } });
    const digest = await pushImage(world.content, 'app', disguised);
    const status = await scanned(world, digest);
    assert.ok(status.kind === 'known', JSON.stringify(status));
    assert.equal(status.evidence.isIncomplete, true);
    assert.deepEqual(
      status.evidence.problems.map(({ code }) => code),
      ['DIGEST_MISMATCH'],
    );
  });
}

test('without a database, nothing is said of findings, and they are looked up when there is one', async () => {
  const clock = shiftedClock();
  await using world = await openScanWorld({ workers, clock });
  const digest = await world.push('app', [base]);
  const status = await scanned(world, digest);
  assert.ok(status.kind === 'known');
  const { findings, isIncomplete, problems, packages } = status.evidence;
  assert.deepEqual([findings, isIncomplete, packages], [null, true, 2]);
  assert.equal(problems[0]?.code, 'DATABASE_MISSING');
  assert.equal(world.scanning.databaseBuiltAt(), undefined);
});

test('an image of several processes is scanned by one of them', async () => {
  using folder = temporaryDirectory();
  await using one = await openScanWorld({ workers, folder: folder.path });
  await using other = await openScanWorld({ workers, folder: folder.path });
  await one.know(advisories);
  const digests: Digest[] = [];
  for (let at = 0; at < 4; at += 1) digests.push(await one.push('app', [base, [npmPackage('left-pad', `1.3.${at}`)]]));
  const all = digests.flatMap((digest) => [idsOf(one, digest), idsOf(other, digest)]);
  for (const ids of await Promise.all(all)) assert.deepEqual(ids, found);
  const rows = await one.content.database.all<{ claims: number }>('SELECT claims FROM scans');
  assert.deepEqual(
    rows.map(({ claims }) => claims),
    [1, 1, 1, 1],
  );
});

test('what cannot be scanned is tried some times, and recorded', async () => {
  using folder = temporaryDirectory();
  const clock = shiftedClock();
  await using world = await openScanWorld({ clock, program: badWorker(folder, badWorkers['is killed']) });
  const digest = await world.push('app', [base]);
  const { queue } = world.scanning;
  await queue.request(digest, 'app', 'client');
  const { database } = world.content;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await until(async () => {
      const row = await database.get<{ attempts: number; code: string | null; state: string }>(
        'SELECT attempts, code, state FROM scans',
      );
      return row?.attempts === attempt && row.code === 'SCAN_CRASHED' && row.state !== 'running';
    });
    if (attempt < 3) assert.equal((await queue.request(digest, 'app', 'client')).kind, 'pending');
    clock.ahead += 60_000;
  }
  const status = await queue.wait(digest, AbortSignal.timeout(5000));
  assert.ok(status.kind === 'failed' && status.code === 'SCAN_CRASHED', JSON.stringify(status));
  assert.equal((await queue.request(digest, 'app', 'client')).kind, 'failed');
  clock.ahead += 7 * 3_600_000;
  assert.equal((await queue.request(digest, 'app', 'client')).kind, 'pending');
});

test('an image whose layers take too much memory together is read soon, one layer after the other', async () => {
  using folder = temporaryDirectory();
  const program = badWorker(folder, badWithSeveralLayers['eats memory']);
  await using world = await openScanWorld({ config: { memoryBytes: 2 ** 27 }, program });
  const digest = await world.push('app', [base]);
  const status = await scanned(world, digest);
  assert.equal(status.kind, 'known', JSON.stringify(status));
  const row = await world.content.database.get<{ claims: number }>('SELECT claims FROM scans');
  assert.equal(row?.claims, 2);
});

test('an image whose process was ended is read one layer after the other when its time comes', async () => {
  using folder = temporaryDirectory();
  const clock = shiftedClock();
  const program = badWorker(folder, badWithSeveralLayers['is killed']);
  await using world = await openScanWorld({ clock, program });
  const digest = await world.push('app', [base]);
  const { queue } = world.scanning;
  await queue.request(digest, 'app', 'client');
  const codes = 'SELECT code FROM scans';
  await until(async () => (await world.content.database.get<{ code: string }>(codes))?.code === 'SCAN_CRASHED');
  clock.ahead += 60_000;
  assert.equal((await queue.wait(digest, AbortSignal.timeout(20_000))).kind, 'known');
});

test('an image that takes too much memory in any way is tried some times', async () => {
  using folder = temporaryDirectory();
  const clock = shiftedClock();
  const program = badWorker(folder, badWorkers['eats memory outside its heap']);
  await using world = await openScanWorld({ clock, config: { memoryBytes: 2 ** 27 }, program });
  const digest = await world.push('app', [base]);
  const { queue } = world.scanning;
  await queue.request(digest, 'app', 'client');
  const rowOf = (): Promise<{ attempts: number; state: string; retryAt: number } | undefined> =>
    world.content.database.get('SELECT attempts, state, retry_at AS "retryAt" FROM scans');
  await until(async () => {
    const row = await rowOf();
    return row?.attempts === 2 && row.state === 'waiting' && row.retryAt > clock.now();
  });
  clock.ahead += 60_000;
  const status = await queue.wait(digest, AbortSignal.timeout(20_000));
  assert.ok(status.kind === 'failed' && status.code === 'SCAN_MEMORY', JSON.stringify(status));
  assert.equal((await rowOf())?.attempts, 3);
});

test('what is no image is said to be none, without a worker', async () => {
  using folder = temporaryDirectory();
  await using world = await openScanWorld({
    program: badWorker(folder, badWorkers.hangs),
    config: { imageBytes: 100_000 },
  });
  const { content } = world;
  const chart = buildImage({
    layers: [{ tar: [] }],
    manifest: {
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 2 },
    },
  });
  const large = buildImage({ layers: [{ tar: [file('x', Buffer.alloc(200_000))], compression: 'none' }] });
  for (const [image, code] of [
    [chart, 'NOT_AN_IMAGE'],
    [large, 'IMAGE_TOO_LARGE'],
  ] as const) {
    const digest = await pushImage({ ...content, sparse: 'all' }, 'app', image);
    const status = await scanned(world, digest);
    assert.ok(status.kind === 'failed' && status.code === code, JSON.stringify(status));
  }
  const status = await scanned(world, `sha256:${'a'.repeat(64)}` as Digest);
  assert.ok(status.kind === 'failed' && status.code === 'IMAGE_GONE', JSON.stringify(status));
});

test('a layer that is still on its way is read while it comes, and one that breaks off is tried again', async () => {
  const clock = shiftedClock();
  let isBroken = true;
  let pieces = 0;
  await using world = await openScanWorld({
    workers,
    clock,
    origin: (content) => ({
      ...localOrigin(content),
      async findBlob(repository, digest) {
        const blob = await localOrigin(content).findBlob(repository, digest, () => new AbortController().signal);
        const open = async (): ReturnType<typeof blob.open> => {
          const opened = await blob.open();
          return {
            size: opened.size,
            async *read(range, signal) {
              for await (const chunk of opened.read(range, signal)) {
                for (let at = 0; at < chunk.length; at += 1000) {
                  yield chunk.subarray(at, at + 1000);
                  pieces += 1;
                  await sleep(1);
                  if (isBroken && pieces > 3) throw new RegistryError('UNAVAILABLE', 'The upstream went away');
                }
              }
            },
            [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
          };
        };
        return { ...blob, open };
      },
    }),
  });
  await world.know(advisories);
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * at * 7919) >> 5));
  const digest = await world.push('app', [[...base, file('noise', noise)], [npmPackage('left-pad', '1.3.0')]]);
  await world.scanning.queue.request(digest, 'app', 'client');
  const { database } = world.content;
  await until(
    async () => (await database.get<{ code: string }>('SELECT code FROM scans'))?.code === 'CONTENT_UNAVAILABLE',
  );
  assert.equal((await world.scanning.queue.find(digest)).kind, 'pending');
  isBroken = false;
  clock.ahead += 60_000;
  assert.deepEqual(await idsOf(world, digest), found);
  assert.ok(pieces > 10);
});

for (const [read, cores] of ways) {
  test(`a bomb ends as a layer that was not read, and the rest of its image is known (${read})`, async () => {
    await using world = await openScanWorld({ cores, workers });
    await world.know(advisories);
    const bomb = Buffer.alloc(64 * 2 ** 20);
    const image = buildImage({ layers: [{ tar: base }, { tar: [file('zeros', bomb)] }] });
    const digest = await pushImage(world.content, 'app', image);
    const status = await scanned(world, digest);
    assert.ok(status.kind === 'known');
    assert.deepEqual(
      status.evidence.findings?.map(({ id }) => id),
      ['CVE-2026-0001'],
    );
  });
}

test('a scan whose registry was killed is done by another one, and no worker is left behind', async () => {
  using folder = temporaryDirectory();
  const script = join(import.meta.dirname, '../../../testing/scanning/scanning-child.ts');
  const child = spawn(process.execPath, [script, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const digest = line.toString().trim() as Digest;
  child.kill('SIGKILL');
  await once(child, 'exit');
  const clock = shiftedClock();
  clock.ahead = 20_000;
  await using world = await openScanWorld({ workers, folder: folder.path, clock });
  assert.equal((await scanned(world, digest)).kind, 'known');
  const row = await world.content.database.get<{ claims: number; attempts: number }>(
    'SELECT claims, attempts FROM scans',
  );
  assert.deepEqual(row, { claims: 2, attempts: 0 });
});
