import type { ManifestRecord } from './manifests.ts';
import type { SqlQueries } from '../sql/database.ts';

/** A manifest that a tag of an upstream named when it was asked last. */
export interface UpstreamTag extends ManifestRecord {
  /** When the upstream said so, and when it could not be asked since; 0 for never. */
  readonly checkedAt: number;
  readonly failedAt: number;
}

/** What a tag named last; undefined when that is not known, or its bytes are damaged. */
export function findUpstreamTag(
  queries: SqlQueries,
  repository: string,
  tag: string,
): Promise<UpstreamTag | undefined> {
  return queries.get<UpstreamTag>(
    `SELECT m.digest AS digest, m.media_type AS "mediaType", m.size AS size, m.pushed_at AS "pushedAt",
        m.pulled_at AS "pulledAt", COALESCE(u.checked_at, 0) AS "checkedAt", COALESCE(u.failed_at, 0) AS "failedAt"
      FROM repositories r JOIN tags t ON t.repository = r.id
      JOIN manifests m ON m.repository = r.id AND m.digest = t.digest JOIN blobs b ON b.digest = m.digest
      LEFT JOIN upstream_tags u ON u.repository = r.id AND u.name = t.name
      WHERE r.name = ? AND t.name = ? AND b.damaged = 0`,
    repository,
    tag,
  );
}

/** Writes down that the upstream said what a tag names. */
export async function markChecked(queries: SqlQueries, repository: number, tag: string, now: number): Promise<void> {
  await queries.run(
    `INSERT INTO upstream_tags (repository, name, checked_at) VALUES (?, ?, ?)
      ON CONFLICT (repository, name) DO UPDATE SET checked_at = excluded.checked_at, failed_at = 0`,
    repository,
    tag,
    now,
  );
}

/** Writes down that the upstream could not be asked about a tag. */
export async function markFailed(queries: SqlQueries, repository: number, tag: string, now: number): Promise<void> {
  await queries.run(
    `INSERT INTO upstream_tags (repository, name, checked_at, failed_at) VALUES (?, ?, 0, ?)
      ON CONFLICT (repository, name) DO UPDATE SET failed_at = excluded.failed_at`,
    repository,
    tag,
    now,
  );
}
/** Forgets tags that are not there any more. */
export function forgetUpstreamTags(queries: SqlQueries): Promise<number> {
  return queries.run(
    `DELETE FROM upstream_tags WHERE NOT EXISTS (
      SELECT 1 FROM tags t WHERE t.repository = upstream_tags.repository AND t.name = upstream_tags.name)`,
  );
}
