import { dockerHub } from '../../reference.ts';

/** What credential files and helpers call Docker Hub, since before it had its present name. */
export const dockerHubKey: string = 'https://index.docker.io/v1/';

const dockerHubHosts = new Set([dockerHub, 'index.docker.io', 'registry-1.docker.io']);

/**
 * The keys under which a repository's credential may stand, most specific first: `host/a/b`, `host/a`, `host`
 * (containers-auth.json(5), "FORMAT").
 */
export function keysFor(registry: string, repository: string): string[] {
  const parts = [registry, ...repository.split('/')];
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/**
 * The host that a key as written stands for: old files hold whole addresses (`https://host/v1/`), and Docker Hub has
 * several names. A key with a path of its own stands for that path alone: undefined.
 */
export function hostOfKey(key: string): string | undefined {
  const schemeless = key.replace(/^https?:\/\//, '');
  const old = schemeless !== key;
  const slash = schemeless.indexOf('/');
  const host = slash < 0 ? schemeless : schemeless.slice(0, slash);
  const path = slash < 0 ? '' : schemeless.slice(slash);
  if (!old && !/^(?:\/v[12])?\/?$/.test(path)) return undefined;
  return dockerHubHosts.has(host) ? dockerHub : host;
}
