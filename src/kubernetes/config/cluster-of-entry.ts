import { readNamedFile } from './read-file.ts';
import type { ConfigDeps } from './deps.ts';
import { dataField, flagField, invalidEntry, type KubeEntry, pathField, textField } from './entry.ts';
import { configLimits as limits } from './limits.ts';
import type { ClusterConfig, ClusterTls } from './model.ts';

/** Where a cluster of a kubeconfig is, and whom to take for it. @throws KubernetesError CONFIG_INVALID */
export async function clusterOfEntry(
  cluster: KubeEntry,
  deps: ConfigDeps,
): Promise<Pick<ClusterConfig, 'server' | 'tls' | 'proxy'>> {
  const tls = await tlsOf(cluster, deps);
  return { server: serverOf(cluster, tls), tls, proxy: proxyOf(cluster) };
}

async function tlsOf(cluster: KubeEntry, deps: ConfigDeps): Promise<ClusterTls> {
  const path = pathField(cluster, 'certificate-authority');
  const what = `The certificate-authority of ${cluster.title}`;
  const authority =
    dataField(cluster, 'certificate-authority-data') ??
    (path === undefined
      ? undefined
      : await readNamedFile({ path, what, most: limits.materialBytes }, deps, 'CONFIG_INVALID'));
  const insecure = flagField(cluster, 'insecure-skip-tls-verify');
  if (insecure && authority !== undefined) {
    throw invalidEntry(
      cluster,
      'has an authority and insecure-skip-tls-verify, which verifies nothing by it; drop the latter',
    );
  }
  return { authority, insecure, serverName: textField(cluster, 'tls-server-name') };
}

function serverOf(cluster: KubeEntry, tls: ClusterTls): string {
  const text = textField(cluster, 'server');
  if (text === undefined) throw invalidEntry(cluster, 'has no server; give its address');
  // What has no scheme is meant to be secure where something is said of TLS (client-go, "DefaultServerURL").
  const isSecure = tls.authority !== undefined || tls.insecure;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${isSecure ? 'https' : 'http'}://${text}`);
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === null || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw invalidEntry(cluster, 'has a server that is no plain https address; correct it');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function proxyOf(cluster: KubeEntry): string | undefined {
  const text = textField(cluster, 'proxy-url');
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return text;
  throw invalidEntry(cluster, 'has a proxy-url that is no http or https address; only such proxies are spoken to');
}
