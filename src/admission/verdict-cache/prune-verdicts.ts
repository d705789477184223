import { mapBounded } from '../../base/concurrency.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { imageVerdictType as type } from '../resources/image-verdict.ts';
import { verdictStoreLimits as limits } from './limits.ts';
import { verdictOfObject } from './verdict-object.ts';

interface Found {
  readonly name: string;
  readonly resourceVersion: string;
  /** From then on it is of no use to anybody. */
  readonly over: number;
}

/**
 * Removes verdicts that are over, those that the key does not open and that had time to be, and what is too many.
 *
 * @param now milliseconds since 1970
 * @returns how many were removed; there may be more
 * @throws KubernetesError, or the signal's reason
 */
export async function pruneVerdicts(
  client: Pick<KubernetesClient, 'list' | 'remove'>,
  key: Uint8Array,
  now: number,
  signal?: AbortSignal,
): Promise<number> {
  let found: Found[] = [];
  for await (const page of client.list(type, { signal })) {
    if (page.restarted) found = [];
    for (const object of page.objects) found.push(foundOf(object, key));
  }
  found.sort((one, other) => one.over - other.over);
  const tooMany = Math.max(0, found.length - limits.kept);
  const gone = found.filter(({ over }, at) => over <= now || at < tooMany).slice(0, limits.removals);
  const removed = await mapBounded(gone, limits.writes, async ({ name, resourceVersion }) => {
    try {
      // One that was judged anew meanwhile is another one.
      return await client.remove(type, name, { preconditions: { resourceVersion }, signal });
    } catch (error) {
      if (isKubernetesError(error, 'CONFLICT')) return false;
      throw error;
    }
  });
  return removed.filter(Boolean).length;
}

function foundOf(object: KubernetesObject, key: Uint8Array): Found {
  const { name, resourceVersion = '', creationTimestamp = '' } = object.metadata;
  const made = Date.parse(creationTimestamp);
  const over = verdictOfObject(object, key)?.staleUntil ?? (Number.isNaN(made) ? 0 : made) + limits.sealedTime;
  return { name, resourceVersion, over };
}
