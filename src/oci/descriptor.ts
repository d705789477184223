import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** Points at a blob (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes, of the blob as stored. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Where a foreign (non-distributable) layer may be had; such layers are reported, not fetched. */
  readonly urls?: readonly string[];
  /** The content itself, in base64 as it was written: clients that find it here need not ask a registry for it. */
  readonly data?: string;
}
