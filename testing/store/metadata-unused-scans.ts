import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { storeContent } from '../../src/store/metadata/blobs.ts';
import { insertManifest } from '../../src/store/metadata/manifests.ts';
import { firstManifest, forgottenScans, nextManifests } from '../../src/store/metadata/missing-scans.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { addScan } from '../../src/store/metadata/scans.ts';
import type { SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

const imageType = 'application/vnd.oci.image.config.v1+json';
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

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

/** Registers the tests of what becomes of scans whose images come and go. */
export function registerUnusedScans(check: MetadataCheck): void {
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
