import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { ambiguous, entryNames, namesMatch, notFound, repoTagsOf } from '../image-selector.ts';
import type { ImageSelector } from '../image-selector.ts';
import { parseManifest } from '../manifest.ts';
import { indexMediaTypes } from '../media-type.ts';
import { formatPlatform } from '../platform.ts';
import { isAttestation } from '../select-platform.ts';
import { digestOf } from '../verify-content.ts';

/** Where to start in a layout. */
export interface LayoutRoot {
  readonly descriptor: Descriptor;
  /** Content that stands for `descriptor` and is no blob: the entries of `index.json` that are one image. */
  readonly content?: Buffer;
  readonly repoTags: readonly string[];
}

/**
 * Chooses an image among the entries of `index.json` (OCI image-spec, image-layout.md, "index.json file"). Entries of
 * one name, or of none, for different platforms are one image, as some builders write them.
 *
 * @param blobSize the size of a blob that `index.json` does not list, for a digest asked for by name
 * @throws OciError LAYOUT_INVALID, IMAGE_NOT_FOUND, or IMAGE_AMBIGUOUS, whose message lists the choices
 */
export function chooseRoot(
  bytes: Uint8Array,
  selector: ImageSelector,
  blobSize: (digest: Digest) => number | undefined,
): LayoutRoot {
  const entries = readEntries(bytes);
  if (selector.digest !== undefined) return byDigest(entries, selector.digest, blobSize);
  const { tag } = selector;
  const candidates = entries.filter((entry) => !isAttestation(entry));
  const own = candidates.filter((entry) => !isAttached(entry));
  // Where there is nothing else, what is there is named in the error, or by the user.
  const images = own.length > 0 ? own : candidates;
  const matching =
    tag === undefined ? images : images.filter((entry) => entryNames(entry).some((name) => namesMatch(tag, name)));
  const chosen = distinct(matching);
  const [first] = chosen;
  if (first === undefined) {
    if (tag !== undefined) throw notFound(selector, choices(images));
    throw new OciError('IMAGE_NOT_FOUND', 'The image layout is empty: its index.json lists no image');
  }
  const repoTags = repoTagsOf(matching.flatMap(entryNames));
  if (chosen.length === 1) return { descriptor: first, repoTags };
  if (!isOneImage(chosen)) throw ambiguous(choices(chosen));
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: chosen }));
  const descriptor = {
    mediaType: indexMediaTypes[0] as string,
    digest: digestOf(content),
    size: content.length,
  };
  return { descriptor, content, repoTags };
}

/** The entries of an `index.json`. @throws OciError LAYOUT_INVALID, LIMIT_EXCEEDED */
export function readEntries(bytes: Uint8Array): readonly Descriptor[] {
  try {
    const index = parseManifest(bytes, indexMediaTypes[0]);
    return index.kind === 'index' ? index.manifests : [];
  } catch (error) {
    if (!(error instanceof OciError) || error.code === 'LIMIT_EXCEEDED') throw error;
    throw new OciError('LAYOUT_INVALID', `The index.json of the image layout is damaged: ${error.message}`, {
      cause: error,
    });
  }
}

/** What is attached to an image, as `cosign save` and this program put it beside the image. */
function isAttached({ annotations, artifactType }: Descriptor): boolean {
  const name = annotations?.['org.opencontainers.image.ref.name'] ?? '';
  const { kind } = annotations ?? {};
  if (kind === 'dev.cosignproject.cosign/sigs' || kind === 'dev.cosignproject.cosign/atts') return true;
  return artifactType !== undefined || /^[\w.-]*sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(name);
}

function byDigest(
  entries: readonly Descriptor[],
  digest: Digest,
  blobSize: (digest: Digest) => number | undefined,
): LayoutRoot {
  const listed = entries.filter((entry) => entry.digest === digest);
  const [first] = listed;
  if (first !== undefined) return { descriptor: first, repoTags: repoTagsOf(listed.flatMap(entryNames)) };
  // Manifests of a nested index are blobs too, and naming one is the surest way to mean it.
  const size = blobSize(digest);
  if (size === undefined) throw notFound({ digest }, choices(entries));
  return { descriptor: { mediaType: '', digest, size }, repoTags: [] };
}

function distinct(entries: readonly Descriptor[]): readonly Descriptor[] {
  const seen = new Set<Digest>();
  return entries.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}

function isOneImage(entries: readonly Descriptor[]): boolean {
  const names = new Set(entries.map((entry) => entryNames(entry).join(' ')));
  const platforms = entries.map(({ platform }) => (platform === undefined ? undefined : formatPlatform(platform)));
  return names.size === 1 && !platforms.includes(undefined) && new Set(platforms).size === platforms.length;
}

/** How each entry can be asked for: by its name when that is its own, else by its digest. */
function choices(entries: readonly Descriptor[]): readonly string[] {
  const names = entries.map((entry) => entryNames(entry)[0]);
  return entries.map((entry, at) => {
    const name = names[at];
    return name !== undefined && names.indexOf(name) === names.lastIndexOf(name) ? `:${name}` : `@${entry.digest}`;
  });
}
