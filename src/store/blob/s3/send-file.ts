import { type FileHandle, open } from 'node:fs/promises';
import { mapBounded } from '../../../base/concurrency.ts';
import { StoreError } from '../../error.ts';
import { fileWidth, maxParts } from './limits.ts';
import { abortMultipart, beginMultipart, completeMultipart, sendPart } from './multipart.ts';
import { putObject } from './objects.ts';
import type { Sending } from './sending.ts';

/** Sends a file as one object, which is seen when it is whole; see `BlobStore.putFile`. It takes the place of what is there. */
export async function sendFile(
  { client, joins }: Sending,
  partBytes: number,
  key: string,
  { path, size }: { readonly path: string; readonly size: number },
): Promise<void> {
  const file = await open(path, 'r');
  try {
    const found = (await file.stat()).size;
    if (found !== size) throw changed(found, size);
    if (size <= partBytes) return await joins.run(async () => putObject(client, key, [await piece(file, 0, size)]));
    const length = Math.max(partBytes, Math.ceil(size / maxParts));
    const starts = Array.from({ length: Math.ceil(size / length) }, (_, at) => at * length);
    const uploadId = await beginMultipart(client, key);
    try {
      // The memory of parts is bounded for all files together.
      const parts = await mapBounded(starts, fileWidth, (start, at) =>
        joins.run(async () => {
          const bytes = await piece(file, start, Math.min(length, size - start));
          return sendPart(client, key, uploadId, at + 1, [bytes]);
        }),
      );
      await completeMultipart(client, key, uploadId, parts);
    } catch (error) {
      await abortMultipart(client, key, uploadId).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function piece(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) throw changed(start + at, start + length);
    at += bytesRead;
  }
  return bytes;
}

function changed(found: number, size: number): StoreError {
  const sentence = `a file of ${found} bytes was to be kept where ${size} were announced; give the same again`;
  return new StoreError('STORE_DAMAGED', sentence);
}
