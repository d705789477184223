import { KubernetesError } from '../error.ts';
import { configOfContext, type ContextChoice } from './config-of-context.ts';
import type { ConfigDeps } from './deps.ts';
import { inClusterConfig } from './in-cluster.ts';
import type { ClusterConfig } from './model.ts';
import { readKubeconfig } from './read-kubeconfig.ts';

/** Which cluster is meant, where something was said of it. */
export interface ClusterChoice extends ContextChoice {
  /** A kubeconfig, before `KUBECONFIG` and `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
}

/**
 * Finds the cluster that is meant: that of the kubeconfig where there is one, else the one that this pod runs in.
 *
 * @throws KubernetesError CONFIG_MISSING, CONFIG_INVALID
 */
export async function findCluster(choice: ClusterChoice, deps: ConfigDeps): Promise<ClusterConfig> {
  const kubeconfig = await readKubeconfig(deps, choice.kubeconfig);
  if (kubeconfig !== undefined) return await configOfContext(kubeconfig, choice, deps);
  const own = await inClusterConfig(deps);
  if (own !== undefined) return choice.namespace === undefined ? own : { ...own, namespace: choice.namespace };
  const sentence = 'There is no kubeconfig, and this is no pod of a cluster; name a kubeconfig, or set KUBECONFIG';
  throw new KubernetesError('CONFIG_MISSING', sentence);
}
