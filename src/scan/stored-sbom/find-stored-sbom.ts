import { listReferrers } from '../../oci/client/list-referrers.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { readBundles } from '../../signing/cosign/bundles.ts';
import { isOwnFault, lookUp } from '../../signing/cosign/look-up.ts';
import { type AttachedManifest, readReferrer } from '../../signing/cosign/read-referrers.ts';
import { SigningError } from '../../signing/error.ts';
import type { AcceptedKey } from '../../signing/verify/policy.ts';
import { chooseCandidates, mayBeBill } from './candidates.ts';
import { storedSbomLimits } from './limits.ts';
import { readStoredSbom, type SbomImage, type SbomReading } from './read-stored-sbom.ts';

/** An SBOM that stands for an image's layers and the manifest that attaches it, or why there is none. */
export type StoredSbom =
  | (Extract<SbomReading, { readonly kind: 'trusted' }> & { readonly manifest: Digest })
  /** Completes a sentence: "…, but its SBOM is not signed". */
  | { readonly kind: 'unusable'; readonly reason: string };

/** What all candidates are judged by. */
interface Search {
  readonly remote: RemoteRepository;
  readonly image: SbomImage;
  readonly keys: readonly AcceptedKey[];
  readonly now: Date;
  readonly signal: AbortSignal | undefined;
}

/**
 * Looks for an SBOM of an image that a registry of Seaworthy attached and that one of some keys signed. No layer is read. Whatever is wrong with it, or with looking for it, is a reason
 * to read the layers, and no error.
 *
 * @throws the signal's reason
 */
export async function findStoredSbom(
  remote: RemoteRepository,
  image: SbomImage,
  keys: readonly AcceptedKey[],
  now: Date,
  signal?: AbortSignal,
): Promise<StoredSbom> {
  const what = `What is attached to ${repositoryName(remote)}@${image.manifestDigest}`;
  try {
    return await lookUp(what, async () => await search({ remote, image, keys, now, signal }));
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    return { kind: 'unusable', reason: error.message };
  }
}

async function search(parts: Search): Promise<StoredSbom> {
  const { remote, image, signal } = parts;
  const { descriptors } = await listReferrers(remote.client, remote.repository, image.manifestDigest, {
    fallbackToo: false,
    signal,
  });
  const { chosen, unsigned } = chooseCandidates(descriptors);
  let told: { readonly reason: string; readonly signed: boolean } | undefined;
  let bytes = 0;
  for (const candidate of chosen) {
    signal?.throwIfAborted();
    const reading = await judge(candidate, parts, (size) => (bytes += size) <= storedSbomLimits.bytes);
    if (reading?.kind === 'trusted') return { ...reading, manifest: candidate.digest };
    // What is wrong with one that a key did sign tells more than that others are signed by somebody else.
    if (reading === undefined || (told !== undefined && (told.signed || !reading.signed))) continue;
    const { signed } = reading;
    told = { signed, reason: `its SBOM ${candidate.digest} cannot be used: ${reading.reason}` };
  }
  if (told !== undefined) return { kind: 'unusable', reason: told.reason };
  const reason = unsigned ? 'its SBOM is not signed' : 'it has no signed SBOM';
  return { kind: 'unusable', reason };
}

/** What one referrer is; undefined for what is no SBOM. */
async function judge(
  candidate: Descriptor,
  { remote, image, keys, now, signal }: Search,
  mayRead: (bytes: number) => boolean,
): Promise<SbomReading | undefined> {
  let attached: AttachedManifest;
  try {
    attached = await readReferrer(remote, candidate, image.manifestDigest, signal);
  } catch (error) {
    if (!isOwnFault(error)) throw error;
    return { kind: 'unusable', reason: error.message, signed: false };
  }
  const { manifest } = attached;
  if (manifest.kind === 'index' || !mayBeBill(manifest.annotations)) return undefined;
  if (!mayRead(manifest.layers.reduce((sum, { size }) => sum + size, 0))) {
    return { kind: 'unusable', reason: 'it is larger than what is read of all SBOMs of one image', signed: false };
  }
  const { bundles, problems } = await readBundles(remote, [attached], signal);
  const [bundle] = bundles;
  if (bundle !== undefined) return await readStoredSbom(bundle.bytes, image, keys, now, signal);
  const [problem] = problems;
  return problem && { kind: 'unusable', reason: problem.message, signed: false };
}
