import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';

/**
 * What garbage collection asks and does. It looks through the tables in stretches of bounded length, each after the one before
 * and each from an index, outside transactions; what it found is looked at again where it is changed, in small transactions.
 */

/** A blob that nothing names any more. */
export interface GarbageBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** A blob of a repository. */
export interface LinkKey {
  readonly repository: number;
  readonly digest: string;
}

/** A stretch of a table: its rows after one key, up to another. */
export interface Stretch<Key> {
  readonly after: Key;
  readonly last: Key;
  readonly rows: number;
}

/** Before all links. */
export const firstLink: LinkKey = { repository: 0, digest: '' };

/** The next links of repositories to blobs; undefined when there are none. */
export async function nextLinks(
  queries: SqlQueries,
  after: LinkKey,
  length: number,
): Promise<Stretch<LinkKey> | undefined> {
  const row = await queries.get<LinkKey & { rows: number }>(
    `SELECT repository, digest, COUNT(*) OVER () AS rows FROM (
        SELECT repository, digest FROM repository_blobs WHERE (repository, digest) > (?, ?)
        ORDER BY repository, digest LIMIT ?) AS stretch
      ORDER BY repository DESC, digest DESC LIMIT 1`,
    after.repository,
    after.digest,
    length,
  );
  if (row === undefined) return undefined;
  return { after, last: { repository: row.repository, digest: row.digest }, rows: row.rows };
}

const unnamed = `NOT EXISTS (
  SELECT 1 FROM manifest_links m WHERE m.repository = repository_blobs.repository AND m.target = repository_blobs.digest)`;

/** Links of a stretch that no manifest of their repository needs, and that no client used since a time. */
export function unusedLinks(
  queries: SqlQueries,
  { after, last }: Stretch<LinkKey>,
  before: number,
): Promise<readonly LinkKey[]> {
  return queries.all<LinkKey>(
    `SELECT repository, digest FROM repository_blobs
      WHERE (repository, digest) > (?, ?) AND (repository, digest) <= (?, ?) AND used_at < ? AND ${unnamed}`,
    after.repository,
    after.digest,
    last.repository,
    last.digest,
    before,
  );
}

/** Takes blobs from a repository that are still unused, and gives their number. */
export async function unlinkUnused(
  queries: SqlQueries,
  repository: number,
  digests: readonly string[],
  before: number,
): Promise<number> {
  const gone = await inList(
    queries,
    (list) => `DELETE FROM repository_blobs WHERE repository = ? AND used_at < ? AND digest IN (${list}) AND ${unnamed}
      RETURNING digest`,
    [repository, before],
    digests,
  );
  return gone.length;
}

/** The next blobs by their digests; undefined when there are none. */
export async function nextBlobs(
  queries: SqlQueries,
  after: string,
  length: number,
): Promise<Stretch<string> | undefined> {
  const row = await queries.get<{ last: string | null; rows: number }>(
    `SELECT MAX(digest) AS last, COUNT(*) AS rows FROM (
      SELECT digest FROM blobs WHERE digest > ? ORDER BY digest LIMIT ?) AS stretch`,
    after,
    length,
  );
  if (row === undefined || row.last === null) return undefined;
  return { after, last: row.last, rows: row.rows };
}

const unreferenced = `NOT EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = blobs.digest)
  AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = blobs.digest)`;

/** Blobs of a stretch that no repository has, as blob or as manifest, and that nobody claimed since a time. */
export function unreferencedBlobs(
  queries: SqlQueries,
  { after, last }: Stretch<string>,
  before: number,
): Promise<readonly GarbageBlob[]> {
  return queries.all<GarbageBlob>(
    `SELECT digest, size FROM blobs
      WHERE digest > ? AND digest <= ? AND used_at < ? AND deleting = 0 AND ${unreferenced}`,
    after,
    last,
    before,
  );
}

