import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';

/** A blob as its repository shows it. */
export interface BlobRecord {
  readonly size: number;
  /** The bytes themselves, where they are few enough to lie in the database. */
  readonly content: Uint8Array | null;
  readonly usedAt: number;
}

/** A blob of a repository; undefined while its bytes are known to be damaged, too, so that clients push it again. */
export function findBlob(queries: SqlQueries, repository: string, digest: Digest): Promise<BlobRecord | undefined> {
  return queries.get<BlobRecord>(
    `SELECT b.size AS size, c.content AS content, l.used_at AS "usedAt"
      FROM repositories r JOIN repository_blobs l ON l.repository = r.id
      JOIN blobs b ON b.digest = l.digest LEFT JOIN blob_contents c ON c.digest = b.digest
      WHERE r.name = ? AND l.digest = ? AND b.damaged = 0`,
    repository,
    digest,
  );
}

/** The bytes of a blob that lies in the database, whoever may see it; undefined when it lies in the blob store. */
export async function blobContent(queries: SqlQueries, digest: Digest): Promise<Uint8Array | undefined> {
  const sql = 'SELECT content FROM blob_contents WHERE digest = ?';
  return (await queries.get<{ content: Uint8Array }>(sql, digest))?.content;
}

/** The size of a blob, whoever may see it; 0 when there is none. */
export async function blobSize(queries: SqlQueries, digest: Digest): Promise<number> {
  return (await queries.get<{ size: number }>('SELECT size FROM blobs WHERE digest = ?', digest))?.size ?? 0;
}

/** Names of repositories that hold a blob, for mounting it from any of them. */
export async function findHolders(queries: SqlQueries, digest: Digest, limit: number): Promise<readonly string[]> {
  const sql = `SELECT r.name AS name FROM repository_blobs l JOIN repositories r ON r.id = l.repository
    WHERE l.digest = ? ORDER BY l.repository LIMIT ?`;
  return (await queries.all<{ name: string }>(sql, digest, limit)).map(({ name }) => name);
}

/** What whoever stores bytes was promised when they claimed the digest, and shows again when they are stored. */
export interface BlobClaim {
  /** The row that was claimed, told from a later one of the same digest. */
  readonly storedAt: number;
  /** When the bytes that are there were found to be damaged, so that new ones must take their place; else 0. */
  readonly damagedAt: number;
}

interface ClaimRow {
  readonly storedAt: number;
  readonly deleting: number;
  readonly damagedAt: number;
}

/**
 * Says that a blob is about to be put into the blob store, so that garbage collection leaves its bytes alone until `used_at` is
 * old again. Undefined while the bytes are being removed: wait until that is over.
 */
export async function claimBlob(
  queries: SqlQueries,
  digest: Digest,
  size: number,
  now: number,
): Promise<BlobClaim | undefined> {
  const row = await claimRow(queries, digest);
  if (row === undefined) {
    // Nothing links to the row before the bytes are there.
    await insertBlob(queries, { digest, size, stored: 1 }, now);
    return { storedAt: now, damagedAt: 0 };
  }
  if (row.deleting > 0) return undefined;
  await queries.run('UPDATE blobs SET used_at = ?, stored = 1 WHERE digest = ?', now, digest);
  return { storedAt: row.storedAt, damagedAt: row.damagedAt };
}

/**
 * Says that the bytes of a claim are in the blob store now, in the transaction that links to them. False when they may have been
 * removed since (the claim is older than the lease), or were found to be damaged: claim and store them again.
 */
export async function confirmBlob(
  queries: SqlQueries,
  digest: Digest,
  claim: BlobClaim,
  now: number,
): Promise<boolean> {
  const row = await claimRow(queries, digest);
  if (row === undefined || row.deleting > 0 || row.storedAt !== claim.storedAt) return false;
  // Whoever claimed it before the damage was known may have found bytes there and kept those.
  if (row.damagedAt > 0 && row.damagedAt !== claim.damagedAt) return false;
  await queries.run('UPDATE blobs SET used_at = ?, damaged = 0 WHERE digest = ?', now, digest);
  if (row.damagedAt > 0) await queries.run('DELETE FROM blob_contents WHERE digest = ?', digest);
  return true;
}

