import type { Descriptor } from './descriptor.ts';
import { OciError } from './error.ts';
import { limits } from './limits.ts';
import type { ImageIndex } from './manifest.ts';
import { bareMediaType, imageManifestMediaTypes, indexMediaTypes } from './media-type.ts';
import { formatPlatform, platformDistance } from './platform.ts';
import type { Platform } from './platform.ts';

/** What choosing needs from whoever holds the content. */
export interface PlatformReader {
  readIndex(descriptor: Descriptor): Promise<ImageIndex>;
  /** The platform that the manifest's config tells, for entries of an index that do not tell it. */
  readPlatform(descriptor: Descriptor): Promise<Platform>;
  /** False for content that the source surely lacks. */
  hasBlob(descriptor: Descriptor): boolean;
}

/** What platform is asked for. */
export interface PlatformWish {
  /** Asked for by name: nothing else will do. */
  readonly platform?: Platform;
  /** Taken when none was asked for; where the index has only one image, that one is taken instead. */
  readonly defaultPlatform: Platform;
}

interface Candidate {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

/**
 * Picks the image of an index for one platform: the first of those that fit best. Attestations are not images;
 * entries whose content the source lacks (exports of one platform keep the whole index) are passed over.
 *
 * @throws OciError PLATFORM_UNAVAILABLE, whose message lists the platforms there are, and LIMIT_EXCEEDED
 */
export async function selectPlatform(
  index: ImageIndex,
  wish: PlatformWish,
  reader: PlatformReader,
): Promise<Descriptor> {
  const walk = { reads: 0, lacking: 0, candidates: [] as Candidate[] };
  await collect(index, 1, walk, reader);
  const wanted = wish.platform ?? wish.defaultPlatform;
  let best: Candidate | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of walk.candidates) {
    const distance = platformDistance(wanted, candidate.platform);
    if (distance === undefined || distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  if (best !== undefined) return best.descriptor;
  const [only] = walk.candidates;
  if (wish.platform === undefined && only !== undefined && walk.candidates.length === 1) return only.descriptor;
  throw unavailable(wanted, walk.candidates, walk.lacking);
}

/** True for the entries of an index that tell about an image instead of being one (BuildKit's attestations). */
export function isAttestation({ annotations, platform }: Descriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] !== undefined ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown')
  );
}

async function collect(
  index: ImageIndex,
  depth: number,
  walk: { reads: number; lacking: number; candidates: Candidate[] },
  reader: PlatformReader,
): Promise<void> {
  for (const descriptor of index.manifests) {
    const mediaType = bareMediaType(descriptor.mediaType);
    const nested = indexMediaTypes.includes(mediaType);
    if (isAttestation(descriptor) || !(nested || imageManifestMediaTypes.includes(mediaType))) continue;
    if (!reader.hasBlob(descriptor)) {
      walk.lacking += 1;
      continue;
    }
    if (!nested && descriptor.platform !== undefined) {
      walk.candidates.push({ descriptor, platform: descriptor.platform });
      continue;
    }
    walk.reads += 1;
    if (depth >= limits.indexDepth || walk.reads > limits.indexReads) {
      throw new OciError(
        'LIMIT_EXCEEDED',
        'The index holds too many indexes within indexes; name the image by the digest of its own manifest',
      );
    }
    if (nested) await collect(await reader.readIndex(descriptor), depth + 1, walk, reader);
    else walk.candidates.push({ descriptor, platform: await reader.readPlatform(descriptor) });
  }
}

function unavailable(wanted: Platform, candidates: readonly Candidate[], lacking: number): OciError {
  const names = [...new Set(candidates.map(({ platform }) => formatPlatform(platform)))];
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '');
  const there = names.length === 0 ? 'it has no image at all' : `it has ${shown}`;
  const left = lacking === 0 ? '' : ` (${lacking} more are listed, but their content is not there)`;
  return new OciError(
    'PLATFORM_UNAVAILABLE',
    `The image has no variant for ${formatPlatform(wanted)}: ${there}${left}; choose another platform`,
  );
}