/** Those of a stretch that would be unreferenced if all unused links were gone: what a collection would take, without one. */
export function wouldBeUnreferenced(
  queries: SqlQueries,
  { after, last }: Stretch<string>,
  before: number,
): Promise<readonly GarbageBlob[]> {
  return queries.all<GarbageBlob>(
    `SELECT digest, size FROM blobs
      WHERE digest > ? AND digest <= ? AND used_at < ? AND deleting = 0
        AND NOT EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = blobs.digest AND (l.used_at >= ? OR EXISTS (
          SELECT 1 FROM manifest_links t WHERE t.repository = l.repository AND t.target = l.digest)))
        AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = blobs.digest)`,
    after,
    last,
    before,
    before,
  );
}

/** What became of unreferenced blobs. */
export interface SweptBlobs {
  /** Gone, since their bytes lay in the database. */
  readonly gone: readonly GarbageBlob[];
  /** Marked: nothing can link to them, nor store them anew, until their bytes are removed and they are forgotten. */
  readonly marked: readonly GarbageBlob[];
}

/** Removes blobs that are still unreferenced, or marks them where bytes have to be removed first. */
export async function sweepBlobs(
  queries: SqlQueries,
  digests: readonly string[],
  before: number,
  mark: number,
): Promise<SweptBlobs> {
  const gone = await inList<GarbageBlob>(
    queries,
    (list) => `DELETE FROM blobs WHERE used_at < ? AND digest IN (${list}) AND deleting = 0 AND stored = 0
      AND ${unreferenced} RETURNING digest, size`,
    [before],
    digests,
  );
  await dropContents(queries, gone);
  const marked = await inList<GarbageBlob>(
    queries,
    (list) => `UPDATE blobs SET deleting = ? WHERE used_at < ? AND digest IN (${list}) AND deleting = 0 AND stored = 1
      AND ${unreferenced} RETURNING digest, size`,
    [mark, before],
    digests,
  );
  return { gone, marked };
}

/** Marks blobs anew that were marked before a time and are still there: whoever marked them did not come to remove them. */
export async function takeOverMarked(
  queries: SqlQueries,
  before: number,
  limit: number,
  mark: number,
): Promise<readonly GarbageBlob[]> {
  const found = await queries.all<{ digest: string }>(
    'SELECT digest FROM blobs WHERE deleting > 0 AND deleting < ? ORDER BY deleting LIMIT ?',
    before,
    limit,
  );
  return inList<GarbageBlob>(
    queries,
    (list) => `UPDATE blobs SET deleting = ? WHERE deleting > 0 AND deleting < ? AND digest IN (${list})
      RETURNING digest, size`,
    [mark, before],
    found.map(({ digest }) => digest),
  );
}

/** Number and bytes of the blobs that could be taken over. */
export async function countMarked(
  queries: SqlQueries,
  before: number,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const row = await queries.get<{ blobs: number; bytes: number }>(
    `SELECT COUNT(*) AS blobs, COALESCE(SUM(size), 0) AS bytes FROM blobs
      WHERE deleting > 0 AND deleting < ?`,
    before,
  );
  return row ?? { blobs: 0, bytes: 0 };
}

/** Forgets blobs of a mark, whose bytes are removed. Gives those that were still marked so. */
export async function forgetMarked(
  queries: SqlQueries,
  digests: readonly string[],
  mark: number,
): Promise<ReadonlySet<string>> {
  const gone = await inList<GarbageBlob>(
    queries,
    (list) => `DELETE FROM blobs WHERE deleting > 0 AND deleting = ? AND digest IN (${list}) RETURNING digest, size`,
    [mark],
    digests,
  );
  await dropContents(queries, gone);
  return new Set(gone.map(({ digest }) => digest));
}

/** Gives blobs of a mark back to whoever pushes them, since nobody began to remove their bytes. */
export async function releaseMarked(queries: SqlQueries, digests: readonly string[], mark: number): Promise<void> {
  const sql = (list: string): string =>
    `UPDATE blobs SET deleting = 0 WHERE deleting = ? AND digest IN (${list}) RETURNING digest`;
  await inList(queries, sql, [mark], digests);
}

async function dropContents(queries: SqlQueries, blobs: readonly GarbageBlob[]): Promise<void> {
  await inList(
    queries,
    (list) => `DELETE FROM blob_contents WHERE digest IN (${list}) RETURNING digest`,
    [],
    blobs.map(({ digest }) => digest),
  );
}
