import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { isJsonText, kindOfManifest } from '../../policy/manifest-kind.ts';
import { gateLimits } from './limits.ts';

/** What the gate needs to know of a document. */
export type GatedDocument =
  | { readonly kind: 'index'; readonly images: readonly IndexedImage[] }
  | { readonly kind: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: 'artifact' };

/** An image that an index names. */
export interface IndexedImage {
  readonly digest: Digest;
  readonly mediaType: string;
  /** `linux/arm64/v8`; undefined where the index does not say. */
  readonly platform: string | undefined;
}

/**
 * Reads a manifest that the registry took. One that claims to be an attachment is believed only when all its layers are texts in JSON.
 *
 * @param readLayer gives a layer's bytes
 * @throws OciError MANIFEST_INVALID, and what reading a layer throws
 */
export async function readDocument(
  bytes: Uint8Array,
  mediaType: string,
  readLayer: (layer: Descriptor) => Promise<Uint8Array>,
): Promise<GatedDocument> {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') {
    const images = manifest.manifests.map(({ digest, mediaType: type, platform }) => ({
      digest,
      mediaType: type,
      platform: platform === undefined ? undefined : formatPlatform(platform),
    }));
    return { kind: 'index', images };
  }
  const { config, layers } = manifest;
  const kind = kindOfManifest(
    config.mediaType,
    layers.map((layer) => layer.mediaType),
  );
  if (kind === 'artifact') return { kind };
  if (kind === 'claimed' && (await areTexts(layers, readLayer))) return { kind: 'artifact' };
  return { kind: 'image', config, layers };
}

async function areTexts(
  layers: readonly Descriptor[],
  readLayer: (layer: Descriptor) => Promise<Uint8Array>,
): Promise<boolean> {
  if (layers.length > gateLimits.claimedLayers) return false;
  for (const layer of layers) {
    if (layer.size > gateLimits.claimedBytes || !isJsonText(await readLayer(layer))) return false;
  }
  return true;
}
