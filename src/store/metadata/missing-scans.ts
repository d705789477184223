import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** A manifest of a repository, and whether it is an image of which nobody asked for a scan. */
export interface ScannedManifest {
  /** Number of the repository. */
  readonly repository: number;
  readonly name: string;
  readonly digest: Digest;
  /** 1 or 0. */
  readonly missing: number;
}

/** Before all manifests. */
export const firstManifest: Pick<ScannedManifest, 'repository' | 'digest'> = { repository: 0, digest: '' as Digest };

/**
 * The next manifests after one. What was pushed just now is not missing: its scan is asked for.
 *
 * @param before milliseconds since 1970
 * @param types what images call themselves in their manifests: media types of configs
 */
export function nextManifests(
  queries: SqlQueries,
  after: Pick<ScannedManifest, 'repository' | 'digest'>,
  types: readonly [string, string],
  before: number,
  limit: number,
): Promise<readonly ScannedManifest[]> {
  return queries.all<ScannedManifest>(
    `SELECT m.repository AS repository, r.name AS name, m.digest AS digest,
      CASE WHEN m.artifact_type IN (?, ?) AND m.pushed_at < ? AND NOT EXISTS (SELECT 1 FROM scans s WHERE s.digest = m.digest) THEN 1 ELSE 0 END AS missing
      FROM manifests m JOIN repositories r ON r.id = m.repository
      WHERE (m.repository, m.digest) > (?, ?) ORDER BY m.repository, m.digest LIMIT ?`,
    ...types,
    before,
    after.repository,
    after.digest,
    limit,
  );
}

/** Scans after one that wait since before a time, and that could have begun: their jobs may be lost. */
export function forgottenScans(
  queries: SqlQueries,
  after: number,
  before: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly digest: Digest }[]> {
  return queries.all<{ id: number; digest: Digest }>(
    `SELECT id, digest FROM scans WHERE state = 'waiting' AND updated_at < ? AND retry_at < ? AND id > ? ORDER BY id LIMIT ?`,
    before,
    before,
    after,
    limit,
  );
}
