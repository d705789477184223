import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { arbitraryInventory } from '../../../testing/arbitrary-inventory.ts';
import { apkDatabase, npmPackage, osRelease } from '../../../testing/package-files.ts';
import { openScanWorld, scanned, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { advisoryUpdate, makeAdvisory, makeAffected, withDatabase } from '../../../testing/vulnerability-database.ts';
import { shiftedClock } from '../../../testing/scanning/shifted-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { matchInventory } from '../../match/match-inventory.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import type { EvidenceContent } from '../../scan/process/evidence-content.ts';
import { assembleEvidence, judgeRecords } from '../../scan/process/judge-records.ts';
import { recordsOf } from '../../scan/process/package-record.ts';
import { readFacts } from '../../store/metadata/scans.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import type { ImageFacts } from '../../scan/process/worker/tasks.ts';
import { rejudge, type RejudgeReport } from './rejudge.ts';

const zlib = makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3-r1'])] });
const musl = makeAdvisory({ id: 'CVE-2026-0003', affected: [makeAffected('Alpine:v3.19 musl', ['0'])] });
const pad = makeAdvisory({
  id: 'GHSA-1',
  aliases: ['CVE-2026-0002'],
  affected: [makeAffected('npm left-pad', ['0 1.4.0'])],
});

async function judge({ content, vulndb }: ScanWorld, clock: Clock = systemClock): Promise<RejudgeReport> {
  const shared = { clock, logger: silentLogger };
  await using pool = workers();
  const parts = { database: content.database, pool, folder: vulndb, observe: () => undefined, ...shared };
  return await rejudge(parts, new AbortController().signal);
}

async function evidenceOf(world: ScanWorld, digest: Digest): Promise<unknown> {
  const status = await scanned(world, digest);
  assert.ok(status.kind === 'known');
  const { scannedAt: _, judgedAt: __, digest: ___, findings, ...evidence } = status.evidence;
  return { ...evidence, findings: findings?.map(({ knownSince: ____, ...finding }) => finding) };
}

async function flaws({ content }: ScanWorld): Promise<readonly string[]> {
  const sql =
    'SELECT f.flaw AS flaw, p.name AS name FROM package_flaws f JOIN packages p ON p.id = f.package WHERE gone_at = 0 ORDER BY p.name, flaw';
  return (await content.database.all<{ flaw: string; name: string }>(sql)).map(({ flaw, name }) => `${name} ${flaw}`);
}

test('rejudge() finds what a scan would find, without reading a layer', async () => {
  const layers = [
    [
      [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })],
      [npmPackage('left-pad', '1.3.0')],
    ],
    [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' })]],
    [[osRelease('alpine', '9.9'), apkDatabase({ musl: '1.2.4-r2' })]],
  ];
  await using world = await openScanWorld({ workers });
  const digests: Digest[] = [];
  for (const image of layers) digests.push(await world.push('app', image));
  // One was scanned without any database.
  await scanned(world, digests[0] as Digest);
  await world.know([zlib, pad], '2026-01-01T00:00:00Z');
  for (const digest of digests) await scanned(world, digest);
  const blobs = await world.content.database.run('UPDATE blobs SET damaged = 1 WHERE size > 0');
  assert.ok(blobs > 0);
  await world.know([zlib, musl], '2026-01-02T00:00:00Z');
  const report = await judge(world);
  assert.deepEqual([report.builtAt, report.images], [Date.parse('2026-01-02T00:00:00Z'), 3]);
  assert.deepEqual(await flaws(world), ['musl CVE-2026-0003', 'zlib CVE-2026-0001']);
  await using fresh = await openScanWorld({ workers });
  await fresh.know([zlib, musl], '2026-01-02T00:00:00Z');
  for (const [at, image] of layers.entries()) {
    assert.equal(await fresh.push('app', image), digests[at]);
    assert.deepEqual(await evidenceOf(world, digests[at] as Digest), await evidenceOf(fresh, digests[at] as Digest));
  }
  assert.deepEqual(await flaws(fresh), await flaws(world));
  assert.equal((await judge(world)).images, 0);
});

