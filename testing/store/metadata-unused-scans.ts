import assert from 'node:assert/strict';
import type { Clock } from '../../src/net/clock.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { EvidenceCache } from '../../src/registry/scanning/evidence-cache.ts';
import { scanningLimits } from '../../src/registry/scanning/limits.ts';
import { ScanQueue } from '../../src/registry/scanning/scan-queue.ts';
import { removeUnused } from '../../src/registry/scanning/upkeep/remove-unused.ts';
import { deleteManifest, findManifest, insertManifest } from '../../src/store/metadata/manifests.ts';
import { firstManifest, forgottenScans, nextManifests } from '../../src/store/metadata/missing-scans.ts';
import { addFlaws, flawsOf } from '../../src/store/metadata/package-flaws.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { findAttachments, putAttachment } from '../../src/store/metadata/scan-attachments.ts';
import { offerManifest, removeOffers } from '../../src/store/metadata/scan-offers.ts';
import { packageRecords } from '../../src/store/metadata/scan-packages.ts';
import { addScan, claimScan, findEvidence, findScan } from '../../src/store/metadata/scans.ts';
import { setTag } from '../../src/store/metadata/tags.ts';
import { storeContent } from '../../src/store/metadata/blobs.ts';
import { removeScan } from '../../src/store/metadata/unused-scans.ts';
import type { SqlDatabase, SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';
import { keepTestScan, scannedPackage } from './metadata-scans.ts';

const imageType = 'application/vnd.oci.image.config.v1+json';
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** A clock far behind all that a test does, which rests for no time. */
const later: Clock = {
  now: () => 1000 + scanningLimits.unusedTime,
  monotonic: () => performance.now(),
  sleep: () => Promise.resolve(),
  random: () => 0,
};
const turner = { clock: later, signal: new AbortController().signal };

async function keepManifest(
  queries: SqlQueries,
  repository: number,
  digest: Digest,
  artifactType: string = imageType,
): Promise<void> {
  await storeContent(queries, digest, Buffer.from('x'), 1);
  const manifest = { digest, mediaType, size: 1, artifactType, subject: undefined, annotations: {}, links: [] };
  await insertManifest(queries, repository, manifest, 1);
}

async function namesOf(database: SqlDatabase): Promise<readonly string[]> {
  const rows = await packageRecords(database, 0, 100);
  return rows.map(({ record }) => (JSON.parse(record) as { package: { name: string } }).package.name);
}

async function count(database: SqlDatabase, table: string): Promise<number> {
  return (await database.get<{ rows: number }>(`SELECT COUNT(*) AS rows FROM ${table}`))?.rows ?? 0;
}

/** Registers the tests of what becomes of scans whose images come and go. */
export function registerUnusedScans(check: MetadataCheck): void {
  check('what is known of images that are in no repository goes, and nothing else', async (database) => {
    const repository = await ensureRepository(database, 'app', 1);
    const [a, b, c] = [
      scannedPackage('a', '1', ['CVE-1']),
      scannedPackage('b', '1', ['CVE-2']),
      scannedPackage('c', '1'),
    ];
    const used = await keepTestScan(database, 'used', [a, c]);
    const gone = await keepTestScan(database, 'gone', [a, b]);
    const offered = await keepTestScan(database, 'offered', [c]);
    await keepManifest(database, repository, used);
    await offerManifest(database, { digest: offered, repository: 'app', mediaType, content: Buffer.from('x') }, 5);
    const running = digestOf(Buffer.from('running'));
    await addScan(database, running, 'app', 1);
    await claimScan(database, running, { claim: 'x', now: 1, until: 2 });
    const ofGone = (await findScan(database, gone))?.id as number;
    // What it attached to images of which one was deleted from one repository, and is tagged there by somebody.
    const elsewhere = await ensureRepository(database, 'elsewhere', 1);
    const ofUsed = (await findScan(database, used))?.id as number;
    const documents = ['here', 'stray', 'tagged', 'of gone'].map((text) => digestOf(Buffer.from(text)));
    const [here, stray, tagged, last] = documents as [Digest, Digest, Digest, Digest];
    for (const [place, scan, kind, digest] of [
      [repository, ofUsed, 'sbom', here],
      [elsewhere, ofUsed, 'sbom', stray],
      [elsewhere, ofUsed, 'findings', tagged],
      [repository, ofGone, 'sbom', last],
    ] as const) {
      await keepManifest(database, place, digest, 'application/vnd.cyclonedx+json');
      await putAttachment(database, place, scan, { kind, digest, bytes: 1, mark: 'm' });
    }
    await setTag(database, elsewhere, 'mine', tagged, 1);
    // One that was judged while its package went.
    await addFlaws(database, [{ flaw: 'CVE-9', package: 4000 }], 1);
    assert.deepEqual(await removeUnused(database, turner), { images: 1, packages: 1, attachments: 3 });
    assert.deepEqual(await namesOf(database), ['a', 'c']);
    assert.deepEqual(
      (await flawsOf(database, 0, 3000)).map(({ flaw }) => flaw),
      ['CVE-1'],
    );
    for (const [digest, is] of [
      [used, true],
      [gone, false],
      [offered, true],
      [running, true],
    ] as const) {
      assert.equal((await findScan(database, digest)) !== undefined, is, digest);
    }
    assert.equal(await findEvidence(database, gone), undefined);
    for (const table of ['scan_evidence', 'scan_inventories']) assert.equal(await count(database, table), 2, table);
    assert.equal(await count(database, 'image_packages'), 3);
    assert.deepEqual(
      (await findAttachments(database, repository, ofUsed)).map(({ digest }) => digest),
      [here],
    );
    assert.equal(await count(database, 'scan_attachments'), 1);
    for (const [name, digest, is] of [
      ['app', here, true],
      ['elsewhere', stray, false],
      ['elsewhere', tagged, true],
      ['app', last, false],
    ] as const) {
      assert.equal((await findManifest(database, name, digest)) !== undefined, is, `${name} ${digest}`);
    }
    assert.deepEqual(await removeUnused(database, turner), { images: 0, packages: 0, attachments: 0 });
    // Then the others go as well.
    await deleteManifest(database, repository, used);
    await removeOffers(database, 6);
    assert.deepEqual(await removeUnused(database, turner), { images: 2, packages: 2, attachments: 1 });
    assert.deepEqual([await namesOf(database), await count(database, 'package_flaws')], [[], 0]);
  });

  check(
    'an image that is pushed while what was known of it goes is known, or scanned anew',
    async (database, place) => {
      await using other = await place.open();
      const repository = await ensureRepository(database, 'app', 1);
      const jobs = { addWithin: () => Promise.resolve(undefined), wake: () => undefined };
      const queue = new ScanQueue({ database: other, jobs, evidence: new EvidenceCache(other), clock: later });
      for (let turn = 0; turn < 12; turn += 1) {
        const digest = await keepTestScan(database, `image ${turn}`, [scannedPackage('a', `${turn}`)]);
        const { id } = (await findScan(database, digest)) ?? { id: 0 };
        const push = (): Promise<boolean> =>
          other.transaction(async (queries) => {
            await keepManifest(queries, repository, digest);
            return queue.requestWithin(queries, digest, 'app', 'push');
          });
        const remove = (): Promise<boolean> => database.transaction((queries) => removeScan(queries, id, 1000));
        const [isKnown, isRemoved] = await Promise.all(
          turn % 2 === 0 ? [push(), remove()] : [remove(), push()].reverse(),
        );
        assert.notEqual(isKnown, isRemoved);
        const scan = await findScan(database, digest);
        assert.equal(scan?.state, isKnown === true ? 'done' : 'waiting');
        assert.equal((await findEvidence(database, digest)) !== undefined, isKnown);
      }
    },
  );

  check('images without a scan are found, and scans whose jobs are lost', async (database) => {
    const repository = await ensureRepository(database, 'app', 1);
    const [image, chart, known] = ['image', 'chart', 'known'].map((text) => digestOf(Buffer.from(text))) as [
      Digest,
      Digest,
      Digest,
    ];
    await keepManifest(database, repository, image);
    await keepManifest(database, repository, chart, 'application/vnd.cncf.helm.config.v1+json');
    await keepManifest(database, repository, known);
    await addScan(database, known, 'app', 10);
    const find = async (before: number): Promise<readonly Digest[]> => {
      const rows = await nextManifests(database, firstManifest, [imageType, 'x'], before, 100);
      assert.equal(rows.length, 3);
      return rows.filter(({ missing }) => missing === 1).map(({ digest }) => digest);
    };
    assert.deepEqual([await find(1), await find(2)], [[], [image]]);
    assert.deepEqual(await forgottenScans(database, 0, 10, 10), []);
    assert.deepEqual(
      (await forgottenScans(database, 0, 11, 10)).map(({ digest }) => digest),
      [known],
    );
  });
}
