import { findOffer } from '../../store/metadata/scan-offers.ts';
import { checkConfigType } from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { foreignLayers } from '../../oci/foreign-layers.ts';
import { parseManifest, type ImageManifest } from '../../oci/manifest.ts';
import { repositoriesWith } from '../../store/metadata/scans.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { RegistryError } from '../error.ts';
import type { Origin } from '../pipeline/origin.ts';
import type { ServedImage } from '../../scan/process/channel/serve-content.ts';
import { UnscannableError } from '../../scan/process/error.ts';
import { unscannableDocument } from '../../scan/process/why-unscannable.ts';
import { wholePlace } from './whole-place.ts';

/** An image that is to be scanned: what points at it, and what may be read of it. */
export interface ScanSubject {
  readonly descriptor: Descriptor;
  readonly served: ServedImage;
}

/**
 * Finds an image in a repository that has it, and looks whether there is anything to scan.
 *
 * @param maxBytes of its config and layers together
 * @throws UnscannableError IMAGE_GONE, IMAGE_INDEX, NOT_AN_IMAGE, IMAGE_INVALID, IMAGE_TOO_LARGE; what reading it throws
 */
export async function readSubject(
  content: Content,
  origin: Origin,
  { digest, repository }: { readonly digest: Digest; readonly repository: string },
  maxBytes: number,
): Promise<ScanSubject> {
  const { place, mediaType, bytes } = await findBytes(content, digest, repository);
  const manifest = readManifest(bytes, mediaType);
  const blobs = [manifest.config, ...manifest.layers];
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (size > maxBytes) {
    throw new UnscannableError('IMAGE_TOO_LARGE', `The image has ${size} bytes, more than the settings let scans read`);
  }
  const digests = new Set(blobs.map((blob) => blob.digest));
  const { database } = content;
  const others = (await repositoriesWith(database, digest, place)).map(({ name }) => name);
  // Where nothing must come from elsewhere first, there is nobody to wait for.
  const whole = await wholePlace(database, [place, ...others], digests);
  const foreign = foreignLayers(manifest);
  const served = { repository: whole ?? place, digest, manifest: bytes, blobs: digests, foreign, origin };
  return { descriptor: { mediaType, digest, size: bytes.length }, served };
}

async function findBytes(
  content: Content,
  digest: Digest,
  repository: string,
): Promise<{ readonly place: string; readonly mediaType: string; readonly bytes: Uint8Array }> {
  const offer = await findOffer(content.database, digest);
  const offered = offer && { place: offer.repository, mediaType: offer.mediaType, bytes: offer.content };
  // Where it is just being pushed to, what it names is there already.
  if (offered?.place === repository) return offered;
  for (const { name, mediaType } of await repositoriesWith(content.database, digest, repository)) {
    try {
      return { place: name, mediaType, bytes: await manifestBytes(content, name, digest) };
    } catch (error) {
      if (!(error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN')) throw error;
    }
  }
  if (offered !== undefined) return offered;
  throw new UnscannableError('IMAGE_GONE', 'The image is in no repository any more');
}

function readManifest(bytes: Uint8Array, mediaType: string): ImageManifest {
  try {
    const document = parseManifest(bytes, mediaType);
    if (document.kind === 'index') {
      throw new UnscannableError('IMAGE_INDEX', 'This is an index; its images are scanned, each for itself');
    }
    checkConfigType(document);
    return document;
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw unscannableDocument(error);
  }
}
