import assert from 'node:assert/strict';
import { keepScan } from '../../src/registry/scanning/keep-scan.ts';
import type { ScanResult } from '../../src/scan/process/parse-scanned.ts';
import type { ImageFacts, ScannedPackage } from '../../src/scan/process/worker/tasks.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { addFlaws, flawsOf, forgetFlaws, knownFlaws, removeFlaws } from '../../src/store/metadata/package-flaws.ts';
import {
  countToJudge,
  imagesToJudge,
  packageRecords,
  replaceEvidence,
} from '../../src/store/metadata/scan-packages.ts';
import {
  addScan,
  claimScan,
  countScans,
  failScan,
  findScan,
  isFreshScanDue,
  isScanDue,
  lostScans,
  outdatedScans,
  postponeScan,
  readEvidence,
  readFacts,
  renewScan,
  resetScan,
  type ScanRow,
} from '../../src/store/metadata/scans.ts';
import { imagesWithPackages, packagesNamed, packagesWithFlaw, unknownImages } from '../../src/store/metadata/triage.ts';
import { storeContent } from '../../src/store/metadata/blobs.ts';
import { insertManifest } from '../../src/store/metadata/manifests.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

/** A package of an image of a test; `flaws` are what is known of it. */
export function scannedPackage(name: string, version: string, flaws: readonly string[] = []): ScannedPackage {
  const purl = `pkg:npm/${name}@${version}`;
  const record = JSON.stringify({ package: { type: 'npm', name, version }, purl });
  return { key: record, type: 'npm', name, version, distro: '', purl, record, flaws };
}

/** Keeps the scan of an image as a process does that scanned it. */
export async function keepTestScan(
  database: SqlDatabase,
  text: string,
  packages: readonly ScannedPackage[],
  parts: Partial<ScanResult> = {},
): Promise<Digest> {
  const digest = digestOf(Buffer.from(text));
  await addScan(database, digest, 'app', 1);
  await resetScan(database, digest, 'app', 1);
  assert.ok(await claimScan(database, digest, { claim: text, now: 1, until: 100 }));
  const result = { signature: 's', builtAt: 5, isIncomplete: false, facts: { problems: [] }, packages, ...parts };
  const bytes = { content: Buffer.from(`evidence of ${text}`), inventory: Buffer.from('inventory') };
  assert.ok(await keepScan(database, digest, text, { ...bytes, ...result }, () => 7));
  return digest;
}

function textOf(row: { readonly content: Uint8Array } | undefined): string {
  return Buffer.from(row?.content ?? []).toString();
}