/** Keeps a small blob in the database. False while a larger one of the same digest is being removed. */
export async function storeContent(
  queries: SqlQueries,
  digest: Digest,
  content: Uint8Array,
  now: number,
): Promise<boolean> {
  const row = await claimRow(queries, digest);
  if (row === undefined) {
    await insertBlob(queries, { digest, size: content.length, stored: 0 }, now);
  } else if (row.deleting > 0) {
    return false;
  } else {
    await queries.run('UPDATE blobs SET used_at = ?, damaged = 0 WHERE digest = ?', now, digest);
    if (row.damagedAt > 0) await queries.run('DELETE FROM blob_contents WHERE digest = ?', digest);
  }
  const sql = 'INSERT INTO blob_contents (digest, content) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING';
  await queries.run(sql, digest, content);
  return true;
}

async function insertBlob(
  queries: SqlQueries,
  { digest, size, stored }: { readonly digest: Digest; readonly size: number; readonly stored: 0 | 1 },
  now: number,
): Promise<void> {
  await queries.run(
    `INSERT INTO blobs (digest, size, stored, stored_at, used_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (digest) DO NOTHING`,
    digest,
    size,
    stored,
    now,
    now,
  );
}

function claimRow(queries: SqlQueries, digest: Digest): Promise<ClaimRow | undefined> {
  const sql = 'SELECT stored_at AS "storedAt", deleting, damaged AS "damagedAt" FROM blobs WHERE digest = ?';
  return queries.get<ClaimRow>(sql, digest);
}

/**
 * Makes a blob one of a repository, or renews its lease there. False when it is not there, or damaged: who mounts it has to push
 * it.
 */
export async function linkBlob(queries: SqlQueries, repository: number, digest: Digest, now: number): Promise<boolean> {
  const sql = 'UPDATE blobs SET used_at = ? WHERE digest = ? AND deleting = 0 AND damaged = 0';
  if ((await queries.run(sql, now, digest)) === 0) return false;
  await addLink(queries, repository, digest, now);
  return true;
}

/** Makes a blob one of a repository that was stored or confirmed in this transaction, or renews its lease there. */
export async function addLink(queries: SqlQueries, repository: number, digest: Digest, now: number): Promise<void> {
  await queries.run(
    `INSERT INTO repository_blobs (repository, digest, used_at) VALUES (?, ?, ?)
      ON CONFLICT (repository, digest) DO UPDATE SET used_at = excluded.used_at`,
    repository,
    digest,
    now,
  );
}

/** Renews the lease of a blob that a client asked for: it will name it in a manifest soon. False when it is not there any more. */
export async function renewLease(
  queries: SqlQueries,
  repository: string,
  digest: Digest,
  now: number,
): Promise<boolean> {
  const changed = await queries.run(
    `UPDATE repository_blobs SET used_at = ?
      WHERE digest = ? AND repository = (SELECT id FROM repositories WHERE name = ?)`,
    now,
    digest,
    repository,
  );
  return changed > 0;
}

/** The digests among these that a repository has as blobs, whole ones. */
export async function blobsThere(
  queries: SqlQueries,
  repository: number,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const rows = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT l.digest AS digest FROM repository_blobs l JOIN blobs b ON b.digest = l.digest
      WHERE l.repository = ? AND l.digest IN (${list}) AND b.damaged = 0`,
    [repository],
    digests,
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** What a blob is to a manifest that keeps it from being deleted; undefined when none does. */
export async function manifestUsing(
  queries: SqlQueries,
  repository: number,
  digest: Digest,
): Promise<string | undefined> {
  const sql = 'SELECT manifest FROM manifest_links WHERE repository = ? AND target = ? LIMIT 1';
  return (await queries.get<{ manifest: string }>(sql, repository, digest))?.manifest;
}

/** Takes a blob from a repository; false when it has none. Its bytes go when no other repository has it. */
export async function unlinkBlob(queries: SqlQueries, repository: number, digest: Digest): Promise<boolean> {
  const sql = 'DELETE FROM repository_blobs WHERE repository = ? AND digest = ?';
  return (await queries.run(sql, repository, digest)) > 0;
}
