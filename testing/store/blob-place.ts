import type { Digest } from '../../src/oci/digest.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';

/** One empty place where blobs are kept, and what only its driver's test can do to it. */
export interface BlobPlace extends AsyncDisposable {
  /** Opens a store over the same data, as a further process would. */
  open(): Promise<BlobStore>;
  /** Cuts a blob short behind the store's back. */
  truncate(digest: Digest, size: number): Promise<void>;
  /** Puts things among the blobs and uploads that are neither. */
  litter(): Promise<void>;
  /** Names of what lies about besides blobs. */
  leftovers(): Promise<readonly string[]>;
}

/** Registers a case, which gets a store over an empty place. */
export type CheckBlobStore = (title: string, run: (store: BlobStore, place: BlobPlace) => Promise<void>) => void;
