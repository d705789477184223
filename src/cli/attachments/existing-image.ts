import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { resolvePlatform } from '../../oci/open-image.ts';
import type { Platform } from '../../oci/platform.ts';
import type { ResolvedImage, SigningSession } from '../signing/session.ts';

/** An image that is there. */
export interface ExistingImage extends ResolvedImage {
  readonly descriptor: Descriptor;
}

/**
 * Resolves the name of an image and sees to it that it is there: of a digest that is not, "nothing is attached" would be a
 * wrong answer, and what is attached to it would be lost.
 *
 * @param platform takes this image of an index
 * @throws OciError IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE and others
 */
export async function existingImage(
  session: SigningSession,
  name: string,
  platform?: Platform,
): Promise<ExistingImage> {
  const resolved = await session.resolve(name);
  const { client, repository } = resolved.image;
  const fetched = await fetchManifest(client, repository, resolved.digest, session.signal);
  if (platform === undefined) return { ...resolved, descriptor: fetched.descriptor };
  const content = new RegistryContent(resolved.image, fetched);
  const descriptor = await resolvePlatform(content, fetched.descriptor, platform, session.signal);
  return { ...resolved, digest: descriptor.digest, descriptor };
}
