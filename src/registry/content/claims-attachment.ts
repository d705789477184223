import { parseManifest } from '../../oci/manifest.ts';
import { kindOfManifest } from '../../policy/manifest-kind.ts';

/**
 * Whether a manifest has the config of an image and says of all its layers that they are attachments, as signatures and statements under
 * tags do. Whether they are is known when they have been read.
 *
 * @throws OciError MANIFEST_INVALID
 */
export function claimsAttachment(bytes: Uint8Array, mediaType: string): boolean {
  const manifest = parseManifest(bytes, mediaType);
  if (manifest.kind === 'index') return false;
  const layers = manifest.layers.map((layer) => layer.mediaType);
  return kindOfManifest(manifest.config.mediaType, layers, [mediaType, manifest.mediaType]) === 'claimed';
}
