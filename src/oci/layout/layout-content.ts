import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestAlgorithm, digestHex } from '../digest.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { readRange, streamRange } from '../file-range.ts';
import type { FileRange } from '../image.ts';
import { verifyContent } from '../verify-content.ts';
import type { LayoutRoot } from './choose-root.ts';

/** The blobs of a layout directory. Files of layers stay open until the image is closed. */
export class LayoutContent implements ContentSource {
  readonly #directory: string;
  readonly #root: LayoutRoot | undefined;
  readonly #open = new Map<Digest, FileRange>();

  constructor(directory: string, root?: LayoutRoot) {
    this.#directory = directory;
    this.#root = root;
  }

  async readContent(descriptor: Descriptor, maxBytes: number): Promise<Buffer> {
    const bytes = await this.#read(descriptor, maxBytes);
    verifyContent(bytes, descriptor);
    return bytes;
  }

  async *openLayer(descriptor: Descriptor, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const range = this.layerRange(descriptor);
    if (range === undefined) throw unknownBlob(descriptor.digest);
    yield* streamRange(range, signal);
  }

  layerRange(descriptor: Descriptor): FileRange | undefined {
    const known = this.#open.get(descriptor.digest);
    if (known !== undefined) return known;
    const range = openBlob(blobPath(this.#directory, descriptor.digest));
    if (range !== undefined) this.#open.set(descriptor.digest, range);
    return range;
  }

  hasBlob(descriptor: Descriptor): boolean {
    return sizeOf(blobPath(this.#directory, descriptor.digest)) !== undefined;
  }

  close(): Promise<void> {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
    return Promise.resolve();
  }

  async #read({ digest }: Descriptor, maxBytes: number): Promise<Buffer> {
    if (this.#root?.content !== undefined && digest === this.#root.descriptor.digest) return this.#root.content;
    const range = openBlob(blobPath(this.#directory, digest));
    if (range === undefined) throw unknownBlob(digest);
    try {
      if (range.length > maxBytes) {
        throw new OciError('LIMIT_EXCEEDED', `The blob ${digest} is larger than ${maxBytes} bytes`);
      }
      return await readRange(range);
    } finally {
      closeSync(range.fd);
    }
  }
}

/** Where a blob lies: the hex digits of a digest cannot lead anywhere else. */
export function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', digestAlgorithm(digest), digestHex(digest));
}

/** Bytes of a file; undefined for what is no file, or not there. */
export function sizeOf(path: string): number | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status?.isFile() === true ? status.size : undefined;
  } catch {
    return undefined;
  }
}

/** Opens a blob's file; undefined for what is no file, or not there. @throws OciError LAYOUT_INVALID */
export function openBlob(path: string): FileRange | undefined {
  let fd: number;
  try {
    // A pipe in a blob's place must not make the open wait for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new OciError('LAYOUT_INVALID', `${path} cannot be read (${code}); check its permissions`, { cause: error });
  }
  const status = fstatSync(fd);
  if (status.isFile()) return { fd, offset: 0, length: status.size };
  closeSync(fd);
  return undefined;
}

/** The error for a blob that is not there. */
export function unknownBlob(digest: Digest): OciError {
  return new OciError('BLOB_UNKNOWN', `The image layout lacks the blob ${digest}; export the image again`);
}
