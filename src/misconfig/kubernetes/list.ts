import type { Check } from '../check.ts';
import {
  addsAny,
  dropsNone,
  dropsNotAll,
  netRaw,
  onlyNetBindService,
  sysAdmin,
  sysModule,
} from './check/container/capabilities.ts';
import { latestTag, trustedRegistry } from './check/container/image.ts';
import { hostPort, lowPort } from './check/container/ports.ts';
import { hostProcess, privileged, privilegeEscalation, procMount, writableRoot } from './check/container/privilege.ts';
import { appArmor, seccompUnconfined, seccompUnset } from './check/container/profiles.ts';
import { cpuLimit, cpuRequest, memoryLimit, memoryRequest } from './check/container/resources.ts';
import { seLinux } from './check/container/se-linux.ts';
import { isRoot, lowGroup, lowUser, mayBeRoot } from './check/container/user.ts';
import { removedApi } from './check/object/api-version.ts';
import { configMapSecrets, configMapSensitive } from './check/object/config-map.ts';
import { allowedRepos } from './check/object/gatekeeper.ts';
import { defaultNamespace, systemNamespace } from './check/object/namespace.ts';
import { networkPolicySelector } from './check/object/network-policy.ts';
import { limitRange, resourceQuota } from './check/object/quota.ts';
import { externalIp } from './check/object/service.ts';
import { rootGroup } from './check/pod/groups.ts';
import { hostAliases, hostIpc, hostNetwork, hostPid } from './check/pod/host-namespaces.ts';
import { emptySecurityContext } from './check/pod/security-context.ts';
import { serviceAccountToken } from './check/pod/service-account-token.ts';
import { sysctls } from './check/pod/sysctls.ts';
import { tiller } from './check/pod/tiller.ts';
import { criticalPath, hostPath, runtimeSocket, volumeTypes } from './check/pod/volumes.ts';
import { adminBinding, anonymousBinding, mastersBinding } from './check/rbac/bindings.ts';
import { awsAuth, writeConfigMaps } from './check/rbac/config-maps.ts';
import { bindClusterRoles, bindRoles, escalate, extendBindings, impersonateGroups } from './check/rbac/escalation.ts';
import { networking } from './check/rbac/networking.ts';
import { nodeProxy } from './check/rbac/nodes.ts';
import { attachPods, deleteLogs, execPods, workloads } from './check/rbac/pods.ts';
import { clusterSecrets, namespaceSecrets } from './check/rbac/secrets.ts';
import { webhookConfigurations } from './check/rbac/webhooks.ts';
import { allClusterResources, allNamespaceResources, everything, everyVerb } from './check/rbac/wildcards.ts';
import type { Manifest } from './manifest.ts';

/** All checks of objects of Kubernetes, in the order of their ids. */
export const kubernetesChecks: readonly Check<Manifest>[] = [
  privilegeEscalation,
  appArmor,
  dropsNotAll,
  dropsNone,
  sysAdmin,
  runtimeSocket,
  hostAliases,
  hostIpc,
  hostNetwork,
  hostPid,
  cpuLimit,
  mayBeRoot,
  latestTag,
  writableRoot,
  cpuRequest,
  memoryRequest,
  privileged,
  memoryLimit,
  lowUser,
  lowGroup,
  addsAny,
  hostPath,
  hostPort,
  seLinux,
  sysctls,
  procMount,
  volumeTypes,
  seccompUnset,
  serviceAccountToken,
  systemNamespace,
  networkPolicySelector,
  limitRange,
  resourceQuota,
  clusterSecrets,
  deleteLogs,
  impersonateGroups,
  everything,
  everyVerb,
  allClusterResources,
  nodeProxy,
  workloads,
  writeConfigMaps,
  escalate,
  bindRoles,
  bindClusterRoles,
  execPods,
  attachPods,
  extendBindings,
  networking,
  tiller,
  hostProcess,
  seccompUnconfined,
  isRoot,
  onlyNetBindService,
  removedApi,
  externalIp,
  configMapSecrets,
  defaultNamespace,
  adminBinding,
  allNamespaceResources,
  namespaceSecrets,
  webhookConfigurations,
  awsAuth,
  rootGroup,
  lowPort,
  emptySecurityContext,
  netRaw,
  sysModule,
  criticalPath,
  anonymousBinding,
  mastersBinding,
  allowedRepos,
  trustedRegistry,
  configMapSensitive,
];
