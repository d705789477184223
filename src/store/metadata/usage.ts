import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';

/** How much a repository holds. */
export interface RepositoryUsage {
  /** Of its blobs and manifests, each once. */
  readonly bytes: number;
  readonly tags: number;
}

/** Counts it, by its own rows alone. What the registry attached itself to images is nobody's. */
export async function repositoryUsage(queries: SqlQueries, repository: number): Promise<RepositoryUsage> {
  const row = await queries.get<RepositoryUsage>(
    `SELECT (SELECT COALESCE(SUM(b.size), 0) FROM repository_blobs l JOIN blobs b ON b.digest = l.digest
        WHERE l.repository = ?) + (SELECT COALESCE(SUM(size), 0) FROM manifests WHERE repository = ?)
        - (SELECT COALESCE(SUM(a.bytes), 0) FROM scan_attachments a
          JOIN manifests m ON m.repository = a.repository AND m.digest = a.digest WHERE a.repository = ?) AS bytes,
      (SELECT COUNT(*) FROM tags WHERE repository = ?) AS tags`,
    repository,
    repository,
    repository,
    repository,
  );
  return row as RepositoryUsage;
}

/** The digests among these that a repository has already, as blobs or manifests. */
export async function heldDigests(
  queries: SqlQueries,
  repository: number,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const blobs = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT digest FROM repository_blobs WHERE repository = ? AND digest IN (${list})`,
    [repository],
    digests,
  );
  const manifests = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT digest FROM manifests WHERE repository = ? AND digest IN (${list})`,
    [repository],
    digests,
  );
  return new Set([...blobs, ...manifests].map(({ digest }) => digest));
}
