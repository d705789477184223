import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { ContentSink, StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { encodeDescriptor } from '../encode-descriptor.ts';
import { OciError } from '../error.ts';
import { indexMediaTypes } from '../media-type.ts';
import { verifyStream } from '../verify-stream.ts';
import { blobPath, sizeOf } from './layout-content.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/**
 * Writes an OCI image layout (OCI image-spec, image-layout.md) that is there whole or not at all. A new one is put
 * together beside its place and moved there at the end; one that is there already gets further blobs, which nothing
 * names until its `index.json` is replaced. A kill leaves at most a stray `*.tmp` neighbour.
 */
export class LayoutWriter implements ContentSink, AsyncDisposable {
  readonly #target: string;
  readonly #folder: string;
  #done = false;

  private constructor(target: string, folder: string) {
    this.#target = target;
    this.#folder = folder;
  }

  /** @throws OciError LAYOUT_INVALID for a folder that holds something else */
  static async open(directory: string): Promise<LayoutWriter> {
    const target = resolve(directory);
    const names = await namesIn(target);
    if (names.includes('oci-layout') && names.includes('index.json')) return new LayoutWriter(target, target);
    if (names.length > 0) {
      throw new OciError('LAYOUT_INVALID', `${directory} holds other files than an image layout; name an empty folder`);
    }
    await makeDirectory(dirname(target));
    const folder = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    await mkdir(folder);
    return new LayoutWriter(target, folder);
  }

  async writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const path = this.#blobPath(blob.digest);
    // Only whole blobs are ever moved to their names.
    if (sizeOf(path) === blob.size) return;
    await writeFileAtomic(path, verified(blob, signal));
  }

  async writeManifest({ digest }: Descriptor, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#blobPath(digest), bytes);
  }

  /** Names what the layout holds, and with that makes it one. */
  async commit(entries: readonly Descriptor[]): Promise<void> {
    const manifests = entries.map(encodeDescriptor);
    const index = { schemaVersion: 2, mediaType: indexMediaTypes[0], manifests };
    await writeFileAtomic(join(this.#folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}', { durable: true });
    await writeFileAtomic(join(this.#folder, 'index.json'), JSON.stringify(index), { durable: true });
    if (this.#folder !== this.#target) await rename(this.#folder, this.#target);
    this.#done = true;
  }

  /** Clears away what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#done && this.#folder !== this.#target) await rm(this.#folder, { recursive: true, force: true });
  }

  #blobPath(digest: Digest): string {
    return blobPath(this.#folder, digest);
  }
}

/** Opened only when the file is there to write to. */
async function* verified(blob: StoredBlob, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of verifyStream(blob.open(), blob)) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ENOENT') return [];
    throw new OciError('LAYOUT_INVALID', `${directory} cannot be written to (${code}); name a folder`, {
      cause: error,
    });
  }
}
