import type { KubernetesClient } from '../../kubernetes/client.ts';
import { configurationName } from '../manifests/model.ts';
import { isOurs } from '../ownership.ts';
import { removalOrder } from '../webhooks/remove-webhooks.ts';

/**
 * The namespace of the Service that API servers ask, by what is registered; undefined where nothing is, or an address.
 *
 * @throws KubernetesError
 */
export async function registeredNamespace(client: Pick<KubernetesClient, 'get'>): Promise<string | undefined> {
  for (const type of removalOrder) {
    const found = await client.get(type, configurationName);
    if (found === undefined || !isOurs(found) || !Array.isArray(found['webhooks'])) continue;
    for (const webhook of found['webhooks'] as readonly Webhook[]) {
      const namespace = webhook.clientConfig?.service?.namespace;
      if (namespace !== undefined) return namespace;
    }
  }
  return undefined;
}

interface Webhook {
  readonly clientConfig?: { readonly service?: { readonly namespace?: string } };
}