/** Registers the tests of scans and packages. */
export function registerScanRecords(check: MetadataCheck): void {
  const digest = digestOf(Buffer.from('x'));

  check('a scan is taken by one process at a time, and by another when that one is gone', async (database, place) => {
    await using other = await place.open();
    assert.equal(await addScan(database, digest, 'app', 1), true);
    assert.equal(await addScan(other, digest, 'elsewhere', 2), false);
    const claims = [database, other].map((one, at) =>
      one.transaction((queries) => claimScan(queries, digest, { claim: `${at}`, now: 10, until: 20 })),
    );
    const taken = await Promise.all(claims);
    assert.deepEqual(taken.filter(Boolean).length, 1);
    const winner = taken[0] === true ? '0' : '1';
    const loser = taken[0] === true ? '1' : '0';
    assert.equal(await renewScan(other, digest, loser, 99), false);
    assert.equal(await renewScan(other, digest, winner, 30), true);
    assert.deepEqual(await lostScans(database, 29, 10), []);
    assert.deepEqual(await lostScans(database, 30, 10), [{ digest, repository: 'app', attempts: 1 }]);
    assert.equal(await claimScan(other, digest, { claim: 'late', now: 29, until: 50 }), false);
    assert.equal(await claimScan(other, digest, { claim: 'late', now: 30, until: 50 }), true);
    assert.equal(await renewScan(database, digest, winner, 99), false);
    assert.deepEqual(await countScans(database), { waiting: 0, running: 1, done: 0, failed: 0 });
  });

  check('a scan that nobody has begun can be postponed, once', async (database) => {
    const failure = { code: 'CONTENT_SLOW', message: 'later', retryAt: 40 };
    const postpone = (): Promise<boolean> =>
      database.transaction((queries) => postponeScan(queries, digest, failure, 7));
    assert.equal(await postpone(), false);
    await addScan(database, digest, 'app', 1);
    assert.deepEqual([await postpone(), await postpone()], [true, false]);
    const { state, code, message, attempts, retryAt } = (await findScan(database, digest)) as ScanRow;
    assert.deepEqual({ state, code, message, attempts, retryAt }, { ...failure, state: 'waiting', attempts: 0 });
    // It waits, and is not among those that others give way to before its time.
    const another = digestOf(Buffer.from('another'));
    assert.deepEqual([await isScanDue(database, another, 39), await isScanDue(database, another, 40)], [false, true]);
    assert.equal(await isFreshScanDue(database, another, 40), false);
    await addScan(database, another, 'app', 1);
    assert.ok(await claimScan(database, another, { claim: 'a', now: 1, until: 5 }));
    assert.equal(await database.transaction((queries) => postponeScan(queries, another, failure, 7)), false);
  });

  check('a failure of a scan is recorded by who has it, and counts where it is one of the image', async (database) => {
    await addScan(database, digest, 'app', 1);
    const failure = { state: 'waiting', code: 'SCAN_CRASHED', message: 'no', retryAt: 40, counts: true } as const;
    await claimScan(database, digest, { claim: 'a', now: 1, until: 5 });
    assert.equal(await failScan(database, digest, 'b', failure, 2), false);
    assert.equal(await failScan(database, digest, 'a', failure, 2), true);
    await claimScan(database, digest, { claim: 'a', now: 1, until: 5 });
    await failScan(database, digest, 'a', { ...failure, state: 'failed', counts: false }, 3);
    const { id: _, ...scan } = (await findScan(database, digest)) ?? {};
    const rest = { claims: 2, leaseUntil: 0, retryAt: 40, code: 'SCAN_CRASHED', message: 'no', repository: 'app' };
    assert.deepEqual(scan, { state: 'failed', attempts: 1, updatedAt: 3, ...rest });
    await resetScan(database, digest, 'other', 4);
    const again = await findScan(database, digest);
    assert.deepEqual([again?.state, again?.attempts, again?.repository], ['waiting', 0, 'other']);
  });

  check('evidence is kept with packages that all images share', async (database) => {
    const [a, b, c] = [
      scannedPackage('a', '1', ['CVE-1', 'GHSA-1']),
      scannedPackage('b', '1'),
      scannedPackage('c', '1'),
    ];
    const one = await keepTestScan(database, 'one', [a, b]);
    const two = await keepTestScan(database, 'two', [a, c]);
    const rows = await packageRecords(database, 0, 10);
    assert.deepEqual(
      rows.map(({ record }) => record),
      [a, b, c].map(({ record }) => record),
    );
    assert.equal(textOf(await readEvidence(database, one)), 'evidence of one');
    assert.equal((JSON.parse((await readFacts(database, two)) ?? '') as ImageFacts).packages.length, 2);
    const [hit, ...others] = await packagesWithFlaw(database, 'GHSA-1');
    assert.deepEqual([hit?.name, others.length], ['a', 0]);
    assert.equal((await imagesWithPackages(database, [hit?.id as number])).length, 2);
    // One was scanned anew, and has another package now.
    await keepTestScan(database, 'one', [b]);
    assert.equal((await imagesWithPackages(database, [hit?.id as number])).length, 1);
    assert.equal((await packagesNamed(database, 'b')).length, 1);
    assert.deepEqual(await outdatedScans(database, 's', 0, 10), []);
    assert.equal((await outdatedScans(database, 'newer', 0, 10)).length, 2);
  });

  check('images that no question finds are counted by their repositories', async (database) => {
    const gap = { code: 'LAYER_UNREADABLE', subject: 'x', message: '', incomplete: true } as const;
    const quote = { code: 'MALFORMED', subject: 'x', message: 'It says "incomplete":true.' };
    const images = [
      await keepTestScan(database, 'whole', []),
      await keepTestScan(database, 'unread', [], { isIncomplete: true, facts: { problems: [gap] } }),
      await keepTestScan(database, 'not looked up', [], { isIncomplete: true, facts: { problems: [quote] } }),
      digestOf(Buffer.from('unscanned')),
      digestOf(Buffer.from('no image')),
    ];
    const [, , , , none] = images as [Digest, Digest, Digest, Digest, Digest];
    await addScan(database, none, 'one', 1);
    await database.run("UPDATE scans SET state = 'failed', code = 'NOT_AN_IMAGE' WHERE digest = ?", none);
    const put = async (name: string, digest: Digest, artifactType: string): Promise<void> =>
      await database.transaction(async (queries) => {
        const repository = await ensureRepository(queries, name, 1);
        await storeContent(queries, digest, Buffer.from('x'), 1);
        const manifest = { digest, mediaType: 'm', size: 1, artifactType, subject: undefined, annotations: {} };
        await insertManifest(queries, repository, { ...manifest, links: [] }, 1);
      });
    for (const digest of images) await put('one', digest, 'image');
    await put('two', images[0] as Digest, 'image');
    await put('three', digestOf(Buffer.from('chart')), 'chart');
    await put('four', images[1] as Digest, 'other image');
    const types = ['image', 'other image'];
    const sorted = async (findings: boolean) =>
      (await unknownImages(database, types, findings)).toSorted((a, b) => (a.repository < b.repository ? -1 : 1));
    const four = { repository: 'four', unscanned: 0, incomplete: 1 };
    assert.deepEqual(await sorted(true), [four, { repository: 'one', unscanned: 1, incomplete: 2 }]);
    assert.deepEqual(await sorted(false), [four, { repository: 'one', unscanned: 1, incomplete: 1 }]);
  });

  check('evidence is replaced by newer one alone, and not where the image was scanned anew', async (database) => {
    await keepTestScan(database, 'old', [scannedPackage('a', '1', ['CVE-1'])]);
    await keepTestScan(database, 'none', [scannedPackage('b', '1')], { builtAt: null });
    await keepTestScan(database, 'new', [scannedPackage('c', '1')], { builtAt: 9 });
    assert.equal(await countToJudge(database, 9), 2);
    const images = await imagesToJudge(database, 9, 0, 10);
    assert.equal(images.length, 2);
    const [first, second] = images as [(typeof images)[0], (typeof images)[0]];
    const judged = { content: Buffer.from('newer'), isIncomplete: true };
    await replaceEvidence(database, { ...judged, ...first }, 9, 11);
    await replaceEvidence(database, { ...judged, ...second, facts: 'others' }, 9, 11);
    const old = await readEvidence(database, digestOf(Buffer.from('old')));
    assert.deepEqual([textOf(old), old?.incomplete, old?.builtAt, old?.judgedAt], ['newer', 1, 9, 11]);
    const none = await readEvidence(database, digestOf(Buffer.from('none')));
    assert.deepEqual([textOf(none), none?.builtAt, none?.judgedAt], ['evidence of none', null, null]);
    await replaceEvidence(database, { ...judged, ...first, content: Buffer.from('older') }, 8, 12);
    assert.equal(textOf(await readEvidence(database, digestOf(Buffer.from('old')))), 'newer');
    const known = await flawsOf(database, 0, 1000);
    assert.deepEqual(
      known.map(({ flaw }) => flaw),
      ['CVE-1'],
    );
    await removeFlaws(database, known, 12);
    assert.deepEqual(await packagesWithFlaw(database, 'CVE-1'), []);
  });

  check('since when a flaw is known outlasts that it is gone for a while, and not for ever', async (database) => {
    const one = await keepTestScan(database, 'one', [scannedPackage('a', '1', ['CVE-1'])]);
    const { packages } = JSON.parse((await readFacts(database, one)) ?? '') as ImageFacts;
    const [flaw] = await flawsOf(database, 0, 1000);
    assert.ok(flaw !== undefined);
    const since = async (): Promise<readonly number[]> =>
      (await knownFlaws(database, packages)).map((row) => row.since);
    assert.deepEqual(await since(), [7]);
    await addFlaws(database, [flaw], 20);
    assert.deepEqual(await since(), [7]);
    await removeFlaws(database, [flaw], 30);
    assert.deepEqual([await flawsOf(database, 0, 1000), await since()], [[], [7]]);
    assert.equal(await forgetFlaws(database, 30, 10), 0);
    await addFlaws(database, [flaw], 40);
    assert.deepEqual([await flawsOf(database, 0, 1000), await since()], [[flaw], [7]]);
    assert.equal(await forgetFlaws(database, 99, 10), 0);
    await removeFlaws(database, [flaw], 50);
    assert.equal(await forgetFlaws(database, 51, 10), 1);
    await addFlaws(database, [flaw], 60);
    assert.deepEqual(await since(), [60]);
  });
}
