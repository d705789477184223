import { readWhole } from '../../oci/client/fetch-manifest.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import { isRepositoryPath, type Reference } from '../../oci/reference.ts';
import { egressLimits } from '../limits.ts';
import { upstreamName } from '../upstream-name.ts';

/**
 * What the private registry calls the repository of an image of an upstream, which may have any `name` there: its list of tags, asked for
 * as containerd asks (`?ns=`), tells it (distribution-spec, "Listing Tags"). Where it does not, it is what upstreams are called unless
 * somebody gave them another name.
 *
 * @throws the signal's reason
 */
export async function repositoryAt(
  client: RegistryClient,
  { registry: host, repository }: Reference,
  signal?: AbortSignal,
): Promise<string> {
  const usual = `${upstreamName(host)}/${repository}`;
  try {
    const { response, bytes } = await readWhole(() =>
      client.request({
        method: 'GET',
        path: `${repository}/tags/list?n=1&ns=${encodeURIComponent(host)}`,
        access: { repository: usual, actions: 'pull' },
        headers: { accept: 'application/json' },
        limits: { maxBodyBytes: egressLimits.tagBytes },
        signal,
      }),
    );
    if (response.status !== 200) return usual;
    const { name } = JSON.parse(bytes.toString('utf8')) as { readonly name?: unknown };
    return isOneOf(name, repository) ? name : usual;
  } catch {
    // Whatever it is, the pull or the look at the trail meets it too, and says so.
    signal?.throwIfAborted();
    return usual;
  }
}

/** Whether a name is one word before the upstream's own: a registry that knows no upstreams tells of another repository of that path. */
function isOneOf(name: unknown, repository: string): name is string {
  if (typeof name !== 'string' || !isRepositoryPath(name) || !name.endsWith(`/${repository}`)) return false;
  return !name.slice(0, -repository.length - 1).includes('/');
}
