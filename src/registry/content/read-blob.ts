import type { Digest } from '../../oci/digest.ts';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import { type BlobRecord, findBlob, renewLease } from '../../store/metadata/blobs.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { StoreError } from '../../store/error.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Content } from './content.ts';

/**
 * A blob of a repository.
 *
 * @throws RegistryError BLOB_UNKNOWN
 */
export async function requireBlob({ database }: Content, repository: string, digest: Digest): Promise<BlobRecord> {
  const record = await findBlob(database, repository, digest);
  if (record !== undefined) return record;
  throw new RegistryError('BLOB_UNKNOWN', 'This repository has no such blob', { detail: { digest } });
}

/**
 * Opens its bytes, wherever they lie.
 *
 * @throws RegistryError BLOB_UNKNOWN when it was taken away since its record was read
 */
export async function openRecord(
  content: Content,
  repository: string,
  digest: Digest,
  record: BlobRecord,
): Promise<OpenBlob> {
  if (record.content !== null) return memoryBlob(record.content);
  const open = await content.blobs.open(digest);
  if (open !== undefined) return open;
  // They may have been removed, and even pushed again, between the two looks.
  const again = await requireBlob(content, repository, digest);
  if (again.content !== null) return memoryBlob(again.content);
  const opened = await content.blobs.open(digest);
  if (opened !== undefined) return opened;
  throw new StoreError('STORE_DAMAGED', `The bytes of ${digest} are gone; scrub the registry`);
}

/**
 * Keeps a blob for somebody who asked whether it is there: they will not push it, and name it soon. A write for each question
 * would be too many, so at least three quarters of the lease are left.
 *
 * @throws RegistryError BLOB_UNKNOWN when it was taken away since its record was read
 */
export async function keepLease(
  content: Content,
  repository: string,
  digest: Digest,
  { usedAt }: BlobRecord,
): Promise<void> {
  const now = content.now();
  if (now - usedAt < limits.lease / 4) return;
  const renew = (queries: SqlQueries): Promise<boolean> => renewLease(queries, repository, digest, now);
  if (await content.database.transaction(renew, { durable: false })) return;
  // It was taken away since it was found, and may have been pushed again.
  await requireBlob(content, repository, digest);
}

/** Bytes that are at hand, as a store gives them. */
export function memoryBlob(content: Uint8Array): OpenBlob {
  return {
    size: content.length,
    // oxlint-disable-next-line require-await -- a generator like those of the stores
    async *read(range) {
      const part = range === undefined ? content : content.subarray(range.start, range.end + 1);
      if (part.length > 0) yield part;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
