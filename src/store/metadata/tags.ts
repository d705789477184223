import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { countAttachment, isAttachmentTag } from './attachments.ts';

/** What a tag names, and since when. */
export interface TagRecord {
  readonly digest: Digest;
  /** When it named its present digest first, and when it was pushed last. */
  readonly createdAt: number;
  readonly pushedAt: number;
  readonly pulledAt: number | null;
}

const columns = 'digest, created_at AS "createdAt", pushed_at AS "pushedAt", pulled_at AS "pulledAt"';

/** A tag of a repository. */
export function findTag(queries: SqlQueries, repository: number, name: string): Promise<TagRecord | undefined> {
  return queries.get<TagRecord>(`SELECT ${columns} FROM tags WHERE repository = ? AND name = ?`, repository, name);
}

/** Lets a tag name a manifest that is there. Whether it may is decided before, in the same transaction. */
export async function setTag(
  queries: SqlQueries,
  repository: number,
  name: string,
  digest: Digest,
  now: number,
): Promise<void> {
  await queries.run(
    `INSERT INTO tags (repository, name, digest, created_at, pushed_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (repository, name) DO UPDATE SET
        created_at = CASE WHEN tags.digest = excluded.digest THEN tags.created_at ELSE excluded.created_at END,
        digest = excluded.digest, pushed_at = excluded.pushed_at`,
    repository,
    name,
    digest,
    now,
    now,
  );
  if (isAttachmentTag(name)) await countAttachment(queries, repository);
}

/** Takes a tag away; false when it is not there. */
export async function deleteTag(queries: SqlQueries, repository: number, name: string): Promise<boolean> {
  const gone = await queries.run('DELETE FROM tags WHERE repository = ? AND name = ?', repository, name);
  if (gone > 0 && isAttachmentTag(name)) await countAttachment(queries, repository);
  return gone > 0;
}

/** Names of a repository's tags after one, in the order of their bytes (distribution-spec, "Listing Tags"). */
export async function listTags(
  queries: SqlQueries,
  repository: number,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const sql = 'SELECT name FROM tags WHERE repository = ? AND name > ? ORDER BY name LIMIT ?';
  return (await queries.all<{ name: string }>(sql, repository, after, limit)).map(({ name }) => name);
}

/** Names of the tags that name a manifest. */
export async function tagsOf(queries: SqlQueries, repository: number, digest: Digest): Promise<readonly string[]> {
  const sql = 'SELECT name FROM tags WHERE repository = ? AND digest = ? ORDER BY name';
  return (await queries.all<{ name: string }>(sql, repository, digest)).map(({ name }) => name);
}

/**
 * The same of a manifest that is kept, and of the indexes in which it is, however many lie within each other up to a depth: whoever pulls an image of
 * several platforms by a tag gets each of them by its digest.
 */
export async function tagsAround(
  queries: SqlQueries,
  repository: number,
  digest: Digest,
  depth: number,
): Promise<readonly string[]> {
  const sql = `WITH RECURSIVE around (digest, depth) AS (
      SELECT digest, 0 FROM manifests WHERE repository = ? AND digest = ?
      UNION
      SELECT l.manifest, around.depth + 1 FROM around
        JOIN manifest_links l ON l.repository = ? AND l.target = around.digest AND l.kind = 'manifest'
        WHERE around.depth < ?)
    SELECT DISTINCT t.name AS name FROM around JOIN tags t ON t.repository = ? AND t.digest = around.digest
      ORDER BY t.name`;
  const rows = await queries.all<{ name: string }>(sql, repository, digest, repository, depth, repository);
  return rows.map(({ name }) => name);
}
