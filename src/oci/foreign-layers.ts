import type { Digest } from './digest.ts';
import type { ImageManifest } from './manifest.ts';
import { bareMediaType, foreignLayerMediaTypes } from './media-type.ts';

/**
 * What an image names that need not be where the image is: layers whose publisher keeps them (image-spec, layer.md, "Non-Distributable
 * Layers"), and that it names as nothing else.
 */
export function foreignLayers({ config, layers }: Pick<ImageManifest, 'config' | 'layers'>): ReadonlySet<Digest> {
  const foreign = new Set<Digest>();
  const own = new Set<Digest>([config.digest]);
  for (const { digest, mediaType } of layers) {
    (foreignLayerMediaTypes.includes(bareMediaType(mediaType)) ? foreign : own).add(digest);
  }
  for (const digest of own) foreign.delete(digest);
  return foreign;
}
