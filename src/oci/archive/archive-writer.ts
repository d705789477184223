import { randomBytes } from 'node:crypto';
import { open, type FileHandle, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { makeDirectory } from '../../base/make-directory.ts';
import { encodeTarEntry, tarEnd, tarPadding } from '../../codec/tar/encode-entry.ts';
import type { ContentSink, StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestAlgorithm, digestHex } from '../digest.ts';
import { encodeDescriptor } from '../encode-descriptor.ts';
import { OciError } from '../error.ts';
import { indexMediaTypes } from '../media-type.ts';
import { verifyStream } from '../verify-stream.ts';

/** An image as Docker's older list has it, which stands beside the layout (Docker's image specification 1.2, `manifest.json`). */
export interface ListedImage {
  readonly config: Digest;
  /** Lowest first. */
  readonly layers: readonly Digest[];
  /** `repository:tag`. */
  readonly repoTags: readonly string[];
}

/**
 * Writes an OCI layout into a tar (`oci-archive:`), with Docker's list where it is for `docker load`. Blobs go into the file as they
 * come; it has another name until it is whole. A kill leaves at most a stray `*.tmp` neighbour.
 */
export class ArchiveWriter implements ContentSink, AsyncDisposable {
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #written = new Set<string>();
  /** A tar has one entry after the other. */
  #turn: Promise<void> = Promise.resolve();
  #done = false;

  private constructor(target: string, temporary: string, file: FileHandle) {
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** @throws OciError ARCHIVE_INVALID where no file can be made */
  static async open(path: string): Promise<ArchiveWriter> {
    const target = resolve(path);
    const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await makeDirectory(dirname(target));
      return new ArchiveWriter(target, temporary, await open(temporary, 'wx'));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      const path = pathOf(blob.digest);
      if (this.#written.has(path)) return;
      await this.#begin(path, blob.size);
      for await (const chunk of verifyStream(blob.open(), blob)) {
        signal?.throwIfAborted();
        await this.#write(chunk);
      }
      await this.#write(tarPadding(blob.size));
    });
  }

  writeManifest({ digest }: Descriptor, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#writeWhole(pathOf(digest), bytes));
  }

  /** Names what the archive holds, and with that makes it one. */
  async commit(entries: readonly Descriptor[], listed: readonly ListedImage[] = []): Promise<void> {
    await this.#inTurn(async () => {
      const index = { schemaVersion: 2, mediaType: indexMediaTypes[0], manifests: entries.map(encodeDescriptor) };
      await this.#writeWhole('index.json', Buffer.from(JSON.stringify(index)));
      await this.#writeWhole('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
      if (listed.length > 0)
        await this.#writeWhole('manifest.json', Buffer.from(JSON.stringify(listed.map(encodeListed))));
      await this.#write(tarEnd);
      await this.#file.sync();
    });
    await this.#file.close();
    try {
      await rename(this.#temporary, this.#target);
    } catch (cause) {
      throw unwritable(this.#target, cause);
    }
    this.#done = true;
  }

  /** Clears away what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#done) return;
    await this.#turn;
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.#turn;
    const own = before.then(work);
    this.#turn = own.catch(() => undefined);
    await own;
  }

  async #writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    if (this.#written.has(path)) return;
    await this.#begin(path, bytes.length);
    await this.#write(bytes);
    await this.#write(tarPadding(bytes.length));
  }

  async #begin(path: string, size: number): Promise<void> {
    this.#written.add(path);
    const entry = { path, size, mode: 0o644, uid: 0, gid: 0, mtime: 0, linkName: '' } as const;
    await this.#write(encodeTarEntry({ ...entry, type: 'file' }));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < bytes.length) at += (await this.#file.write(bytes, at)).bytesWritten;
    } catch (cause) {
      throw unwritable(this.#target, cause);
    }
  }
}

function encodeListed({ config, layers, repoTags }: ListedImage): unknown {
  return { Config: pathOf(config), RepoTags: repoTags, Layers: layers.map(pathOf) };
}

function pathOf(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

function unwritable(path: string, cause: unknown): OciError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unwritable';
  return new OciError('ARCHIVE_INVALID', `${path} cannot be written (${code}); make room, or name another file`, {
    cause,
  });
}
