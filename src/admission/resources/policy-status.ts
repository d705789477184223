import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { droppedFields, isApplied } from './dropped-fields.ts';
import { imagePolicySpecSchema, imagePolicyType as type } from './image-policy.ts';

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
  policy: KubernetesObject,
  all: readonly string[],
  now: number,
): Readonly<Record<string, unknown>> | undefined {
  const { metadata, status } = policy;
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
  const lost = lostFields(policy, known);
  if (isSaid && lost.isSaid && JSON.stringify(known['mistakes'] ?? []) === JSON.stringify(mistakes)) return undefined;
  const changed = new Date(now).toISOString().replace(/\.\d+/, '');
  const lastTransitionTime = before?.['status'] === said.status ? before['lastTransitionTime'] : changed;
  return {
    ...known,
    observedGeneration: generation,
    conditions: [
      ...conditions.filter((condition) => condition !== before && condition['type'] !== fieldsDropped),
      { ...said, lastTransitionTime },
      ...(lost.said === undefined ? [] : [{ ...lost.said, lastTransitionTime: lost.since ?? changed }]),
    ],
    mistakes,
  };
}

/** The condition of policies of which the API server did not keep all. */
const fieldsDropped = 'FieldsDropped';

/** What is to be said of fields that were not kept: they may be what the policy was written for. */
function lostFields(
  policy: KubernetesObject,
  known: Readonly<Record<string, unknown>>,
): { readonly isSaid: boolean; readonly said?: Readonly<Record<string, unknown>>; readonly since?: unknown } {
  const conditions = (known['conditions'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const before = Array.isArray(conditions) ? conditions.find(({ type }) => type === fieldsDropped) : undefined;
  const fields = isApplied(policy) ? droppedFields(policy, imagePolicySpecSchema()) : [];
  if (fields.length === 0) return { isSaid: before === undefined };
  const said = {
    type: fieldsDropped,
    status: 'True',
    observedGeneration: policy.metadata.generation ?? 0,
    reason: 'UnknownFields',
    message: `There is no such setting, and the API server dropped it: ${fields.join(', ')}`.slice(0, most.length),
  };
  const isSaid = before !== undefined && Object.entries(said).every(([name, value]) => before[name] === value);
  return { isSaid, said, since: before?.['lastTransitionTime'] };
}
