import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { imagePolicyType as type } from './image-policy.ts';

/** Mistakes that are told of one policy, and characters of each. */
const most = { mistakes: 20, length: 1024 } as const;

/**
 * Says of a policy whether it counts, or what is wrong with it; nothing is written where that is said already. For the leader, with the policy
 * as it was read.
 *
 * @param mistakes sentences; none where the policy counts
 * @param now milliseconds since 1970
 * @returns whether it was written; false where the policy is another one by now, or is gone
 * @throws KubernetesError
 */
export async function writePolicyStatus(
  client: Pick<KubernetesClient, 'replace'>,
  policy: KubernetesObject,
  mistakes: readonly string[],
  now: number,
): Promise<boolean> {
  const status = policyStatus(policy, mistakes, now);
  if (status === undefined) return false;
  try {
    // With the version that was read: what is said of a policy is said of that one.
    await client.replace(type, { ...policy, status }, { subresource: 'status' });
    return true;
  } catch (error) {
    if (isKubernetesError(error, 'CONFLICT', 'NOT_FOUND')) return false;
    throw error;
  }
}

/** The status that a policy is to have; undefined where it has it. */
function policyStatus(
  { metadata, status }: KubernetesObject,
  all: readonly string[],
  now: number,
): Readonly<Record<string, unknown>> | undefined {
  const mistakes = all.slice(0, most.mistakes).map((mistake) => mistake.slice(0, most.length));
  const [first] = mistakes;
  const known = (status ?? {}) as Readonly<Record<string, unknown>>;
  const conditions = (Array.isArray(known['conditions']) ? known['conditions'] : []) as readonly Readonly<
    Record<string, unknown>
  >[];
  const before = conditions.find((condition) => condition['type'] === 'Ready');
  const { generation = 0 } = metadata;
  const said = {
    type: 'Ready',
    status: first === undefined ? 'True' : 'False',
    observedGeneration: generation,
    reason: first === undefined ? 'Counts' : 'Mistakes',
    message: first === undefined ? '' : `${first}${mistakes.length > 1 ? ` (and ${all.length - 1} more)` : ''}`,
  };
  const isSaid = before !== undefined && Object.entries(said).every(([name, value]) => before[name] === value);
  if (isSaid && JSON.stringify(known['mistakes'] ?? []) === JSON.stringify(mistakes)) return undefined;
  const changed = new Date(now).toISOString().replace(/\.\d+/, '');
  const lastTransitionTime = before?.['status'] === said.status ? before['lastTransitionTime'] : changed;
  return {
    ...known,
    observedGeneration: generation,
    conditions: [...conditions.filter((condition) => condition !== before), { ...said, lastTransitionTime }],
    mistakes,
  };
}
