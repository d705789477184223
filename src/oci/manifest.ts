import { CodecError } from '../codec/error.ts';
import { parseStrictJson } from '../codec/json/parse.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './error.ts';
import { annotationMap, asList, asObject, asText } from './json.ts';
import type { JsonObject } from './json.ts';
import { limits } from './limits.ts';
import { findDisguisedName } from './manifest-names.ts';
import { bareMediaType, imageManifestMediaTypes, indexMediaTypes, schema1MediaTypes } from './media-type.ts';
import { parseDescriptor } from './parse-descriptor.ts';

/** One image, or one artifact (OCI image-spec, manifest.md; Docker image manifest version 2, schema 2). */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  /** What an attached artifact is about. */
  readonly subject?: Descriptor;
}

/** Manifests for several platforms (OCI image-spec, image-index.md; Docker's manifest list). */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  /** What an attached index is about. */
  readonly subject?: Descriptor;
}

/**
 * Reads a manifest or an index.
 *
 * @param mediaType what the sender called it; the document's own `mediaType` and shape must not contradict it
 * @throws OciError MANIFEST_INVALID, MANIFEST_UNSUPPORTED for Docker's schema 1 and documents of other kinds, and
 * LIMIT_EXCEEDED above 4 MiB
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): ImageManifest | ImageIndex {
  if (bytes.length > limits.manifestBytes) {
    throw new OciError('LIMIT_EXCEEDED', `The manifest has ${bytes.length} bytes, more than ${limits.manifestBytes}`);
  }
  const document = parse(bytes);
  const disguised = findDisguisedName(document, 'document');
  if (disguised !== undefined) throw invalid(`it has a name that some readers take for ${disguised}`);
  refuseSchema1(document, mediaType);
  if (document.schemaVersion !== undefined && document.schemaVersion !== 2) {
    throw unsupported(`it has schema version ${nameVersion(document.schemaVersion)}; only version 2 can be read`);
  }
  const own = asText(document.mediaType);
  const kind = kindOf(document, own, mediaType);
  const known = own ?? (mediaType === undefined ? '' : bareMediaType(mediaType));
  return kind === 'index' ? readIndex(document, known) : readManifest(document, known);
}

/** Of a name that stands twice in an object, Go keeps what the first brought and the last has not: annotations, for one. */
function parse(bytes: Uint8Array): JsonObject {
  try {
    return asObject(parseStrictJson(bytes), 'the document', invalid);
  } catch (error) {
    if (error instanceof CodecError) throw invalid(error.message);
    throw error;
  }
}

function readManifest(document: JsonObject, mediaType: string): ImageManifest {
  return {
    kind: 'manifest',
    mediaType: imageManifestMediaTypes.includes(mediaType) ? mediaType : (imageManifestMediaTypes[0] as string),
    config: parseDescriptor(document.config, 'config', invalid),
    layers: descriptors(document.layers, 'layers', limits.layers),
    ...readAbout(document),
  };
}

function readIndex(document: JsonObject, mediaType: string): ImageIndex {
  return {
    kind: 'index',
    mediaType: indexMediaTypes.includes(mediaType) ? mediaType : (indexMediaTypes[0] as string),
    manifests: descriptors(document.manifests, 'manifests', limits.indexEntries),
    ...readAbout(document),
  };
}

/** What both kinds say about themselves. */
function readAbout(document: JsonObject): Pick<ImageManifest, 'annotations' | 'artifactType' | 'subject'> {
  const artifactType = asText(document.artifactType);
  return {
    annotations: annotationMap(document.annotations, 'annotations', invalid),
    ...(artifactType ? { artifactType } : {}),
    ...(document.subject ? { subject: parseDescriptor(document.subject, 'subject', invalid) } : {}),
  };
}

function descriptors(value: unknown, name: string, max: number): readonly Descriptor[] {
  return asList(value, name, max, invalid).map((entry, at) => parseDescriptor(entry, `${name}[${at}]`, invalid));
}

/**
 * A document that is a manifest to one reader and an index to another shows two images under one digest
 * (CVE-2021-41190), so type and shape must agree.
 */
function kindOf(document: JsonObject, own: string | undefined, sent: string | undefined): 'manifest' | 'index' {
  const hasManifest = present(document.config) || present(document.layers);
  const hasIndex = present(document.manifests);
  if (hasManifest && hasIndex) throw invalid('it is a manifest and an index at once');
  const ownKind = own === undefined ? undefined : kindOfMediaType(own);
  if (own !== undefined && ownKind === undefined) {
    throw unsupported(`it is of type "${clip(own)}", which is no image; name an image instead`);
  }
  // Some registries send text/plain or application/json: such a type says nothing.
  const sentKind = sent === undefined ? undefined : kindOfMediaType(bareMediaType(sent));
  if (ownKind !== undefined && sentKind !== undefined && ownKind !== sentKind) {
    throw invalid(`it calls itself "${clip(own)}" but was sent as "${clip(sent)}"`);
  }
  const kind = ownKind ?? sentKind ?? (hasIndex ? 'index' : 'manifest');
  if (kind === 'index' ? hasManifest : hasIndex) throw invalid('its type and its content disagree');
  if (kind === 'manifest' && !present(document.config)) throw invalid('it has no config');
  return kind;
}

function kindOfMediaType(mediaType: string): 'manifest' | 'index' | undefined {
  if (imageManifestMediaTypes.includes(mediaType)) return 'manifest';
  return indexMediaTypes.includes(mediaType) ? 'index' : undefined;
}

function refuseSchema1(document: JsonObject, mediaType: string | undefined): void {
  const types = [asText(document.mediaType), mediaType === undefined ? undefined : bareMediaType(mediaType)];
  const named = types.some((type) => type !== undefined && schema1MediaTypes.includes(type));
  if (!named && document.schemaVersion !== 1) return;
  throw unsupported("it is in Docker's schema 1, which was retired in 2019; push the image again with a current tool");
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function invalid(what: string): OciError {
  return new OciError('MANIFEST_INVALID', `The manifest cannot be read: ${what}`);
}

function unsupported(what: string): OciError {
  return new OciError('MANIFEST_UNSUPPORTED', `The manifest cannot be scanned: ${what}`);
}

function clip(text: string | undefined): string {
  return String(text).slice(0, 100);
}

/** Lists and objects are not turned into text: theirs may be without end, and a `toString` of theirs is no function. */
function nameVersion(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'that is no number' : clip(String(value));
}
