import type { ContentSource } from './content-source.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { foreignLayers } from './foreign-layers.ts';
import type { ImageIndex, ImageManifest } from './manifest.ts';
import { isManifestMediaType } from './media-type.ts';

/** What a copy brings besides manifests. */
export interface BlobsToCopy {
  /** What must come. */
  readonly own: readonly Descriptor[];
  /**
   * Layers whose publisher keeps them and says where (image-spec, layer.md, "Non-Distributable Layers"): they come where the source has
   * them, and may be left out where it has not.
   */
  readonly foreign: readonly Descriptor[];
}

/**
 * The blobs that manifests name, each once. Exports of one platform keep the whole index, and what they lack of it is passed over.
 *
 * @param there manifests that the target has: what is theirs is there too, but for foreign layers, without which they may have come
 */
export function blobsToCopy(
  source: ContentSource,
  lacking: readonly (ImageManifest | ImageIndex)[],
  there: readonly (ImageManifest | ImageIndex)[],
): BlobsToCopy {
  const own = new Map<Digest, Descriptor>();
  const foreign = new Map<Digest, Descriptor>();
  for (const manifest of lacking) {
    const elsewhere = foreignIn(manifest);
    for (const blob of blobsNamed(source, manifest)) {
      (elsewhere.has(blob.digest) ? foreign : own).set(blob.digest, blob);
    }
  }
  for (const manifest of there) {
    for (const blob of foreignIn(manifest).values()) foreign.set(blob.digest, blob);
  }
  for (const digest of own.keys()) foreign.delete(digest);
  return { own: [...own.values()], foreign: [...foreign.values()] };
}

/** Whether an export has what an index names: one of a single platform keeps the whole index. */
export function present(source: ContentSource, children: readonly Descriptor[]): readonly Descriptor[] {
  return children.filter((child) => source.hasBlob?.(child) !== false);
}

/** One that does not say where it is can be had nowhere else. */
function foreignIn(manifest: ImageManifest | ImageIndex): ReadonlyMap<Digest, Descriptor> {
  if (manifest.kind === 'index') return new Map();
  const elsewhere = foreignLayers(manifest);
  const layers = manifest.layers.filter(({ digest, urls }) => urls !== undefined && elsewhere.has(digest));
  return new Map(layers.map((layer) => [layer.digest, layer]));
}

function blobsNamed(source: ContentSource, manifest: ImageManifest | ImageIndex): readonly Descriptor[] {
  if (manifest.kind === 'manifest') return [manifest.config, ...manifest.layers];
  return present(
    source,
    manifest.manifests.filter(({ mediaType }) => !isManifestMediaType(mediaType)),
  );
}
