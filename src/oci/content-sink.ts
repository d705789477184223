import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** A blob to be stored, which can be streamed more than once. */
export interface StoredBlob {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** Where content by digest is put: the reverse of a `ContentSource`. A registry repository and an OCI layout are one. */
export interface ContentSink {
  /** True for a manifest that is there with everything under it, which then need not be written. */
  hasManifest?(descriptor: Descriptor, signal?: AbortSignal): Promise<boolean>;
  /** Stores a blob, unless it is there. @throws OciError */
  writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void>;
  /** Stores a manifest or index under its digest; what it names has been written. @throws OciError */
  writeManifest(descriptor: Descriptor, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
}
