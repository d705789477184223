import type { CredentialPart } from './credential-part.ts';
import type { ConfigDeps } from './deps.ts';
import { dataField, invalidEntry, type KubeEntry, pathField } from './entry.ts';
import { KeptFile } from './kept-file.ts';
import { configLimits as limits } from './limits.ts';

/** The client certificate of a user, where there is one; files are read anew as others renew them. @throws KubernetesError */
export function certificatePart(user: KubeEntry, deps: ConfigDeps): CredentialPart | undefined {
  const certificate = materialOf(user, 'client-certificate', deps);
  const key = materialOf(user, 'client-key', deps);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw invalidEntry(user, 'has a client certificate without its key, or a key alone; give both');
  }
  return {
    current: async () => ({ certificate: { certificate: await read(certificate), key: await read(key) } }),
    expire() {
      const files = [certificate, key].filter((one) => one instanceof KeptFile);
      for (const file of files) file.expire();
      return files.length > 0;
    },
  };
}

/** Bytes in the kubeconfig itself go before a file. */
function materialOf(user: KubeEntry, name: string, deps: ConfigDeps): Buffer | KeptFile | undefined {
  const data = dataField(user, `${name}-data`);
  if (data !== undefined) return data;
  const path = pathField(user, name);
  const file = { path: path ?? '', what: `The ${name} of ${user.title}`, most: limits.materialBytes };
  return path === undefined ? undefined : new KeptFile(file, deps);
}

async function read(material: Buffer | KeptFile): Promise<Buffer> {
  return material instanceof KeptFile ? await material.read() : material;
}
