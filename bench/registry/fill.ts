import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../src/oci/digest.ts';
import { addLink, claimBlob, storeContent } from '../../src/store/metadata/blobs.ts';
import { insertManifest } from '../../src/store/metadata/manifests.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { migrations } from '../../src/store/metadata/schema.ts';
import { setTag } from '../../src/store/metadata/tags.ts';
import type { SqlDatabase, SqlQueries } from '../../src/store/sql/database.ts';
import { migrate } from '../../src/store/sql/migrate.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';

/** Records of one transaction. */
const batch = 5000;
/** Long before any grace. */
const old: number = Date.now() - 30 * 86_400_000;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** Opens the database of a registry that does not run, with its tables. */
export async function openRecords(folder: string): Promise<SqlDatabase> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const database = await openSqliteDatabase({ path: join(folder, 'data', 'registry.db') });
  await migrate(database, migrations);
  return database;
}

/** A repository whose tags all name one manifest. */
export async function fillTags(database: SqlDatabase, repository: string, count: number): Promise<void> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, layers: [] }));
  const digest = digestOf(bytes.toString());
  await inBatches(database, count, async (queries, from, to) => {
    const id = await ensureRepository(queries, repository, old);
    if (from === 0) await addManifest(queries, id, digest, bytes);
    for (let at = from; at < to; at += 1) await setTag(queries, id, tagAt(at), digest, old);
  });
}

/** A tag by its place among the sorted ones. */
export function tagAt(at: number): string {
  return `v${String(at).padStart(7, '0')}`;
}

/** Manifests that name one subject, one in a hundred of the type `application/vnd.bench.rare`. */
export async function fillReferrers(
  database: SqlDatabase,
  repository: string,
  subject: Digest,
  count: number,
): Promise<void> {
  await inBatches(database, count, async (queries, from, to) => {
    const id = await ensureRepository(queries, repository, old);
    for (let at = from; at < to; at += 1) {
      const artifactType = at % 100 === 0 ? 'application/vnd.bench.rare' : 'application/vnd.bench.common';
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, artifactType, subject: {}, at }));
      await addManifest(queries, id, digestOf(bytes.toString()), bytes, artifactType, subject);
    }
  });
}

/**
 * Images of nine blobs and a manifest under a tag, in a hundred repositories, until there are so many blobs. Where `garbage` is
 * true, nothing names the blobs of each second image any more.
 */
export async function fillImages(database: SqlDatabase, blobs: number, garbage: boolean): Promise<void> {
  const images = Math.ceil(blobs / 10);
  await inBatches(
    database,
    images,
    async (queries, from, to) => {
      for (let at = from; at < to; at += 1) {
        const id = await ensureRepository(queries, `team-${at % 100}/app`, old);
        const digests = Array.from({ length: 9 }, (_, layer) => digestOf(`layer ${at} ${layer}`));
        const isNamed = !garbage || at % 2 === 0;
        for (const digest of digests) {
          await claimBlob(queries, digest, 10_000_000, old);
          if (isNamed) await addLink(queries, id, digest, old);
        }
        if (!isNamed) continue;
        const links = digests.map((target) => ({ target, kind: 'blob' as const }));
        const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, layers: digests }));
        const digest = digestOf(bytes.toString());
        await storeContent(queries, digest, bytes, old);
        await insertManifest(queries, id, { ...plain, digest, size: bytes.length, links }, old);
        await setTag(queries, id, `v${at}`, digest, old);
      }
    },
    batch / 10,
  );
}

const plain = { mediaType, artifactType: undefined, subject: undefined, annotations: {} } as const;

async function addManifest(
  queries: SqlQueries,
  repository: number,
  digest: Digest,
  bytes: Uint8Array,
  artifactType?: string,
  subject?: Digest,
): Promise<void> {
  await storeContent(queries, digest, bytes, old);
  const facts = { ...plain, artifactType, subject, digest, size: bytes.length, links: [] };
  await insertManifest(queries, repository, facts, old);
}

async function inBatches(
  database: SqlDatabase,
  count: number,
  work: (queries: SqlQueries, from: number, to: number) => Promise<void>,
  size: number = batch,
): Promise<void> {
  for (let at = 0; at < count; at += size) {
    await database.transaction((queries) => work(queries, at, Math.min(count, at + size)), { durable: false });
  }
}

function digestOf(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest;
}
