import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

interface ReferrerRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | null;
  readonly annotations: string | null;
}

const columns = 'digest, media_type AS "mediaType", size, artifact_type AS "artifactType", annotations';

/** Manifests whose subject is a digest, after one of them, in the order of their digests: from an index alone. */
export async function listReferrers(
  queries: SqlQueries,
  repository: number,
  { subject, artifactType, after, limit }: ReferrerQuery,
): Promise<readonly Descriptor[]> {
  const rows =
    artifactType === undefined
      ? await queries.all<ReferrerRow>(
          `SELECT ${columns} FROM manifests WHERE repository = ? AND subject = ? AND digest > ? ORDER BY digest LIMIT ?`,
          repository,
          subject,
          after,
          limit,
        )
      : await queries.all<ReferrerRow>(
          `SELECT ${columns} FROM manifests WHERE repository = ? AND subject = ? AND artifact_type = ? AND digest > ?
            ORDER BY digest LIMIT ?`,
          repository,
          subject,
          artifactType,
          after,
          limit,
        );
  return rows.map(descriptorOf);
}

/** Which referrers to list. */
export interface ReferrerQuery {
  readonly subject: Digest;
  readonly artifactType: string | undefined;
  /** The last digest of the page before, or an empty text. */
  readonly after: string;
  readonly limit: number;
}

function descriptorOf({ digest, mediaType, size, artifactType, annotations }: ReferrerRow): Descriptor {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === null ? {} : { artifactType }),
    ...(annotations === null ? {} : { annotations: JSON.parse(annotations) as Record<string, string> }),
  };
}
