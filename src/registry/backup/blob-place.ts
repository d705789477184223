import type { BlobStore } from '../../store/blob/blob-store.ts';

/** Where blobs are kept: a store, and its folder where it is one, from which blobs may be linked. */
export interface BlobPlace {
  readonly blobs: BlobStore;
  readonly folder: string | undefined;
}
