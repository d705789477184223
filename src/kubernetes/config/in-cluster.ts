import { join } from 'node:path';
import { KubernetesError } from '../error.ts';
import { credentialSource } from './credential-source.ts';
import type { ConfigDeps } from './deps.ts';
import { configLimits as limits } from './limits.ts';
import type { ClusterConfig } from './model.ts';
import { readIfThere, readNamedFile } from './read-file.ts';
import { tokenFilePart } from './token-file-part.ts';

/** Where the kubelet puts a pod's service account (Kubernetes documentation, "Accessing the Kubernetes API from a Pod"). */
const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * How a pod reaches its own cluster, as the service account that it runs as. The token is read anew, since the kubelet puts a new one
 * there before the last one ends.
 *
 * @returns undefined where this is no pod
 * @throws KubernetesError CONFIG_INVALID for a pod without a service account
 */
export async function inClusterConfig(deps: ConfigDeps): Promise<ClusterConfig | undefined> {
  const { env, serviceAccountFolder: folder = usualFolder } = deps;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') return undefined;
  const url = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new KubernetesError(
      'CONFIG_INVALID',
      'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address; correct them',
    );
  }
  const most = limits.materialBytes;
  const authorityFile = { path: join(folder, 'ca.crt'), what: "The authority of this pod's cluster", most };
  const authority = await readNamedFile(authorityFile, deps, 'CONFIG_INVALID');
  const namespaceFile = { path: join(folder, 'namespace'), what: 'The namespace of this pod', most };
  const namespace = await readIfThere(namespaceFile, deps, 'CONFIG_INVALID');
  const told = env['POD_NAMESPACE'] ?? '';
  return {
    origin: 'the service account of this pod',
    server: url.origin,
    tls: { authority, insecure: false, serverName: undefined },
    proxy: undefined,
    namespace: [told, namespace?.toString('utf8').trim() ?? '', 'default'].find((name) => name !== '') as string,
    credentials: credentialSource([
      tokenFilePart(join(folder, 'token'), "The token of this pod's service account", deps),
    ]),
  };
}
