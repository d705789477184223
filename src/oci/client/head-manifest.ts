import type { Descriptor } from '../descriptor.ts';
import { isDigest } from '../digest.ts';
import { OciError } from '../error.ts';
import { acceptedManifestMediaTypes, bareMediaType } from '../media-type.ts';
import { fetchManifestIfThere } from './fetch-manifest.ts';
import type { RegistryClient } from './registry-client.ts';

/**
 * Asks what a tag or digest names without fetching it (distribution-spec, "Checking if content exists in the
 * registry"). Where the answer tells too little, the manifest is fetched after all.
 *
 * @returns undefined when the registry says that it is not there
 * @throws OciError DIGEST_MISMATCH when another digest is named than was asked for, and the codes of other answers
 */
export async function headManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<Descriptor | undefined> {
  const response = await client.request({
    method: 'HEAD',
    path: `${repository}/manifests/${reference}`,
    access: { repository, actions: 'pull' },
    headers: { accept: acceptedManifestMediaTypes.join(', ') },
    signal,
  });
  response.discard();
  if (response.status === 404) return undefined;
  const { headers, status } = response;
  const name = `${client.registry}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  if (status !== 200 && status !== 405) throw await client.explain(response, { kind: 'manifest', name });
  const digest = headers.get('docker-content-digest')?.trim() ?? '';
  const mediaType = bareMediaType(headers.get('content-type') ?? '');
  const length = headers.get('content-length') ?? '';
  if (
    status === 405 ||
    !isDigest(digest) ||
    !acceptedManifestMediaTypes.includes(mediaType) ||
    !/^\d{1,9}$/.test(length)
  ) {
    return (await fetchManifestIfThere(client, repository, reference, signal))?.descriptor;
  }
  if (isDigest(reference) && digest !== reference) {
    throw new OciError('DIGEST_MISMATCH', `${response.url.host} answered ${digest} where ${name} was asked for`);
  }
  return { mediaType, digest, size: Number(length) };
}
