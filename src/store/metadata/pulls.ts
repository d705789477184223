import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** Somebody fetched a manifest. */
export interface Pull {
  readonly repository: string;
  readonly digest: Digest;
  /** The tag that it was asked for by, if it was. */
  readonly tag: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Writes down when a manifest, and a tag that names it, was pulled last. Times never go back. */
export async function markPulled(queries: SqlQueries, { repository, digest, tag, at }: Pull): Promise<void> {
  await queries.run(
    `UPDATE manifests SET pulled_at = ? WHERE repository = (SELECT id FROM repositories WHERE name = ?)
      AND digest = ? AND (pulled_at IS NULL OR pulled_at < ?)`,
    at,
    repository,
    digest,
    at,
  );
  if (tag === undefined) return;
  await queries.run(
    `UPDATE tags SET pulled_at = ? WHERE repository = (SELECT id FROM repositories WHERE name = ?)
      AND name = ? AND digest = ? AND (pulled_at IS NULL OR pulled_at < ?)`,
    at,
    repository,
    tag,
    digest,
    at,
  );
}
