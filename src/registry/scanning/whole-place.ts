import type { Digest } from '../../oci/digest.ts';
import { findBlob } from '../../store/metadata/blobs.ts';
import type { SqlQueries } from '../../store/sql/database.ts';

/** The first of some repositories that holds all of some blobs, so that nobody else is waited for; undefined when none does. @throws StoreError */
export async function wholePlace(
  queries: SqlQueries,
  repositories: Iterable<string>,
  blobs: ReadonlySet<Digest>,
): Promise<string | undefined> {
  for (const repository of repositories) {
    if (await holdsAll(queries, repository, blobs)) return repository;
  }
  return undefined;
}

async function holdsAll(queries: SqlQueries, repository: string, blobs: ReadonlySet<Digest>): Promise<boolean> {
  for (const digest of blobs) {
    if ((await findBlob(queries, repository, digest)) === undefined) return false;
  }
  return true;
}
