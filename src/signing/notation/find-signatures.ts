import type { Problem } from '../../base/problem.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { fetchLayers, type LayerBudget } from '../cosign/fetch-layers.ts';
import { lookUp } from '../cosign/look-up.ts';
import { manifestMediaType, notationType } from '../cosign/media-types.ts';
import { type AttachedManifest, readReferrers } from '../cosign/read-referrers.ts';
import { notationLimits } from './limits.ts';
import { tooLarge } from './parse-envelope.ts';

/** An envelope as it is attached to an image: nothing of it is read yet. */
export interface AttachedEnvelope {
  /** The manifest that attaches it. */
  readonly manifest: Descriptor;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Envelopes, and what was listed but could not be read. */
export interface AttachedEnvelopes {
  readonly envelopes: readonly AttachedEnvelope[];
  readonly problems: readonly Problem[];
}

/**
 * Finds the signatures of Notary Project that are attached to a digest (signature-specification.md, "Storage"): referrers of
 * their artifact type with one layer, which is the envelope. Lists of referrers are hints; the manifests decide.
 *
 * @param most how many are looked at; that there are more is told
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED
 */
export async function findSignatures(
  remote: RemoteRepository,
  digest: Digest,
  most: number = notationLimits.signatures,
  signal?: AbortSignal,
): Promise<AttachedEnvelopes> {
  const { manifests, problems } = await readReferrers(remote, digest, { signal });
  const read = await readEnvelopes(remote, digest, manifests, most, signal);
  return { ...read, problems: [...problems, ...read.problems] };
}

/** Reads the signatures among manifests that were read already, as {@link findSignatures} does. @throws SigningError */
export async function readEnvelopes(
  remote: RemoteRepository,
  digest: Digest,
  manifests: readonly AttachedManifest[],
  most: number,
  signal?: AbortSignal,
  budget?: LayerBudget,
): Promise<AttachedEnvelopes> {
  const problems: Problem[] = [];
  const all = manifests.filter(({ artifactType }) => artifactType === notationType);
  if (all.length > most) {
    const message = `It has ${all.length} signatures, of which ${most} were looked at; --max-signatures looks at more`;
    problems.push({ code: 'SIGNATURES_LEFT', subject: digest, message });
  }
  const found = all.slice(0, most).flatMap((attached) => {
    const layer = envelopeLayer(attached);
    if (typeof layer !== 'string') return [{ manifest: attached.descriptor, layer }];
    problems.push(problem(attached.descriptor, layer));
    return [];
  });
  const layers = found.map(({ layer }) => layer);
  const what = `The signatures in ${repositoryName(remote)}`;
  const fetched = await lookUp(what, async () => await fetchLayers(remote, layers, signal, budget));
  const envelopes = found.flatMap(({ manifest, layer }, at) => {
    const result = fetched[at];
    if (result !== undefined && 'bytes' in result) {
      return [{ manifest, mediaType: layer.mediaType, bytes: result.bytes }];
    }
    problems.push(problem(manifest, result?.error.message ?? 'It was not fetched'));
    return [];
  });
  return { envelopes, problems };
}

/** The one layer, or why there is none to fetch. */
function envelopeLayer({ manifest }: AttachedManifest): Descriptor | string {
  if (manifest.kind === 'index' || manifest.mediaType !== manifestMediaType) return 'It is no image manifest of OCI';
  const [layer] = manifest.layers;
  if (layer === undefined || manifest.layers.length > 1) {
    return `It has ${manifest.layers.length} layers, where a signature is exactly one`;
  }
  // Before a byte is asked for (CVE-2023-33957, CVE-2023-33958).
  return layer.size > notationLimits.envelopeBytes ? tooLarge(layer.size).message : layer;
}

function problem(manifest: Descriptor, message: string): Problem {
  return { code: 'SIGNATURE_UNREADABLE', subject: manifest.digest, message };
}
