import { mapBounded } from '../../../base/concurrency.ts';
import type { Digest } from '../../../oci/digest.ts';
import { StoreError } from '../../error.ts';
import type { KeepOptions, UploadState } from '../blob-store.ts';
import { checkUpload, uploadConflict } from '../check-upload.ts';
import type { S3Client } from './client.ts';
import { isAbsent } from './failure.ts';
import type { Keys } from './keys.ts';
import { width } from './limits.ts';
import { abortMultipart, beginMultipart, completeMultipart, copyPart, sendPart } from './multipart.ts';
import { copyObject, deleteObject, listObjects, putObject, sizeOfObject } from './objects.ts';
import { type Pieces, readPieces, restBytes } from './pieces.ts';
import { getRest } from './rest.ts';
import type { Sending } from './sending.ts';

/** Makes an upload a blob; see `BlobStore.commit`. The store copies whole parts itself, and shows the blob when it is whole. */
export async function commitPieces(
  sending: Sending,
  partBytes: number,
  upload: UploadState,
  digest: Digest,
  { replace = false }: KeepOptions,
): Promise<void> {
  const { client, keys } = sending;
  const key = keys.blob(digest);
  const pieces = readPieces(upload, partBytes);
  // One of another size is damaged: this one takes its place.
  if (replace || (await sizeOfObject(client, key)) !== upload.offset) {
    try {
      await assemble(sending, upload.id, pieces, key);
    } catch (error) {
      // Another commit of the same may have been faster, and have removed the pieces.
      const isOver = error instanceof StoreError && error.code === 'UPLOAD_CONFLICT';
      if (!isOver || replace || (await sizeOfObject(client, key)) !== upload.offset) throw error;
    }
  }
  // The blob is kept; what cannot be removed now is found later.
  await removePieces(client, keys, upload.id).catch(() => undefined);
}

/** Throws an upload away; see `BlobStore.abort`. */
export async function abortPieces(client: S3Client, keys: Keys, upload: UploadState): Promise<void> {
  checkUpload(upload);
  await removePieces(client, keys, upload.id);
}

async function assemble(sending: Sending, id: string, pieces: Pieces, key: string): Promise<void> {
  const { client, keys, joins } = sending;
  const { whole, rest } = pieces;
  const only = whole.length + rest.length === 1 ? (whole[0] ?? rest[0]?.[0]) : undefined;
  if (only !== undefined) return await ofUpload(id, copyObject(client, keys.piece(id, only), key));
  const joined = <Result>(send: (bytes: readonly Uint8Array[]) => Promise<Result>): Promise<Result> =>
    joins.run(async () => send(await getRest(client, keys, id, pieces)));
  if (whole.length === 0) return await joined((bytes) => putObject(client, key, bytes));
  const uploadId = await beginMultipart(client, key);
  try {
    const parts = await mapBounded(whole, width, (token, at) =>
      ofUpload(id, copyPart(client, key, uploadId, at + 1, keys.piece(id, token))),
    );
    if (restBytes(pieces) > 0) {
      parts.push(await joined((bytes) => sendPart(client, key, uploadId, whole.length + 1, bytes)));
    }
    await completeMultipart(client, key, uploadId, parts);
  } catch (error) {
    await abortMultipart(client, key, uploadId).catch(() => undefined);
    // The answer to an earlier try may have been lost.
    if (isAbsent(error)) throw uploadConflict(id);
    throw error;
  }
}

/** A piece that is not there means that the upload is over. */
async function ofUpload<Result>(id: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw isAbsent(error) ? uploadConflict(id) : error;
  }
}

async function removePieces(client: S3Client, keys: Keys, id: string): Promise<void> {
  const found: string[] = [];
  for await (const { key } of listObjects(client, keys.upload(id))) found.push(key);
  await mapBounded(found, width, (key) => deleteObject(client, key));
}
