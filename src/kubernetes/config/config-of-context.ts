import { printable } from '../../base/printable.ts';
import { KubernetesError } from '../error.ts';
import { clusterOfEntry } from './cluster-of-entry.ts';
import type { ConfigDeps } from './deps.ts';
import { invalidEntry, type KubeEntry, textField } from './entry.ts';
import type { ClusterConfig } from './model.ts';
import type { Kubeconfig } from './read-kubeconfig.ts';
import { userCredentials } from './user-credentials.ts';

/** What to use of a kubeconfig, in the place of what its current context says. */
export interface ContextChoice {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

/** How to reach the cluster of a context. @throws KubernetesError CONFIG_INVALID */
export async function configOfContext(
  kubeconfig: Kubeconfig,
  choice: ContextChoice,
  deps: ConfigDeps,
): Promise<ClusterConfig> {
  const files = kubeconfig.files.map((file) => printable(file, 300)).join(', ');
  const name = choice.context ?? kubeconfig.currentContext;
  const context = name === undefined ? undefined : find(kubeconfig.contexts, 'context', name, files);
  const clusterName = choice.cluster ?? (context === undefined ? undefined : textField(context, 'cluster'));
  if (clusterName === undefined) {
    throw context === undefined
      ? invalid(files, 'it has no current context; choose one with "kubectl config use-context"')
      : invalidEntry(context, 'names no cluster; name one');
  }
  const cluster = find(kubeconfig.clusters, 'cluster', clusterName, files);
  const userName = choice.user ?? (context === undefined ? undefined : textField(context, 'user'));
  const nobody: KubeEntry = { ...cluster, title: 'no user', fields: {} };
  const user = userName === undefined ? nobody : find(kubeconfig.users, 'user', userName, files);
  return {
    origin: `${context?.title ?? cluster.title} of ${files}`,
    ...(name === undefined ? {} : { context: name }),
    ...(await clusterOfEntry(cluster, deps)),
    namespace: choice.namespace ?? (context === undefined ? undefined : textField(context, 'namespace')) ?? 'default',
    credentials: userCredentials(user, cluster, deps),
  };
}

function find(entries: ReadonlyMap<string, KubeEntry>, kind: string, name: string, files: string): KubeEntry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const known = [...entries.keys()]
    .slice(0, 10)
    .map((one) => printable(one))
    .join(', ');
  throw invalid(files, `it has no ${kind} "${printable(name)}"; it has ${known === '' ? 'none' : known}`);
}

function invalid(files: string, why: string): KubernetesError {
  return new KubernetesError('CONFIG_INVALID', `The kubeconfig ${files} cannot be used: ${why}`);
}
