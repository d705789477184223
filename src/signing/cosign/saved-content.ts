import type { LocalContent } from '../../oci/client/local-registry.ts';
import type { ContentSource } from '../../oci/content-source.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { limits } from '../../oci/limits.ts';

/** A folder with content, and how it belongs together. */
export interface SavedContent {
  readonly content: ContentSource;
  /** In bytes; undefined for what is not there. */
  readonly sizeOf: (digest: Digest) => number | undefined;
  readonly tags: ReadonlyMap<string, Descriptor>;
  readonly referrers: ReadonlyMap<Digest, readonly Descriptor[]>;
}

/** What a saved folder answers as a repository. */
export function savedContent({ content, sizeOf, tags, referrers }: SavedContent): LocalContent {
  const describe = (digest: Digest | undefined): Descriptor | undefined => {
    const size = digest === undefined ? undefined : sizeOf(digest);
    return digest === undefined || size === undefined
      ? undefined
      : { mediaType: 'application/octet-stream', digest, size };
  };
  return {
    async manifest(reference, signal) {
      const found = describe(isDigest(reference) ? reference : tags.get(reference)?.digest);
      if (found === undefined) return undefined;
      try {
        return await content.readContent(found, limits.manifestBytes, signal);
      } catch (error) {
        if (error instanceof OciError && error.code === 'BLOB_UNKNOWN') return undefined;
        throw error;
      }
    },
    blob(digest, signal) {
      const found = describe(digest);
      return Promise.resolve(
        found === undefined ? undefined : { size: found.size, bytes: content.openLayer(found, signal) },
      );
    },
    referrers: (digest) => Promise.resolve(referrers.get(digest) ?? []),
  };
}
