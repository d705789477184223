import { configurationName, defaultManifestSettings, sharedNames } from '../manifests/model.ts';
import type { RbacRule } from '../../kubernetes/rbac-rule.ts';
import { imageVerdictType } from '../resources/image-verdict.ts';
import { removalOrder } from '../webhooks/remove-webhooks.ts';

/** What taking the webhook out of a cluster needs, with all of its choices: of the cluster, and in the webhook's namespace. */
export function cleanupRules(): { readonly cluster: readonly RbacRule[]; readonly own: readonly RbacRule[] } {
  const { certificates, sealKey, lease } = sharedNames;
  return {
    cluster: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: removalOrder.map(({ resource }) => resource),
        resourceNames: [configurationName],
        verbs: ['get', 'delete'],
      },
      { apiGroups: [imageVerdictType.group], resources: [imageVerdictType.resource], verbs: ['list', 'delete'] },
    ],
    own: [
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: [defaultManifestSettings.name],
        verbs: ['get', 'patch'],
      },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'delete'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: [certificates, sealKey], verbs: ['get', 'delete'] },
    ],
  };
}
