import { createHash } from 'node:crypto';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { limits } from '../../oci/limits.ts';
import { type ImageIndex, parseManifest } from '../../oci/manifest.ts';
import { isManifestMediaType } from '../../oci/media-type.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { isJsonText, kindOfDocument } from '../../policy/manifest-kind.ts';
import { parsePushed } from '../content/parse-pushed.ts';
import { RegistryError } from '../error.ts';
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
  /** Its manifest, where the index carries it: containerd and others take it from there, and never ask for it. */
  readonly carried?: Uint8Array;
}

/**
 * Reads a manifest that the registry took. One that claims to be an attachment is believed only when all its layers are texts in JSON.
 *
 * @param readLayer gives a layer's bytes
 * @throws OciError MANIFEST_INVALID, RegistryError DENIED, and what reading a layer throws
 */
export async function readDocument(
  bytes: Uint8Array,
  mediaType: string,
  readLayer: (layer: Descriptor) => Promise<Uint8Array>,
): Promise<GatedDocument> {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') {
    return { kind: 'index', images: imagesOf(manifest, 1) };
  }
  const { config, layers } = manifest;
  const kind = kindOfDocument(manifest, mediaType);
  if (kind === 'artifact') return { kind };
  if (kind === 'claimed' && (await areTexts(layers, readLayer))) return { kind: 'artifact' };
  return { kind: 'image', config, layers };
}

/** Those of an index. What it carries of an index that it carries comes with it, too. */
function imagesOf({ manifests }: ImageIndex, depth: number): readonly IndexedImage[] {
  return manifests.flatMap((descriptor) => {
    const { digest, mediaType, platform } = descriptor;
    const image = { digest, mediaType, platform: platform === undefined ? undefined : formatPlatform(platform) };
    const carried = carriedBy(descriptor);
    if (carried === undefined) return [image];
    const inner = parseManifest(carried, mediaType);
    if (inner.kind !== 'index') return [{ ...image, carried }];
    if (depth < limits.indexDepth) return imagesOf(inner, depth + 1);
    throw refused(`indexes within each other, more than ${limits.indexDepth}`);
  });
}

/**
 * The manifest that a descriptor carries, in whatever form of base64; undefined where it carries none, or other bytes than its digest
 * says, which no client takes.
 *
 * @throws RegistryError DENIED for one that would be refused where it is pushed, since others may read it otherwise
 */
function carriedBy({ data, digest, mediaType }: Descriptor): Uint8Array | undefined {
  if (data === undefined || !isManifestMediaType(mediaType)) return undefined;
  const bytes = Buffer.from(data, 'base64');
  if (createHash(digestAlgorithm(digest)).update(bytes).digest('hex') !== digestHex(digest)) return undefined;
  try {
    parsePushed(bytes, mediaType);
    return bytes;
  } catch (error) {
    if (error instanceof RegistryError) throw refused(`${digest}: ${error.message}`);
    throw error;
  }
}

function refused(what: string): RegistryError {
  return new RegistryError('DENIED', `The index carries (data) what cannot be judged: ${what}`);
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
