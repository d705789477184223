import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** What the registry itself attached to an image. */
export interface ScanAttachment {
  readonly kind: string;
  /** Of the manifest. */
  readonly digest: Digest;
  /** Of the manifest and what it brought. */
  readonly bytes: number;
  /** Names what it was made of: while that is the same, it is still true. */
  readonly mark: string;
}

/** What is attached to an image of a repository. */
export function findAttachments(
  queries: SqlQueries,
  repository: number,
  scan: number,
): Promise<readonly ScanAttachment[]> {
  return queries.all<ScanAttachment>(
    'SELECT kind, digest, bytes, mark FROM scan_attachments WHERE repository = ? AND scan = ?',
    repository,
    scan,
  );
}

/** Records what was attached, in the place of what was before. */
export async function putAttachment(
  queries: SqlQueries,
  repository: number,
  scan: number,
  { kind, digest, bytes, mark }: ScanAttachment,
): Promise<void> {
  await queries.run(
    `INSERT INTO scan_attachments (repository, scan, kind, digest, bytes, mark) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (repository, scan, kind) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes, mark = excluded.mark`,
    repository,
    scan,
    kind,
    digest,
    bytes,
    mark,
  );
}

/** Repositories that have an image. */
export function repositoriesOf(
  queries: SqlQueries,
  digest: Digest,
  limit: number,
): Promise<
  readonly { readonly id: number; readonly name: string; readonly mediaType: string; readonly size: number }[]
> {
  return queries.all<{ id: number; name: string; mediaType: string; size: number }>(
    `SELECT r.id AS id, r.name AS name, m.media_type AS "mediaType", m.size AS size FROM manifests m
      JOIN repositories r ON r.id = m.repository WHERE m.digest = ? ORDER BY r.id LIMIT ?`,
    digest,
    limit,
  );
}

/** Scanned images after one of them, to which something may have to be attached. */
export function scannedImages(
  queries: SqlQueries,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly digest: Digest }[]> {
  return queries.all<{ id: number; digest: Digest }>(
    `SELECT s.id AS id, s.digest AS digest FROM scan_evidence e JOIN scans s ON s.id = e.scan
      WHERE e.scan > ? ORDER BY e.scan LIMIT ?`,
    after,
    limit,
  );
}
