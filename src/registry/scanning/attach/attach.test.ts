import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apkDatabase, osRelease } from '../../../../testing/package-files.ts';
import { openScanWorld, scanned, type ScanWorld } from '../../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../../testing/scanning/shared-workers.ts';
import { makeAdvisory, makeAffected } from '../../../../testing/vulnerability-database.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Digest } from '../../../oci/digest.ts';
import { decodeSbom } from '../../../sbom/detect.ts';
import { sbomLimits } from '../../../sbom/limits.ts';
import { scanSignature } from '../../../scan/scan-signature.ts';
import { listReferrers } from '../../../store/metadata/referrers.ts';
import { findRepository } from '../../../store/metadata/repositories.ts';
import { repositoryUsage } from '../../../store/metadata/usage.ts';

const zlib = makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3-r1'])] });
const layers = [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })]];

async function attached({ content }: ScanWorld, digest: Digest, count: number): Promise<readonly Descriptor[]> {
  const repository = (await findRepository(content.database, 'app')) as number;
  const query = { subject: digest, artifactType: undefined, after: '', limit: 10 };
  for (let look = 0; look < 400; look += 1) {
    const found = await listReferrers(content.database, repository, query);
    if (found.length === count) return found;
    await sleep(25);
  }
  throw new Error('It was not attached');
}

async function billOf(world: ScanWorld, digest: Digest): Promise<Descriptor> {
  const found = await attached(world, digest, 2);
  return found.find(({ artifactType }) => artifactType === 'application/vnd.cyclonedx+json') as Descriptor;
}

async function layerOf({ content }: ScanWorld, manifest: Descriptor): Promise<Buffer> {
  const read = async (digest: string): Promise<Buffer> => {
    const row = await content.database.get<{ content: Uint8Array }>(
      'SELECT content FROM blob_contents WHERE digest = ?',
      digest,
    );
    if (row !== undefined) return Buffer.from(row.content);
    await using blob = await content.blobs.open(digest as Digest);
    const chunks: Buffer[] = [];
    for await (const chunk of blob?.read() ?? []) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };
  const {
    layers: [layer],
  } = JSON.parse((await read(manifest.digest)).toString()) as { layers: { digest: string }[] };
  return await read(layer?.digest ?? '');
}

test('a bill of materials and the findings are attached, and replaced when they are others', async () => {
  await using world = await openScanWorld({ workers, config: { attach: true } });
  const digest = await world.push('app', layers);
  const { database } = world.content;
  const repository = (await findRepository(database, 'app')) as number;
  const usage = await repositoryUsage(database, repository);
  await scanned(world, digest);
  const first = await attached(world, digest, 2);
  const byType = new Map(first.map((one) => [one.artifactType, one]));
  const bill = byType.get('application/vnd.cyclonedx+json') as Descriptor;
  const findings = byType.get('application/vnd.seaworthy.findings.v1+json') as Descriptor;
  const { document } = await decodeSbom(await layerOf(world, bill), sbomLimits);
  assert.deepEqual(
    document.packages.map(({ name, version }) => `${name} ${version}`),
    ['musl 1.2.4-r2', 'zlib 1.3-r0'],
  );
  assert.equal(document.scanSignature, scanSignature());
  const report = JSON.parse((await layerOf(world, findings)).toString()) as { findings: null; incomplete: boolean };
  assert.deepEqual([report.findings, report.incomplete], [null, true]);
  // Its blob of two bytes is all that counts.
  const { bytes } = await repositoryUsage(database, repository);
  assert.equal(bytes - usage.bytes, 2);

  await world.know([zlib]);
  await database.run("UPDATE scans SET state = 'done'");
  await world.scanning.queue.request(digest, 'app', 'rescan');
  for (let look = 0; look < 400; look += 1) {
    const now = await attached(world, digest, 2);
    if (!now.some((one) => one.digest === findings.digest)) break;
    await sleep(25);
  }
  const second = await attached(world, digest, 2);
  assert.ok(
    second.some((one) => one.digest === bill.digest),
    'the bill is the same',
  );
  const newer = second.find((one) => one.artifactType === findings.artifactType) as Descriptor;
  const told = JSON.parse((await layerOf(world, newer)).toString()) as { findings: { id: string }[] };
  assert.deepEqual(
    told.findings.map(({ id }) => id),
    ['CVE-2026-0001'],
  );

  // What another version of the program scanned is told as such.
  await database.run("UPDATE scan_evidence SET signature = '1-before'");
  await world.scanning.attach(digest);
  let again = await billOf(world, digest);
  for (let look = 0; look < 400 && again.digest === bill.digest; look += 1) {
    await sleep(25);
    again = await billOf(world, digest);
  }
  assert.equal((await decodeSbom(await layerOf(world, again), sbomLimits)).document.scanSignature, '1-before');

  // What the registry attached is no image, whoever asks.
  const status = await scanned(world, again.digest);
  assert.ok(status.kind === 'failed' && status.code === 'NOT_AN_IMAGE');
});
