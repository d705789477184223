import { recordsOf, distroLabel } from '../../src/scan/process/package-record.ts';
import { pack } from '../../src/scan/process/worker/pack.ts';
import { scanSignature } from '../../src/scan/scan-signature.ts';
import { inRows } from '../../src/store/metadata/in-rows.ts';
import { ensurePackages } from '../../src/store/metadata/scan-packages.ts';
import type { SqlDatabase, SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf, makeInventory } from './generate.ts';

/** Images in one transaction. */
const together = 100;

/** Writes down so many images as if they had been scanned long ago, and pushed: each in a repository, with a tag. */
export async function fillScans(database: SqlDatabase, images: number): Promise<{ readonly packages: number }> {
  const numbers = new Map<string, number>();
  const content = await pack('{"problems":[],"findings":[]}');
  const signature = scanSignature();
  await database.transaction((queries) =>
    inRows(
      queries,
      (rows) => `INSERT INTO repositories (id, name, created_at) VALUES ${rows}`,
      Array.from({ length: 500 }, (_, at) => [at + 1, `team-${at % 50}/app-${at}`, 1]),
    ),
  );
  for (let from = 1; from <= images; from += together) {
    const part = Array.from({ length: Math.min(together, images - from + 1) }, (_, at) => from + at);
    const inventories = part.map((image) => ({ image, inventory: makeInventory(image) }));
    const packed = await Promise.all(
      inventories.map(({ inventory }) => pack(JSON.stringify({ artifact: {}, inventory }))),
    );
    const records = inventories.map(({ inventory }) => recordsOf(inventory));
    const added = new Map(records.flat().map((record) => [record.key, record]));
    for (const key of added.keys()) if (numbers.has(key)) added.delete(key);
    const fresh = [...added.values()].map(({ key, text, record: { package: pkg, distro, purl } }) => {
      const { type, name, version } = pkg;
      return {
        key,
        type,
        name,
        version,
        source: null,
        sourceVersion: null,
        distro: distroLabel(distro),
        purl,
        record: text,
      };
    });
    await database.transaction(async (queries) => {
      for (const [key, id] of await ensurePackages(queries, fresh)) numbers.set(key, id);
    });
    const ids = records.map((all) => all.map(({ key }) => numbers.get(key) as number));
    await database.transaction(async (queries) => {
      await insert(
        queries,
        'scans (id, digest, state, attempts, claims, updated_at, repository)',
        part.map((image) => [image, digestOf(`image ${image}`), 'done', 0, 1, 1, '']),
      );
      await insert(
        queries,
        'scan_evidence (scan, signature, incomplete, packages, built_at, scanned_at, judged_at, content)',
        part.map((image, at) => [image, signature, 0, ids[at]?.length ?? 0, 1, 1, 1, content]),
      );
      await insert(
        queries,
        'scan_inventories (scan, facts, inventory)',
        part.map((image, at) => [
          image,
          JSON.stringify({ distro: inventories[at]?.inventory.distro, problems: [], packages: ids[at] }),
          packed[at] as Buffer,
        ]),
      );
      await insert(
        queries,
        'image_packages (package, scan)',
        part.flatMap((image, at) => (ids[at] ?? []).map((id) => [id, image])),
      );
      await insert(
        queries,
        'manifests (repository, digest, media_type, size, pushed_at)',
        part.map((image) => [
          (image % 500) + 1,
          digestOf(`image ${image}`),
          'application/vnd.oci.image.manifest.v1+json',
          1000,
          1,
        ]),
      );
      await insert(
        queries,
        'tags (repository, name, digest, created_at, pushed_at)',
        part.map((image) => [(image % 500) + 1, `v${image}`, digestOf(`image ${image}`), 1, 1]),
      );
    });
  }
  return { packages: numbers.size };
}

async function insert(
  queries: SqlQueries,
  into: string,
  rows: readonly (readonly (string | number | Uint8Array | null)[])[],
): Promise<void> {
  await inRows(queries, (marks) => `INSERT INTO ${into} VALUES ${marks}`, rows);
}
