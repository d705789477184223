import { parseManifest } from '../../oci/manifest.ts';
import { kindOfDocument } from '../../policy/manifest-kind.ts';

/**
 * Whether a manifest has the config of an image and says of all its layers that they are attachments, as signatures and statements under
 * tags do. Whether they are is known when they have been read.
 *
 * @throws OciError MANIFEST_INVALID
 */
export function claimsAttachment(bytes: Uint8Array, mediaType: string): boolean {
  const manifest = parseManifest(bytes, mediaType);
  return manifest.kind !== 'index' && kindOfDocument(manifest, mediaType) === 'claimed';
}
