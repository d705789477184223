import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { findRepository } from './repositories.ts';

/** All of one repository, for deciding what goes. */
export interface StoredRepository {
  readonly tags: readonly {
    readonly name: string;
    readonly digest: Digest;
    readonly pushedAt: number;
    readonly pulledAt: number | null;
  }[];
  readonly manifests: readonly {
    readonly digest: Digest;
    readonly size: number;
    readonly pushedAt: number;
    readonly pulledAt: number | null;
    readonly subject: Digest | null;
  }[];
  /** What manifests name; blobs with their size. */
  readonly links: readonly {
    readonly manifest: Digest;
    readonly target: Digest;
    readonly kind: 'blob' | 'manifest';
    readonly size: number | null;
  }[];
}

/** Rows of one part of a repository that are held at once; more is an error of its caller's making. */
const most = 5_000_000;

/** Reads a repository whole; undefined when it is not there. In a transaction, so that its parts fit together. */
export async function readRepository(queries: SqlQueries, name: string): Promise<StoredRepository | undefined> {
  const repository = await findRepository(queries, name);
  if (repository === undefined) return undefined;
  const tags = await queries.all<StoredRepository['tags'][number]>(
    `SELECT name, digest, pushed_at AS "pushedAt", pulled_at AS "pulledAt" FROM tags WHERE repository = ? LIMIT ?`,
    repository,
    most,
  );
  const manifests = await queries.all<StoredRepository['manifests'][number]>(
    `SELECT digest, size, pushed_at AS "pushedAt", pulled_at AS "pulledAt", subject FROM manifests
      WHERE repository = ? LIMIT ?`,
    repository,
    most,
  );
  const links = await queries.all<StoredRepository['links'][number]>(
    `SELECT l.manifest AS manifest, l.target AS target, l.kind AS kind, b.size AS size
      FROM manifest_links l LEFT JOIN blobs b ON b.digest = l.target AND l.kind = 'blob' WHERE l.repository = ? LIMIT ?`,
    repository,
    most,
  );
  return { tags, manifests, links };
}
