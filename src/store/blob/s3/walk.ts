import { mapBounded } from '../../../base/concurrency.ts';
import type { StoredBlob } from '../blob-store.ts';
import type { S3Client } from './client.ts';
import type { Keys } from './keys.ts';
import { width } from './limits.ts';
import { abortMultipart, listMultiparts, type PendingMultipart } from './multipart.ts';
import { deleteObject, listObjects } from './objects.ts';

/** All blobs; see `BlobStore.list`. One page of names is held at a time. */
export async function* listBlobs(
  client: S3Client,
  keys: Keys,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredBlob, void, undefined> {
  signal?.throwIfAborted();
  for await (const { key, size, modified } of listObjects(client, keys.blobs, signal)) {
    const digest = keys.blobDigest(key);
    if (digest !== undefined) yield { digest, size, modified };
  }
}

/** Removes what uploads left behind, and commits that did not come to their end; see `BlobStore.removeStaleUploads`. */
export async function removeStalePieces(
  client: S3Client,
  keys: Keys,
  before: number,
  known: ReadonlySet<string>,
): Promise<number> {
  const removed = new Set<string>();
  const stale: string[] = [];
  for await (const { key, modified } of listObjects(client, keys.uploads)) {
    const id = keys.uploadId(key);
    if (id === undefined || known.has(id) || modified >= before) continue;
    removed.add(id);
    stale.push(key);
  }
  await mapBounded(stale, width, (key) => deleteObject(client, key));
  const pending: PendingMultipart[] = [];
  for await (const one of listMultiparts(client, keys.blobs)) if (one.begun < before) pending.push(one);
  await mapBounded(pending, width, ({ key, uploadId }) => abortMultipart(client, key, uploadId));
  return removed.size + pending.length;
}
