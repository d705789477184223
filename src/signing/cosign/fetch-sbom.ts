import { fetchManifestIfThere } from '../../oci/client/fetch-manifest.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { fetchLayers } from './fetch-layers.ts';
import { lookUp } from './look-up.ts';
import { attachmentTag } from './tags.ts';

/** A bill of materials as it was attached: nobody signed it. */
export interface AttachedSbom {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/**
 * Fetches the SBOM at the `.sbom` tag of a digest; undefined when there is no such tag.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE
 */
export async function fetchSbom(
  remote: RemoteRepository,
  digest: Digest,
  signal?: AbortSignal,
): Promise<AttachedSbom | undefined> {
  const tag = attachmentTag(digest, 'sbom');
  return await lookUp(`The SBOM at ${repositoryName(remote)}:${tag}`, async () => {
    const fetched = await fetchManifestIfThere(remote.client, remote.repository, tag, signal);
    if (fetched === undefined) return undefined;
    const manifest = parseManifest(fetched.bytes, fetched.descriptor.mediaType);
    const [layer] = manifest.kind === 'manifest' ? manifest.layers : [];
    if (layer === undefined) throw new OciError('MANIFEST_INVALID', `The tag ${tag} names a manifest without an SBOM`);
    const [result] = await fetchLayers(remote, [layer], signal);
    if (result === undefined || 'error' in result) throw result?.error;
    return { mediaType: layer.mediaType, bytes: result.bytes };
  });
}
