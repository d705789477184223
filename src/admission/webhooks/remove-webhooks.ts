import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import { removeOwn } from '../remove-own.ts';
import { configurationTypes } from './configuration.ts';

/** In the order in which they are removed: who validates would refuse what nobody gave its digest. */
export const removalOrder: readonly ResourceType[] = [configurationTypes.validate, configurationTypes.mutate];

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
  for (const type of removalOrder) {
    if ((await removeOwn(client, { type, name })) === 'removed') removed.push(type.kind);
  }
  return removed;
}
