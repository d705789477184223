import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { foreignLayers } from '../../oci/foreign-layers.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { bareMediaType, imageManifestMediaTypes, indexMediaTypes, isManifestMediaType } from '../../oci/media-type.ts';
import { artifactTypeOf } from '../../oci/referrer.ts';
import type { ManifestLink } from '../../store/metadata/manifests.ts';
import { RegistryError } from '../error.ts';
import { checkDocument } from './check-document.ts';

/** Levels that a manifest nests: real ones stay below ten, but what users put into their own fields may be deeper. */
const depth = 64;

/** What a pushed manifest says. */
export interface PushedManifest {
  readonly kind: 'manifest' | 'index';
  /** What it is answered with later. */
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** What it names, each once: nobody else shows or takes away what is there of it. */
  readonly links: readonly ManifestLink[];
  /** Those of them that it does without, since their publisher keeps them. */
  readonly elsewhere: ReadonlySet<Digest>;
}

/**
 * Reads a manifest that is pushed, and refuses what two readers may understand differently: names that are there twice, a
 * `mediaType` that contradicts the `Content-Type`, an index that is an image as well (CVE-2021-41190).
 *
 * @throws RegistryError MANIFEST_INVALID
 */
export function parsePushed(bytes: Uint8Array, contentType: string | undefined): PushedManifest {
  try {
    return read(bytes, contentType);
  } catch (cause) {
    if (cause instanceof CodecError || cause instanceof OciError) {
      throw new RegistryError('MANIFEST_INVALID', cause.message, { cause });
    }
    throw cause;
  }
}

function read(bytes: Uint8Array, contentType: string | undefined): PushedManifest {
  checkDocument(parseStrictJson(bytes, depth));
  const header = contentType === undefined ? undefined : bareMediaType(contentType);
  const manifest = parseManifest(bytes, header);
  if (header !== undefined && header !== manifest.mediaType && isManifestType(header)) {
    throw invalid(`its mediaType is ${manifest.mediaType} and its Content-Type ${header}; send the same in both`);
  }
  if (header !== undefined && !isManifestType(header)) {
    throw invalid('its Content-Type is none of a manifest or an index; send the media type of the document');
  }
  const artifactType = manifest.kind === 'index' ? manifest.artifactType : artifactTypeOf(manifest);
  return {
    kind: manifest.kind,
    mediaType: header ?? manifest.mediaType,
    artifactType,
    subject: manifest.subject?.digest,
    annotations: manifest.annotations,
    links: [...linksOf(manifest)].map(([target, kind]) => ({ target, kind })),
    elsewhere: manifest.kind === 'index' ? new Set() : foreignLayers(manifest),
  };
}

function linksOf(manifest: ReturnType<typeof parseManifest>): Map<Digest, ManifestLink['kind']> {
  const links = new Map<Digest, ManifestLink['kind']>();
  if (manifest.kind === 'index') {
    for (const { digest, mediaType } of manifest.manifests) {
      links.set(digest, isManifestMediaType(mediaType) ? 'manifest' : 'blob');
    }
    return links;
  }
  links.set(manifest.config.digest, 'blob');
  for (const { digest } of manifest.layers) links.set(digest, 'blob');
  return links;
}

function isManifestType(mediaType: string): boolean {
  return imageManifestMediaTypes.includes(mediaType) || indexMediaTypes.includes(mediaType);
}

function invalid(what: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `The manifest is refused: ${what}`);
}
