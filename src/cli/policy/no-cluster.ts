import type { ClusterFacts } from '../../admission/resource/model.ts';
import { SigningError } from '../../signing/error.ts';
import type { KeyLookup } from '../../evidence/key-lookup.ts';

/** What is known of a cluster where none is asked. What a policy wants to know of one could not be looked at; it is never empty. */
export function noCluster(now: () => number): ClusterFacts {
  return {
    look: ({ kind }) =>
      Promise.resolve({
        state: 'unavailable',
        reason:
          kind === 'imageData'
            ? 'what an image holds is not looked up for policies here'
            : 'it is looked up in a cluster, and none is asked here',
      }),
    pullSecrets: () => Promise.resolve({ state: 'known', value: [], at: now() }),
  };
}

/** Keys that lie in a cluster cannot be had where none is asked. */
export function withoutCluster(lookup: KeyLookup): KeyLookup {
  return async (reference) => {
    if (!reference.startsWith('k8s://')) return await lookup(reference);
    const message = `The key ${reference} lies in a cluster, and none is asked here; let the policy name a file or a key service`;
    throw new SigningError('KEY_UNAVAILABLE', message);
  };
}
