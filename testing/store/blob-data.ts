import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BlobStore, ByteRange, UploadState } from '../../src/store/blob/blob-store.ts';
import type { Digest } from '../../src/oci/digest.ts';

/** Bytes that look random and are the same each time. */
export function someBytes(length: number, seed = 'blob'): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** An upload before its first byte. */
export function newUpload(id: string): UploadState {
  return { id, offset: 0 };
}

/** Bytes in chunks of a length, all in one piece of memory that is used again, as a store's own chunks are. */
export async function* chunked(
  bytes: Uint8Array,
  size: number = 64 * 1024,
): AsyncGenerator<Uint8Array, void, undefined> {
  const memory = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    memory.set(part);
    yield memory.subarray(0, part.length);
    memory.fill(0xee);
  }
}

/** All that a stream gives; chunks are copied, since their memory may be used again. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of stream) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** The bytes of a blob, or undefined when it is not there. */
export async function readBlob(store: BlobStore, digest: Digest, range?: ByteRange): Promise<Buffer | undefined> {
  const opened = await store.open(digest);
  if (opened === undefined) return undefined;
  await using blob = opened;
  return await collect(blob.read(range));
}

/** Compares large bytes; an assertion's list of differences would take minutes. */
export function assertBytes(found: Uint8Array | undefined, expected: Uint8Array): void {
  assert.equal(found?.length, expected.length);
  assert.ok(Buffer.compare(found, expected) === 0, 'the bytes differ');
}

/** Appends bytes without a limit that matters. */
export function append(store: BlobStore, upload: UploadState, bytes: Uint8Array, size?: number): Promise<UploadState> {
  return store.append(upload, chunked(bytes, size), { maxBytes: 1e9 });
}

/** A record as it comes back from a database. */
export function stored(upload: UploadState): UploadState {
  return JSON.parse(JSON.stringify(upload)) as UploadState;
}

/** All items of a stream. */
export async function listAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
