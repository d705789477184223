import type { ClusterFacts } from '../../admission/resource/model.ts';
import { noCluster } from '../../admission/service/no-cluster.ts';
import { imageDataOf, type ImageDataParts } from '../../admission/source/image-data.ts';
import type { KeyLookup } from '../../evidence/key-lookup.ts';
import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { Lookup } from '../../policy/resource/policy.ts';
import { SigningError } from '../../signing/error.ts';
import type { PipelineJudge } from './pipeline-judge.ts';
import { ownAccess } from './own-access.ts';

/**
 * What policies about objects may look up where no cluster is asked: what registries say of images, and nothing else. What could not be
 * looked at is never empty.
 *
 * @param judge knows what names stand for: a tag that moves meanwhile is still the image that is judged
 */
export function pipelineFacts(parts: ImageDataParts, judge: PipelineJudge): ClusterFacts {
  const nothing = noCluster(parts.clock);
  return {
    async look(lookup, subject, signal) {
      if (lookup.kind !== 'imageData') return await nothing.look(lookup, subject, signal);
      return await imageData(parts, judge, lookup, signal);
    },
    pullSecrets: (subject, signal) => nothing.pullSecrets(subject, signal),
  };
}

async function imageData(
  parts: ImageDataParts,
  judge: PipelineJudge,
  lookup: Lookup & { readonly kind: 'imageData' },
  signal: AbortSignal,
): Promise<Gathered<JsonValue>> {
  let reference: Reference;
  try {
    reference = parseReference(lookup.reference);
  } catch {
    return { state: 'unavailable', reason: `${lookup.reference} is no name of an image` };
  }
  const digest: Gathered<Digest> = await judge.resolve(reference, ownAccess, signal);
  if (digest.state !== 'known') return digest;
  const named = formatReference({ ...reference, digest: digest.value });
  const data = await imageDataOf(parts, { ...lookup, reference: named }, signal);
  if (data.state !== 'known') return data;
  const identifier = reference.digest ?? reference.tag ?? 'latest';
  return { ...data, value: { ...(data.value as JsonObject), image: lookup.reference, identifier } };
}

/** Keys that lie in a cluster cannot be had where none is asked. */
export function withoutCluster(lookup: KeyLookup): KeyLookup {
  return async (reference) => {
    if (!reference.startsWith('k8s://')) return await lookup(reference);
    const message = `The key ${reference} lies in a cluster, and none is asked here; let the policy name a file or a key service`;
    throw new SigningError('KEY_UNAVAILABLE', message);
  };
}
