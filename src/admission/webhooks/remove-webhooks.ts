import type { KubernetesClient } from '../../kubernetes/client.ts';
import { configurationTypes, isOurs } from './configuration.ts';

/**
 * Takes away the webhooks that were registered under a name, and nothing else of that name. API servers ask nobody then.
 *
 * @returns the kinds that were there
 * @throws KubernetesError
 */
export async function removeWebhooks(
  client: Pick<KubernetesClient, 'get' | 'remove'>,
  name: string,
): Promise<readonly string[]> {
  const removed: string[] = [];
  // Those that change objects last: who validates would refuse what nobody gave its digest.
  for (const type of [configurationTypes.validate, configurationTypes.mutate]) {
    const found = await client.get(type, name);
    if (found === undefined || !isOurs(found)) continue;
    const { uid } = found.metadata;
    if (await client.remove(type, name, uid === undefined ? {} : { preconditions: { uid } })) removed.push(type.kind);
  }
  return removed;
}
