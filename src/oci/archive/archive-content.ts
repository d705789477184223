import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import type { FileRange } from '../image.ts';
import type { LayoutRoot } from '../layout/choose-root.ts';
import { verifyContent } from '../verify-content.ts';
import type { ArchiveFile } from './archive-file.ts';
import type { ArchiveEntry } from './tar-index.ts';

/** The blobs of an OCI image layout that lies in a tar. */
export class ArchiveContent implements ContentSource {
  readonly #archive: ArchiveFile;
  readonly #root: LayoutRoot;

  constructor(archive: ArchiveFile, root: LayoutRoot) {
    this.#archive = archive;
    this.#root = root;
  }

  async readContent(descriptor: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
    const { digest, size } = descriptor;
    if (this.#root.content !== undefined && digest === this.#root.descriptor.digest) return this.#root.content;
    const entry = this.#entry(digest);
    if (entry.size !== size) {
      throw new OciError(
        'SIZE_MISMATCH',
        `${digest} has ${entry.size} bytes where ${size} were promised; save it again`,
      );
    }
    const bytes = await this.#archive.read(entry, maxBytes, signal);
    verifyContent(bytes, descriptor);
    return bytes;
  }

  openLayer(descriptor: Descriptor, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#archive.stream(this.#entry(descriptor.digest), signal);
  }

  layerRange(descriptor: Descriptor): FileRange | undefined {
    return this.#archive.range(this.#entry(descriptor.digest));
  }

  hasBlob(descriptor: Descriptor): boolean {
    return blobEntry(this.#archive, descriptor.digest) !== undefined;
  }

  #entry(digest: Digest): ArchiveEntry {
    const entry = blobEntry(this.#archive, digest);
    if (entry === undefined) {
      throw new OciError('BLOB_UNKNOWN', `The archive lacks the blob ${digest}; save the image again`);
    }
    return entry;
  }
}

/** Finds a blob under the hex digits of its digest. */
export function blobEntry(archive: ArchiveFile, digest: Digest): ArchiveEntry | undefined {
  return archive.find(`blobs/${digest.replace(':', '/')}`);
}
