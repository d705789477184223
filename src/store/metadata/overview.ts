import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** A repository in a list of them. */
export interface RepositoryOverview {
  readonly name: string;
  readonly createdAt: number;
  readonly tags: number;
  readonly manifests: number;
  /** Of all its blobs, each counted once, and of its manifests. */
  readonly bytes: number;
  readonly pushedAt: number | null;
  readonly pulledAt: number | null;
}

/** A tag in a list of them. */
export interface TagOverview {
  readonly name: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  /** Of the manifest. */
  readonly size: number;
  readonly createdAt: number;
  readonly pushedAt: number;
  readonly pulledAt: number | null;
}

/** A manifest in a list of them. */
export interface ManifestOverview {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  readonly size: number;
  /** Of the blobs that it names itself. */
  readonly contentBytes: number;
  readonly pushedAt: number;
  readonly pulledAt: number | null;
}

/** What a registry holds in all. */
export interface StoreTotals {
  readonly repositories: number;
  readonly tags: number;
  readonly manifests: number;
  readonly blobs: number;
  /** Each blob counted once, however many repositories have it. */
  readonly bytes: number;
}

/** Repositories after a name, with how much is in them: counted anew, for pages of some hundred. */
export function repositoriesOverview(
  queries: SqlQueries,
  after: string,
  limit: number,
): Promise<readonly RepositoryOverview[]> {
  return queries.all<RepositoryOverview>(
    `SELECT r.name AS name, r.created_at AS "createdAt",
      (SELECT COUNT(*) FROM tags t WHERE t.repository = r.id) AS tags,
      (SELECT COUNT(*) FROM manifests m WHERE m.repository = r.id) AS manifests,
      (SELECT COALESCE(SUM(b.size), 0) FROM repository_blobs l JOIN blobs b ON b.digest = l.digest
        WHERE l.repository = r.id) + (SELECT COALESCE(SUM(m.size), 0) FROM manifests m WHERE m.repository = r.id) AS bytes,
      (SELECT MAX(m.pushed_at) FROM manifests m WHERE m.repository = r.id) AS "pushedAt",
      (SELECT MAX(m.pulled_at) FROM manifests m WHERE m.repository = r.id) AS "pulledAt"
      FROM repositories r WHERE r.name > ? ORDER BY r.name LIMIT ?`,
    after,
    limit,
  );
}

/** Tags of a repository after a name. */
export function tagsOverview(
  queries: SqlQueries,
  repository: number,
  after: string,
  limit: number,
): Promise<readonly TagOverview[]> {
  return queries.all<TagOverview>(
    `SELECT t.name AS name, t.digest AS digest, m.media_type AS "mediaType", m.artifact_type AS "artifactType",
      m.size AS size, t.created_at AS "createdAt", t.pushed_at AS "pushedAt", t.pulled_at AS "pulledAt"
      FROM tags t JOIN manifests m ON m.repository = t.repository AND m.digest = t.digest
      WHERE t.repository = ? AND t.name > ? ORDER BY t.name LIMIT ?`,
    repository,
    after,
    limit,
  );
}

/** Manifests of a repository after a digest. */
export function manifestsOverview(
  queries: SqlQueries,
  repository: number,
  after: string,
  limit: number,
): Promise<readonly ManifestOverview[]> {
  return queries.all<ManifestOverview>(
    `SELECT m.digest AS digest, m.media_type AS "mediaType", m.artifact_type AS "artifactType", m.subject AS subject,
      m.size AS size, m.pushed_at AS "pushedAt", m.pulled_at AS "pulledAt",
      (SELECT COALESCE(SUM(b.size), 0) FROM manifest_links l JOIN blobs b ON b.digest = l.target
        WHERE l.repository = m.repository AND l.manifest = m.digest AND l.kind = 'blob') AS "contentBytes"
      FROM manifests m WHERE m.repository = ? AND m.digest > ? ORDER BY m.digest LIMIT ?`,
    repository,
    after,
    limit,
  );
}

/** What is held in all. It counts everything: for a page that somebody looks at, not for every request. */
export async function storeTotals(queries: SqlQueries): Promise<StoreTotals> {
  const row = await queries.get<StoreTotals>(
    `SELECT (SELECT COUNT(*) FROM repositories) AS repositories, (SELECT COUNT(*) FROM tags) AS tags,
      (SELECT COUNT(*) FROM manifests) AS manifests, (SELECT COUNT(*) FROM blobs) AS blobs,
      (SELECT COALESCE(SUM(size), 0) FROM blobs) AS bytes`,
  );
  return row as StoreTotals;
}
