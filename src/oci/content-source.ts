import type { Descriptor } from './descriptor.ts';
import type { FileRange } from './image.ts';

/**
 * Content by digest, wherever it is kept: the minimal core from which a whole {@link Image} is derived
 * (`open-image.ts`). A registry repository, an OCI layout and an OCI archive each implement it.
 */
export interface ContentSource {
  /**
   * Reads a manifest, an index or a config whole, checked against digest and size.
   *
   * @param maxBytes larger content is refused, whatever the descriptor says
   * @throws OciError BLOB_UNKNOWN, DIGEST_MISMATCH, SIZE_MISMATCH, LIMIT_EXCEEDED or the source's own codes
   */
  readContent(descriptor: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Buffer>;
  /** Streams a layer's stored bytes, unchecked: the reader checks. */
  openLayer(descriptor: Descriptor, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Where the blob lies in an open local file; undefined where the source has no files, or not this blob. */
  layerRange?(descriptor: Descriptor): FileRange | undefined;
  /**
   * The same for a source that has to ask whether the blob lies in a file; asked when the layer is about to be read. The file may still be
   * growing. It stays open until the source is done with.
   */
  locateLayer?(descriptor: Descriptor, signal?: AbortSignal): Promise<FileRange | undefined>;
  /** False when the source surely lacks the blob: containerd's exports leave out other platforms' layers. */
  hasBlob?(descriptor: Descriptor): boolean;
  /**
   * Asks whether the blob is there where only somebody else knows; undefined when the answer does not tell.
   *
   * @throws OciError when nobody could be asked: UNAUTHORIZED, DENIED, RATE_LIMITED, REGISTRY_UNAVAILABLE
   */
  findBlob?(descriptor: Descriptor, signal?: AbortSignal): Promise<boolean | undefined>;
}
