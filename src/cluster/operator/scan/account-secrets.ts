import { RememberedReads } from '../../../base/remembered-reads.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import type { ResourceType } from '../../../kubernetes/model.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Clock } from '../../../net/clock.ts';
import { secretNames } from '../../../workload/pull-wishes.ts';
import { knownKinds } from '../../kinds.ts';
import { clusterLimits } from '../../limits.ts';

/** Service accounts, by which Pods may name Secrets for their images. */
export const serviceAccounts: ResourceType = knownKinds.serviceAccounts;

const remembered = { most: 5000, readTime: 60_000, failedTime: 3000 } as const;

/**
 * Names of the Secrets that a service account names for images (Kubernetes, "Add ImagePullSecrets to a service account"), read when they are
 * asked for and remembered for a moment. Where it cannot be read, nothing is known of any: an image may well need none.
 */
export function accountSecrets(
  client: Pick<KubernetesClient, 'get'>,
  clock: Clock,
): (namespace: string, account: string, signal: AbortSignal) => Promise<readonly string[]> {
  const reads = new RememberedReads<readonly string[]>(
    () => clock.now(),
    remembered,
    (names) => names.length > 0,
  );
  const read = async (namespace: string, account: string): Promise<readonly string[]> => {
    try {
      const found = await client.get(serviceAccounts, account, { namespace });
      return secretNames((found?.['imagePullSecrets'] ?? null) as JsonValue).slice(0, clusterLimits.pullSecrets);
    } catch {
      return [];
    }
  };
  return (namespace, account, signal) => reads.get(`${namespace}/${account}`, () => read(namespace, account), signal);
}
