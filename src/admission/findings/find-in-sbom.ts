import type { ResolvedVariant } from '../../evidence/image/resolve-image.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { openImage } from '../../oci/open-image.ts';
import type { Inventory } from '../../package/inventory.ts';
import { findStoredSbom } from '../../scan/stored-sbom/find-stored-sbom.ts';
import type { AcceptedKey } from '../../signing/verify/policy.ts';

/**
 * The packages of an image as a registry that is trusted listed them; undefined where there is no such list. No layer is read.
 *
 * @throws OciError for what is no image; the signal's reason
 */
export async function findInSbom(
  remote: RemoteRepository,
  { descriptor }: ResolvedVariant,
  keys: readonly AcceptedKey[],
  now: number,
  signal: AbortSignal,
): Promise<Inventory | undefined> {
  if (keys.length === 0) return undefined;
  await using image = await openImage(
    new RegistryContent(remote),
    descriptor,
    {
      name: descriptor.digest,
      defaultPlatform: { os: 'linux', architecture: 'amd64' },
      repoTags: [],
      repoDigests: [],
      dispose: () => Promise.resolve(),
    },
    signal,
  );
  const { imageId, layers } = image;
  const subject = { manifestDigest: descriptor.digest, imageId, layers };
  const found = await findStoredSbom(remote, subject, keys, new Date(now), signal);
  return found.kind === 'trusted' ? found.inventory : undefined;
}
