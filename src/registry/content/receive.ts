import type { Hash } from 'node:crypto';
import type { UploadState } from '../../store/blob/blob-store.ts';
import type { Content } from './content.ts';

/** Bytes of an upload that come now. */
export interface Incoming {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How many there will be, when the client says so. */
  readonly length: number | undefined;
}

/** Reads all of it, since it is small. */
export async function readAll({ chunks }: Incoming, before: Uint8Array | null): Promise<Buffer> {
  const parts = before === null ? [] : [before];
  // A chunk may use its memory again when the next is asked for.
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

/** Writes to the blob store, and hashes on the way where all before was hashed too. */
export async function receive(
  content: Content,
  upload: UploadState,
  chunks: AsyncIterable<Uint8Array>,
  algorithm: string,
  signal: AbortSignal,
): Promise<UploadState> {
  const hash = content.hashes.take(upload.id, algorithm, upload.offset);
  const hashed = hash === undefined ? chunks : hashing(chunks, hash);
  const next = await content.blobs.append(upload, hashed, { maxBytes: content.blobBytes, signal });
  if (hash !== undefined) content.hashes.put(upload.id, { algorithm, hash, offset: next.offset });
  return next;
}

/** The digest of an upload in hexadecimal: as it was computed on the way, else by reading it again. */
export async function hashOf(
  content: Content,
  upload: UploadState,
  algorithm: string,
  signal: AbortSignal,
): Promise<string> {
  const running = content.hashes.take(upload.id, algorithm, upload.offset);
  if (running !== undefined && upload.offset > 0) return running.digest('hex');
  const hash = content.hashes.take(upload.id, algorithm, 0) as Hash;
  if (upload.offset > 0) for await (const chunk of content.blobs.readUpload(upload, signal)) hash.update(chunk);
  return hash.digest('hex');
}

async function* hashing(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
