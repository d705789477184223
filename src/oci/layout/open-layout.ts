import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestAlgorithm, digestHex } from '../digest.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { readRange, streamRange } from '../file-range.ts';
import type { FileRange, Image } from '../image.ts';
import type { ImageSelector } from '../image-selector.ts';
import { limits } from '../limits.ts';
import { openImage } from '../open-image.ts';
import type { Platform } from '../platform.ts';
import { verifyContent } from '../verify-content.ts';
import { chooseRoot } from './choose-root.ts';
import type { LayoutRoot } from './choose-root.ts';

/** What opening an image in a file or directory needs. */
export interface OpenLocalOptions {
  /** What the user asked for, as they wrote it. */
  readonly name: string;
  readonly selector: ImageSelector;
  readonly platform?: Platform;
  readonly defaultPlatform: Platform;
}

/**
 * Opens an image in an OCI image layout directory (OCI image-spec, image-layout.md). Blobs are only ever looked for
 * under the hex digits of their digests.
 *
 * @throws OciError IMAGE_NOT_FOUND, LAYOUT_INVALID, IMAGE_AMBIGUOUS, BLOB_UNKNOWN and what `openImage` throws
 */
export async function openLayoutImage(
  directory: string,
  options: OpenLocalOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const index = readIndexFile(directory);
  checkVersion(directory);
  const root = chooseRoot(index, options.selector, (digest) => sizeOf(blobPath(directory, digest)));
  const source = new LayoutContent(directory, root);
  return await openImage(
    source,
    root.descriptor,
    { ...options, repoTags: root.repoTags, repoDigests: [], dispose: () => source.close() },
    signal,
  );
}

/** The blobs of a layout directory. Files of layers stay open until the image is closed. */
class LayoutContent implements ContentSource {
  readonly #directory: string;
  readonly #root: LayoutRoot;
  readonly #open = new Map<Digest, FileRange>();

  constructor(directory: string, root: LayoutRoot) {
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
    if (this.#root.content !== undefined && digest === this.#root.descriptor.digest) return this.#root.content;
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

function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', digestAlgorithm(digest), digestHex(digest));
}

function readIndexFile(directory: string): Buffer {
  const path = join(directory, 'index.json');
  const size = sizeOf(path);
  if (size === undefined) {
    if (statSync(directory, { throwIfNoEntry: false }) === undefined) {
      throw new OciError('IMAGE_NOT_FOUND', `There is no directory ${directory}; check the path`);
    }
    throw new OciError('LAYOUT_INVALID', `${directory} is not an OCI image layout: it has no index.json`);
  }
  if (size > limits.manifestBytes) {
    throw new OciError('LIMIT_EXCEEDED', `${path} is larger than ${limits.manifestBytes} bytes`);
  }
  return readLocal(path);
}

/** The file `oci-layout` is required, but builders have left it out; a version that is there must be known. */
function checkVersion(directory: string): void {
  const path = join(directory, 'oci-layout');
  const size = sizeOf(path);
  if (size === undefined) return;
  const text = size > 4096 ? '' : readLocal(path).toString('utf8');
  if (/"imageLayoutVersion"\s*:\s*"1\./.test(text)) return;
  throw new OciError('LAYOUT_INVALID', `${path} names a version of the image layout that is not 1.x`);
}

function readLocal(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new OciError('LAYOUT_INVALID', `${path} cannot be read (${why}); check its permissions`, { cause: error });
  }
}

function openBlob(path: string): FileRange | undefined {
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

function sizeOf(path: string): number | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status?.isFile() === true ? status.size : undefined;
  } catch {
    return undefined;
  }
}

function unknownBlob(digest: Digest): OciError {
  return new OciError('BLOB_UNKNOWN', `The image layout lacks the blob ${digest}; export the image again`);
}
