import { OciError } from './error.ts';
import type { ImageManifest } from './manifest.ts';
import { bareMediaType, imageConfigMediaTypes } from './media-type.ts';

/**
 * Refuses artifacts: they are stored like images, and the config's media type tells what they really are.
 *
 * @throws OciError MANIFEST_UNSUPPORTED
 */
export function checkConfigType({ config, artifactType }: ImageManifest): void {
  const mediaType = bareMediaType(config.mediaType);
  if (imageConfigMediaTypes.includes(mediaType)) return;
  const type = (mediaType === 'application/vnd.oci.empty.v1+json' ? artifactType : undefined) ?? mediaType;
  const kind = artifactKinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'an artifact';
  throw new OciError(
    'MANIFEST_UNSUPPORTED',
    `The manifest holds ${kind} ("${type.slice(0, 100)}"), not a container image; name an image instead`,
  );
}

const artifactKinds: readonly (readonly [RegExp, string])[] = [
  [/\bhelm\b/, 'a Helm chart'],
  [/\bwasm\b/, 'a WebAssembly module'],
  [/\bmodel\b|\bollama\b/, 'an AI model'],
  [/\bin-toto\b|\bcosign\b|\bsigstore\b|\bnotary\b/, 'a signature or attestation'],
  [/\bspdx\b|\bcyclonedx\b/, 'an SBOM'],
];

/** The error for a layer that is no file system, or cannot be read as one. */
export function unsupportedLayer(mediaType: string): OciError {
  const kind = mediaType.endsWith('+encrypted')
    ? 'encrypted layers, which cannot be read without their key'
    : `layers of type "${mediaType.slice(0, 100)}", ${fileSystems.test(mediaType) ? 'a file system that is not read here' : 'which are not file systems'}`;
  return new OciError('MANIFEST_UNSUPPORTED', `The manifest has ${kind}; name another image`);
}

/** Types of layers that are the image of a file system, or of a block device with one, and no tar. */
const fileSystems = /\bnydus\b|\berofs\b|\boverlaybd\b|\bsquashfs\b/;
