import { fetchManifestIfThere } from '../../oci/client/fetch-manifest.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { SigningError } from '../error.ts';
import { findAttachments } from './attachments.ts';
import { type FetchedLayer, fetchLayers } from './fetch-layers.ts';
import { lookUp } from './look-up.ts';
import { attachmentTagIfAny } from './tags.ts';

/** A bill of materials as it was attached: nobody signed it. */
export interface AttachedSbom {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/**
 * Fetches the SBOM of a digest: at its `.sbom` tag, or else the one that is attached as a referrer; undefined when there is
 * neither.
 *
 * @param options.prefix what stands before tags (`--attachment-tag-prefix`)
 * @throws SigningError SIGNATURES_UNAVAILABLE, also for one that is damaged; OciError IMAGE_AMBIGUOUS for several referrers
 */
export async function fetchSbom(
  remote: RemoteRepository,
  digest: Digest,
  options: { readonly prefix?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<AttachedSbom | undefined> {
  const { prefix, signal } = options;
  const tag = attachmentTagIfAny(digest, 'sbom', prefix);
  if (tag === undefined) return await fetchReferrer(remote, digest, signal);
  const what = `The SBOM at ${repositoryName(remote)}:${tag}`;
  const fetched = await lookUp(
    what,
    async () => await fetchManifestIfThere(remote.client, remote.repository, tag, signal),
  );
  if (fetched !== undefined) {
    return await lookUp(what, async () => {
      const manifest = parseManifest(fetched.bytes, fetched.descriptor.mediaType);
      return await fetchOnly(remote, manifest, `The tag ${tag}`, signal);
    });
  }
  return await fetchReferrer(remote, digest, signal);
}

/** The one that names the digest as its subject. */
async function fetchReferrer(
  remote: RemoteRepository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<AttachedSbom | undefined> {
  const { attachments, problems } = await findAttachments(remote, digest, { tags: false, signal });
  const [first, ...others] = attachments.filter(({ kind, form }) => kind === 'sbom' && form === 'referrer');
  const [unread] = problems;
  if (first === undefined && unread !== undefined) {
    const sentence = `What is attached could not all be read, and may be an SBOM: ${unread.subject}: ${unread.message}`;
    throw new SigningError('SIGNATURES_UNAVAILABLE', sentence);
  }
  if (first === undefined) return undefined;
  if (others.length > 0) {
    const digests = [first, ...others].map(({ descriptor }) => descriptor.digest).join(', ');
    throw new OciError('IMAGE_AMBIGUOUS', `There are ${others.length + 1} SBOMs, ${digests}; fetch one by its digest`);
  }
  const { descriptor, manifest } = first;
  return await lookUp(`The SBOM ${descriptor.digest}`, async () => {
    return await fetchOnly(remote, manifest, `The manifest ${descriptor.digest}`, signal);
  });
}

async function fetchOnly(
  remote: RemoteRepository,
  manifest: ImageManifest | ImageIndex,
  name: string,
  signal: AbortSignal | undefined,
): Promise<AttachedSbom> {
  const layers: readonly Descriptor[] = manifest.kind === 'manifest' ? manifest.layers : [];
  const [layer, ...others] = layers;
  if (layer === undefined || others.length > 0) {
    throw new OciError('MANIFEST_INVALID', `${name} has ${layers.length} layers, where an SBOM is exactly one`);
  }
  const [result] = (await fetchLayers(remote, [layer], signal)) as [FetchedLayer];
  if ('error' in result) throw result.error;
  return { mediaType: layer.mediaType, bytes: result.bytes };
}
