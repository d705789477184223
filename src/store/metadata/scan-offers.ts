import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** A manifest that somebody wants to push, and that is scanned before it is kept. */
export interface OfferedManifest {
  readonly digest: Digest;
  readonly repository: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** Remembers an offer for its scan; the same again makes it last longer. */
export async function offerManifest(queries: SqlQueries, offer: OfferedManifest, now: number): Promise<void> {
  await queries.run(
    `INSERT INTO scan_offers (digest, repository, media_type, offered_at, content) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (digest) DO UPDATE SET repository = excluded.repository, offered_at = excluded.offered_at`,
    offer.digest,
    offer.repository,
    offer.mediaType,
    now,
    offer.content,
  );
}

/** An offer; undefined when there is none. */
export function findOffer(queries: SqlQueries, digest: Digest): Promise<OfferedManifest | undefined> {
  const sql = 'SELECT digest, repository, media_type AS "mediaType", content FROM scan_offers WHERE digest = ?';
  return queries.get<OfferedManifest & Record<never, never>>(sql, digest);
}

/** Forgets offers that were made before a time. */
export async function removeOffers(queries: SqlQueries, before: number): Promise<void> {
  await queries.run('DELETE FROM scan_offers WHERE offered_at < ?', before);
}
