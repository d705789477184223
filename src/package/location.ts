import type { DiffId, Digest } from '../oci/digest.ts';

/** Where something was seen in an image. */
export interface Location {
  /** Path in the image without a leading slash; what lies in an archive follows after `!/`: `app.jar!/lib/a.jar`. */
  readonly path: string;
  /** The layer that brought the file as it is seen; absent for plain directories. */
  readonly layer?: LayerOrigin;
}

/** Names a layer both ways. */
export interface LayerOrigin {
  readonly diffId: DiffId;
  /** Digest of the stored blob, when the source tells it. */
  readonly digest?: Digest;
}
