import type { KubernetesClient } from '../kubernetes/client.ts';
import { isKubernetesError } from '../kubernetes/error.ts';
import type { ResourceType } from '../kubernetes/model.ts';
import { isOurs } from './ownership.ts';

/** What became of an object: it was not there, is not the webhook's and was left, would be removed, or was. */
export type RemovalOutcome = 'absent' | 'foreign' | 'present' | 'removed';

/** Which object. */
export interface RemovalTarget {
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace?: string;
}

/** Others that put an object of that name in the place of the one that was looked at, again and again. */
const mostAttempts = 5;

/**
 * Removes an object that the webhook made, and no other of that name.
 *
 * @param options `dryRun` looks and removes nothing
 * @throws KubernetesError
 */
export async function removeOwn(
  client: Pick<KubernetesClient, 'get' | 'remove'>,
  { type, name, namespace }: RemovalTarget,
  { dryRun = false, signal }: { readonly dryRun?: boolean; readonly signal?: AbortSignal } = {},
): Promise<RemovalOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await client.get(type, name, { namespace, signal });
    if (found === undefined) return 'absent';
    if (!isOurs(found)) return 'foreign';
    if (dryRun) return 'present';
    const { uid } = found.metadata;
    try {
      // What was looked at, and not what somebody made of that name since.
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      const isRemoved = await client.remove(type, name, { namespace, signal, ...preconditions });
      return isRemoved ? 'removed' : 'absent';
    } catch (error) {
      if (!isKubernetesError(error, 'CONFLICT') || attempt === mostAttempts) throw error;
    }
  }
}
