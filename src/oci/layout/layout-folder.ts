import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, isDigest } from '../digest.ts';
import { OciError } from '../error.ts';
import { streamRange } from '../file-range.ts';
import { limits } from '../limits.ts';
import { readEntries } from './choose-root.ts';
import { blobPath, LayoutContent, openBlob, sizeOf, unknownBlob } from './layout-content.ts';
import { checkVersion, readIndexFile } from './open-layout.ts';

/** A layout as a whole, for who does not want one image of it. */
export interface LayoutFolder {
  /** Of `index.json`. */
  readonly entries: readonly Descriptor[];
  /** Opens each blob's file only while it is read, since there may be many. */
  readonly content: ContentSource;
  /** In bytes; undefined for blobs that are not there. */
  sizeOf(digest: Digest): number | undefined;
  /**
   * The blobs that may be JSON objects, each checked against its name; others and damaged ones are passed over.
   *
   * @param maxBytes larger ones are passed over
   * @throws OciError LIMIT_EXCEEDED for more blobs than are looked at
   */
  documents(
    maxBytes: number,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly descriptor: Descriptor; readonly bytes: Buffer }>;
}

/** Opens a layout. @throws OciError IMAGE_NOT_FOUND, LAYOUT_INVALID, LIMIT_EXCEEDED */
export function openLayoutFolder(directory: string): LayoutFolder {
  const index = readIndexFile(directory);
  checkVersion(directory);
  const blobs = new LayoutContent(directory);
  const content: ContentSource = {
    readContent: async (descriptor, maxBytes) => await blobs.readContent(descriptor, maxBytes),
    openLayer: ({ digest }, signal) => streamBlob(directory, digest, signal),
    hasBlob: (descriptor) => blobs.hasBlob(descriptor),
  };
  return {
    entries: readEntries(index),
    content,
    sizeOf: (digest) => sizeOf(blobPath(directory, digest)),
    documents: (maxBytes, signal) => documentsIn(directory, content, maxBytes, signal),
  };
}

async function* streamBlob(
  directory: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const range = openBlob(blobPath(directory, digest));
  if (range === undefined) throw unknownBlob(digest);
  try {
    yield* streamRange(range, signal);
  } finally {
    closeSync(range.fd);
  }
}

async function* documentsIn(
  directory: string,
  content: ContentSource,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly descriptor: Descriptor; readonly bytes: Buffer }> {
  const names = namesIn(join(directory, 'blobs', 'sha256'));
  if (names.length > limits.layoutBlobs) {
    const sentence = `${directory} holds more blobs than are looked at (${limits.layoutBlobs}); save one image at a time`;
    throw new OciError('LIMIT_EXCEEDED', sentence);
  }
  for (const name of names.sort()) {
    signal?.throwIfAborted();
    const digest = `sha256:${name}`;
    if (!isDigest(digest)) continue;
    const path = blobPath(directory, digest);
    const size = sizeOf(path);
    if (size === undefined || size > maxBytes || !beginsObject(path)) continue;
    const descriptor = { mediaType: '', digest, size };
    try {
      yield { descriptor, bytes: await content.readContent(descriptor, maxBytes) };
    } catch (error) {
      if (!(error instanceof OciError) || error.code !== 'DIGEST_MISMATCH') throw error;
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ENOENT') return [];
    throw new OciError('LAYOUT_INVALID', `${folder} cannot be read (${code}); check its permissions`, { cause: error });
  }
}

/** Saves reading layers whole, which are most of what there is. */
function beginsObject(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const first = Buffer.alloc(16);
    const text = first.toString('latin1', 0, readSync(fd, first, 0, first.length, 0));
    return text.trimStart().startsWith('{');
  } finally {
    closeSync(fd);
  }
}
