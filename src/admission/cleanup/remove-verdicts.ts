import { mapBounded } from '../../base/concurrency.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import { isOurs, ownSelector } from '../ownership.ts';
import { imageVerdictType as type } from '../resources/image-verdict.ts';
import { cleanupLimits as limits } from './limits.ts';
import type { CleanupParts } from './model.ts';
import { patiently } from './patiently.ts';

/**
 * Removes the verdicts that replicas shared.
 *
 * @returns how many there were; 0 too in a cluster without the definition of verdicts
 * @throws KubernetesError, or the signal's reason
 */
export async function removeVerdicts(
  { client, clock, signal }: Pick<CleanupParts, 'client' | 'clock' | 'signal'>,
  dryRun: boolean,
): Promise<number> {
  const found = new Map<string, string>();
  try {
    for await (const { objects, restarted } of client.list(type, { labelSelector: ownSelector, signal })) {
      if (restarted) found.clear();
      for (const object of objects) if (isOurs(object)) found.set(object.metadata.name, object.metadata.uid ?? '');
    }
  } catch (error) {
    if (isKubernetesError(error, 'NOT_FOUND')) return 0;
    throw error;
  }
  if (dryRun) return found.size;
  const removed = await mapBounded([...found], limits.removals, ([name, uid]) =>
    patiently(
      async () => {
        try {
          return await client.remove(type, name, { signal, ...(uid === '' ? {} : { preconditions: { uid } }) });
        } catch (error) {
          // Another one by now, of whoever made it.
          if (isKubernetesError(error, 'CONFLICT')) return false;
          throw error;
        }
      },
      clock,
      signal,
    ),
  );
  return removed.filter(Boolean).length;
}
