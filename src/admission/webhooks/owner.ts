import type { KubernetesClient } from '../../kubernetes/client.ts';
import { apiVersionOf, type OwnerReference } from '../../kubernetes/model.ts';
import { resourceTypes } from '../cluster/resource-types.ts';

/**
 * What webhooks are to go with: the cluster role of the webhook, which is made and removed with everything else of it. Objects of a
 * cluster can only belong to objects of a cluster, and the namespace often stays. Undefined where there is no such role.
 *
 * @throws KubernetesError
 */
export async function ownerOfWebhooks(
  client: Pick<KubernetesClient, 'get'>,
  clusterRole: string,
): Promise<OwnerReference | undefined> {
  const type = resourceTypes.clusterRoles;
  const uid = (await client.get(type, clusterRole))?.metadata.uid;
  if (uid === undefined) return undefined;
  return { apiVersion: apiVersionOf(type), kind: type.kind, name: clusterRole, uid };
}
