import type { Digest } from '../../../oci/digest.ts';

/** A tag as it was when the snapshot was taken. All times are in milliseconds since 1970. */
export interface TagSnapshot {
  readonly name: string;
  readonly digest: Digest;
  /** When the tag was pointed at this digest. */
  readonly pushedAt: number;
  /** When the tag was last pulled; absent when no pull is known, which is not the same as never. */
  readonly pulledAt?: number | undefined;
}

/** A blob that a manifest names. */
export interface BlobSize {
  readonly digest: Digest;
  readonly size: number;
}

/** A manifest of the repository: of an image, an index, or anything else. */
export interface ManifestSnapshot {
  readonly digest: Digest;
  /** Bytes of the manifest itself. */
  readonly size: number;
  /** What it names besides manifests; when absent, the bytes of a plan are a lower bound. */
  readonly blobs?: readonly BlobSize[] | undefined;
  readonly pushedAt: number;
  /** When it was last pulled, by digest or by any tag; absent when no pull is known. */
  readonly pulledAt?: number | undefined;
  /** The indexes of this repository that list it. */
  readonly referencedBy: readonly Digest[];
  /** What it is a referrer of (OCI image-spec, manifest.md, `subject`), in this repository or not. */
  readonly subject?: Digest | undefined;
}

/** What is in one repository; each tag and each digest once, in any order. */
export interface RepositorySnapshot {
  readonly repository: string;
  readonly tags: readonly TagSnapshot[];
  readonly manifests: readonly ManifestSnapshot[];
}
