import type { Descriptor } from './descriptor.ts';
import { type Digest, digestAlgorithm, digestHex } from './digest.ts';
import { encodeDescriptor } from './encode-descriptor.ts';
import { OciError } from './error.ts';
import { type JsonObject, parseJsonObject } from './json.ts';
import { parseManifest } from './manifest.ts';
import { bareMediaType, indexMediaTypes } from './media-type.ts';
import { digestOf } from './verify-content.ts';

/** The tag that lists what is attached to a digest where the API is missing (distribution-spec, "Referrers Tag Schema"). */
export function fallbackTag(digest: Digest): string {
  return `${digestAlgorithm(digest).slice(0, 32)}-${digestHex(digest).slice(0, 64)}`;
}

/**
 * Reads a list of referrers: a page of the API, or what the fallback tag names. That it has no list at all is no empty
 * list.
 *
 * @throws OciError MANIFEST_INVALID, MANIFEST_UNSUPPORTED, LIMIT_EXCEEDED
 */
export function parseReferrers(bytes: Uint8Array, mediaType: string): readonly Descriptor[] {
  const index = parseManifest(bytes, mediaType);
  if (index.kind === 'index' && Object.hasOwn(rawIndex(bytes), 'manifests')) return index.manifests;
  throw new OciError('MANIFEST_INVALID', 'The list of referrers is no image index; check that this is a registry');
}

/** What an artifact is: its own type or, where it has none, that of its config (image-spec, manifest.md, "artifactType"). */
export function artifactTypeOf(manifest: ReturnType<typeof parseManifest>): string | undefined {
  if (manifest.artifactType !== undefined) return manifest.artifactType;
  return manifest.kind === 'manifest' ? bareMediaType(manifest.config.mediaType) || undefined : undefined;
}

/**
 * The entry of a referrer in the list of its subject, with the type and the annotations of its manifest
 * (distribution-spec, "Pushing Manifests with Subject").
 */
export function referrerDescriptor(mediaType: string, bytes: Uint8Array): Descriptor {
  const manifest = parseManifest(bytes, mediaType);
  const artifactType = artifactTypeOf(manifest);
  const annotated = Object.keys(manifest.annotations).length > 0;
  return {
    mediaType: manifest.mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    ...(annotated ? { annotations: manifest.annotations } : {}),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

/** A fallback index with one entry more, or an entry that was wrong made right. All others stay as they are. */
export function addReferrer(current: Uint8Array | undefined, referrer: Descriptor): Buffer {
  return rewrite(current, (entries) => {
    const entry = encodeDescriptor(referrer);
    const at = entries.findIndex((other) => digestIn(other) === referrer.digest);
    return at < 0 ? [...entries, entry] : entries.with(at, entry);
  });
}

/** A fallback index without some entries. */
export function removeReferrers(current: Uint8Array, digests: ReadonlySet<string>): Buffer {
  return rewrite(current, (entries) => entries.filter((entry) => !digests.has(digestIn(entry) ?? '')));
}

/** Works on the JSON as it is, so that what other programs put there is not lost. */
function rewrite(current: Uint8Array | undefined, change: (entries: readonly unknown[]) => readonly unknown[]): Buffer {
  const index = current === undefined ? {} : rawIndex(current);
  const entries = Array.isArray(index.manifests) ? (index.manifests as unknown[]) : [];
  const head = { schemaVersion: 2, mediaType: indexMediaTypes[0] };
  const bytes = Buffer.from(JSON.stringify({ ...head, ...index, manifests: change(entries) }));
  // What could not be read again must not be written: it would hide all entries.
  parseReferrers(bytes, indexMediaTypes[0] as string);
  return bytes;
}

function rawIndex(bytes: Uint8Array): JsonObject {
  return parseJsonObject(
    bytes,
    (what) => new OciError('MANIFEST_INVALID', `The list of referrers is damaged: ${what}`),
  );
}

function digestIn(entry: unknown): string | undefined {
  const digest = (entry as { readonly digest?: unknown } | null)?.digest;
  return typeof digest === 'string' ? digest : undefined;
}