test('a finding is known since this registry knew it first of the image, whatever is judged and scanned later', async () => {
  const day = 86_400_000;
  const clock = shiftedClock();
  const start = clock.now();
  await using world = await openScanWorld({ workers, clock });
  const old = await world.push('app', [
    [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })],
  ]);
  // In whole days since the first scan.
  const known = async (digest: Digest): Promise<readonly (readonly [string, number | undefined])[]> => {
    const status = await scanned(world, digest);
    assert.ok(status.kind === 'known');
    return (status.evidence.findings ?? []).map(({ id, knownSince }) => [
      id,
      knownSince === undefined ? undefined : Math.floor((knownSince - start) / day),
    ]);
  };
  const on = async (days: number, advisories: Parameters<ScanWorld['know']>[0]): Promise<void> => {
    clock.ahead = days * day;
    await world.know(advisories, new Date(Date.parse('2026-01-01T00:00:00Z') + clock.ahead).toISOString());
    await judge(world, clock);
  };
  await on(0, [{ ...zlib, id: 'GHSA-zlib' }]);
  assert.deepEqual(await known(old), [['GHSA-zlib', 0]]);
  // It gets another name, which is shown from then on.
  const named = { ...zlib, aliases: ['GHSA-zlib'] };
  await on(2, [named, musl]);
  const both = [
    ['CVE-2026-0003', 2],
    ['CVE-2026-0001', 0],
  ] as const;
  assert.deepEqual(await known(old), both);
  // An image that comes later has had its flaws since then, however long they are known of others.
  clock.ahead = 3 * day;
  const late = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ zlib: '1.3-r0' })]]);
  assert.deepEqual(await known(late), [['CVE-2026-0001', 3]]);
  // Advisories are away for a day.
  await on(4, []);
  assert.deepEqual(await known(old), []);
  await on(5, [named, musl]);
  assert.deepEqual(await known(old), both);
  // It is scanned anew, by a version that had not seen zlib before.
  const row = await world.content.database.get<{ id: number }>("SELECT id FROM packages WHERE name = 'zlib'");
  const facts = await world.content.database.get<{ facts: string; scan: number }>(
    'SELECT facts, scan FROM scan_inventories ORDER BY scan',
  );
  const { packages, ...rest } = JSON.parse(facts?.facts ?? '') as ImageFacts;
  const without = JSON.stringify({ ...rest, packages: packages.filter((id) => id !== row?.id) });
  await world.content.database.run('UPDATE scan_inventories SET facts = ? WHERE scan = ?', without, facts?.scan ?? 0);
  clock.ahead = 6 * day;
  await world.scanning.queue.request(old, 'app', 'rescan');
  for (let look = 0; look < 500 && (await readFacts(world.content.database, old)) === without; look += 1)
    await sleep(20);
  assert.deepEqual(await known(old), [both[0], ['CVE-2026-0001', 6]]);
});

test('what is kept of an image says how far back the database is whole, whether it was scanned by it or judged', async () => {
  await using world = await openScanWorld({ workers });
  const timesOf = async (digest: Digest): Promise<readonly unknown[]> => {
    const status = await scanned(world, digest);
    assert.ok(status.kind === 'known', JSON.stringify(status));
    const { databaseBuiltAt, databaseWholeAt } = status.evidence;
    return [databaseBuiltAt, databaseWholeAt];
  };
  const [first, second] = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2026-01-02T00:00:00Z')];
  await world.know([zlib], new Date(first).toISOString());
  const early = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ zlib: '1.3-r0' })]]);
  assert.deepEqual(await timesOf(early), [first, undefined]);
  await buildDatabase(world.vulndb, [{ id: 'osv:Test', kind: 'unavailable' }], { clock: () => new Date(second) });
  const late = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ zlib: '1.3-r1' })]]);
  assert.deepEqual(await timesOf(late), [second, first]);
  await judge(world);
  assert.deepEqual(await timesOf(early), [second, first]);
});

test('packages are judged alike, whatever image they lie in and whoever asks', async () => {
  const advisories = ['Alpine:v3.19', 'Debian:12', 'npm', 'PyPI', 'Maven', 'Go'].flatMap((place, at) =>
    ['a', 'b', 'libc6', '@scope/name', 'group:artifact'].map((name, index) =>
      makeAdvisory({
        id: `CVE-2026-${1000 + at * 10 + index}`,
        affected: [makeAffected(`${place} ${name}`, ['0 2.0'])],
      }),
    ),
  );
  await withDatabase([advisoryUpdate(advisories)], (database) => {
    fc.assert(
      fc.property(fc.array(arbitraryInventory, { maxLength: 4 }), (inventories) => {
        const images = inventories.map((inventory) => ({ inventory, records: recordsOf(inventory) }));
        const all = new Map(images.flatMap(({ records }) => records).map((one) => [one.key, one.record]));
        const verdicts = new Map(
          [...all.keys()].map((key, at) => [key, judgeRecords([...all.values()], database)[at]]),
        );
        for (const { inventory, records } of images) {
          const { distro, problems } = inventory;
          const ofImage = records.map(({ key }) => verdicts.get(key) as NonNullable<ReturnType<typeof verdicts.get>>);
          const { text } = assembleEvidence({ ...(distro === undefined ? {} : { distro }), problems }, ofImage);
          const { findings, problems: told } = JSON.parse(text) as EvidenceContent;
          const expected = matchInventory(inventory, database);
          const key = (id: string, { purl, version }: { purl: string; version: string }): string =>
            `${purl} ${version} ${id}`;
          assert.deepEqual(
            [...new Set(findings?.map((one) => key(one.id, one.package)))].sort(),
            [...new Set(expected.findings.map((one) => key(one.id, one.package)))].sort(),
          );
          // A package that lies in two places is counted once here.
          const codes = (list: typeof problems): string[] => list.map(({ code, subject }) => `${code} ${subject}`);
          assert.deepEqual(codes(told), codes([...problems, ...expected.problems]));
        }
      }),
      { numRuns: 60 },
    );
  });
});
