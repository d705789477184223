import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import type { LinkKey, Stretch } from './garbage.ts';
import { inList } from './in-list.ts';
import type { ManifestLink } from './manifests.ts';

/** What is recorded of a blob, whoever may see it. */
export interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly storedAt: number;
  readonly usedAt: number;
  readonly deleting: number;
  readonly damagedAt: number;
  /** 1 when its bytes lie in the database, where they are read first. */
  readonly inDatabase: number;
  /** 1 when a repository has it, as a blob or a manifest. */
  readonly named: number;
}

const columns = `digest, size, stored_at AS "storedAt", used_at AS "usedAt", deleting, damaged AS "damagedAt",
  CASE WHEN EXISTS (SELECT 1 FROM blob_contents c WHERE c.digest = blobs.digest) THEN 1 ELSE 0 END AS "inDatabase",
  CASE WHEN EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = blobs.digest)
    OR EXISTS (SELECT 1 FROM manifests m WHERE m.digest = blobs.digest) THEN 1 ELSE 0 END AS named`;

/** Blobs after one, in the order of their digests. */
export function blobRows(queries: SqlQueries, after: string, limit: number): Promise<readonly BlobRow[]> {
  return queries.all<BlobRow>(`SELECT ${columns} FROM blobs WHERE digest > ? ORDER BY digest LIMIT ?`, after, limit);
}

/** One of them. */
export function blobRow(queries: SqlQueries, digest: Digest): Promise<BlobRow | undefined> {
  return queries.get<BlobRow>(`SELECT ${columns} FROM blobs WHERE digest = ?`, digest);
}

/** Names of repositories that have a blob, as a blob or a manifest. */
export async function holdersOf(queries: SqlQueries, digest: Digest, limit: number): Promise<readonly string[]> {
  const sql = `SELECT name FROM repositories WHERE id IN (
      SELECT repository FROM repository_blobs WHERE digest = ? UNION SELECT repository FROM manifests WHERE digest = ?)
    ORDER BY name LIMIT ?`;
  return (await queries.all<{ name: string }>(sql, digest, digest, limit)).map(({ name }) => name);
}

/** The digests among these that have a row. */
export async function knownBlobs(queries: SqlQueries, digests: readonly Digest[]): Promise<ReadonlySet<string>> {
  const rows = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT digest FROM blobs WHERE digest IN (${list})`,
    [],
    digests,
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** Whether there is any row: a database without one may be the wrong one. */
export async function hasBlobs(queries: SqlQueries): Promise<boolean> {
  return (await queries.get('SELECT digest FROM blobs LIMIT 1')) !== undefined;
}

/** Marks bytes that no row knows as garbage, so that no push begins to rely on them; false when they are known by now. */
export async function markOrphan(
  queries: SqlQueries,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  mark: number,
): Promise<boolean> {
  const sql = `INSERT INTO blobs (digest, size, stored, stored_at, used_at, deleting) VALUES (?, ?, 1, ?, ?, ?)
    ON CONFLICT (digest) DO NOTHING`;
  return (await queries.run(sql, digest, size, mark, mark, mark)) > 0;
}

/** Says that the bytes of a blob are damaged, unless somebody claimed or stored it since its row was read. */
export async function markDamaged(
  queries: SqlQueries,
  { digest, storedAt, usedAt }: BlobRow,
  now: number,
): Promise<boolean> {
  const sql = `UPDATE blobs SET damaged = ? WHERE digest = ? AND stored_at = ? AND used_at = ? AND deleting = 0
    AND damaged = 0`;
  return (await queries.run(sql, now, digest, storedAt, usedAt)) > 0;
}

/** Blobs of repositories, in a stretch, of which nothing else is recorded. */
export function linksWithoutBlob(
  queries: SqlQueries,
  { after, last }: Stretch<LinkKey>,
): Promise<readonly { readonly repository: string; readonly digest: Digest }[]> {
  return queries.all<{ repository: string; digest: Digest }>(
    `SELECT r.name AS repository, l.digest AS digest FROM repository_blobs l JOIN repositories r ON r.id = l.repository
      WHERE (l.repository, l.digest) > (?, ?) AND (l.repository, l.digest) <= (?, ?)
        AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.digest = l.digest)`,
    after.repository,
    after.digest,
    last.repository,
    last.digest,
  );
}

/** A manifest of a repository. */
export interface ManifestRow {
  readonly repository: number;
  readonly name: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly pushedAt: number;
}

/** Manifests after one, by repository and digest. */
export function manifestRows(queries: SqlQueries, after: LinkKey, limit: number): Promise<readonly ManifestRow[]> {
  return queries.all<ManifestRow>(
    `SELECT m.repository AS repository, r.name AS name, m.digest AS digest, m.media_type AS "mediaType",
        m.pushed_at AS "pushedAt"
      FROM manifests m JOIN repositories r ON r.id = m.repository
      WHERE (m.repository, m.digest) > (?, ?) ORDER BY m.repository, m.digest LIMIT ?`,
    after.repository,
    after.digest,
    limit,
  );
}

/** Whether a manifest is still there as it was read. */
export async function isSameManifest(
  queries: SqlQueries,
  { repository, digest, pushedAt }: ManifestRow,
): Promise<boolean> {
  const sql = 'SELECT digest FROM manifests WHERE repository = ? AND digest = ? AND pushed_at = ?';
  return (await queries.get(sql, repository, digest, pushedAt)) !== undefined;
}

/** What is recorded that a manifest names. */
export function manifestLinks(
  queries: SqlQueries,
  repository: number,
  manifest: Digest,
): Promise<readonly ManifestLink[]> {
  const sql = 'SELECT target, kind FROM manifest_links WHERE repository = ? AND manifest = ?';
  return queries.all<ManifestLink>(sql, repository, manifest);
}

/** The digests among these that a repository has as blobs, whether whole or damaged. */
export async function linkedBlobs(
  queries: SqlQueries,
  repository: number,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const rows = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT digest FROM repository_blobs WHERE repository = ? AND digest IN (${list})`,
    [repository],
    digests,
  );
  return new Set(rows.map(({ digest }) => digest));
}
