import { dockerHub, dockerHubHosts } from '../../oci/reference.ts';
import { RegistryError } from '../error.ts';
import { checkName } from '../route/names.ts';
import type { Route } from '../route/route.ts';

/** What upstreams are called. */
export interface UpstreamName {
  /** The first part of the names of its repositories. */
  readonly name: string;
  /** As clients name it in `?ns=`. */
  readonly host: string;
}

/** Docker Hub keeps official images here, and lets them be named without it. */
const official = 'library';

/**
 * Gives a repository of an upstream its one name, whatever a client calls it: `docker.io/library/nginx` is
 * `/v2/docker.io/library/nginx`, `/v2/docker.io/nginx`, and `/v2/library/nginx?ns=docker.io` as containerd asks for it (containerd,
 * docs/hosts.md).
 *
 * @param query as it came
 * @param ownHosts how clients call this registry itself
 * @throws RegistryError NAME_INVALID, DENIED for an `ns` that is no upstream
 */
export function renameRoute(
  route: Route,
  query: string,
  upstreams: readonly UpstreamName[],
  ownHosts: readonly string[],
): Route {
  if (!('repository' in route)) return route;
  // However it is written: a parameter may be encoded, too.
  const asked = query === '' ? undefined : namespaceOf(query, ownHosts);
  const upstream = asked === undefined ? undefined : upstreams.find(({ host }) => host === asked);
  if (asked !== undefined && upstream === undefined) {
    throw new RegistryError('DENIED', 'The ns parameter names a registry that is no upstream of this one', {
      detail: { ns: asked },
    });
  }
  const repository = nameOf(route.repository, upstream, upstreams);
  return repository === route.repository ? route : { ...route, repository: checkName(repository) };
}

/** Whether a repository, by its one name, is that of an upstream. */
export function isOfUpstream(repository: string, upstreams: readonly Pick<UpstreamName, 'name'>[]): boolean {
  return upstreams.some(({ name }) => repository.startsWith(`${name}/`));
}

/** Where a repository of an upstream comes from, with the upstream's host; undefined for the registry's own. */
export function sourceOf(repository: string, upstreams: readonly UpstreamName[]): string | undefined {
  const upstream = upstreams.find(({ name }) => repository.startsWith(`${name}/`));
  return upstream === undefined ? undefined : `${upstream.host}${repository.slice(upstream.name.length)}`;
}

/** The repository here of one of an upstream, which is named with its host; undefined where that is no upstream. */
export function repositoryOf(source: string, upstreams: readonly UpstreamName[]): string | undefined {
  const upstream = upstreams.find(({ host }) => source.startsWith(`${host}/`));
  return upstream === undefined ? undefined : `${upstream.name}${source.slice(upstream.host.length)}`;
}

function nameOf(given: string, upstream: UpstreamName | undefined, upstreams: readonly UpstreamName[]): string {
  const slash = given.indexOf('/');
  const first = slash < 0 ? given : given.slice(0, slash);
  const named = upstreams.find(({ name }) => name === first || (name === dockerHub && dockerHubHosts.includes(first)));
  if (named === undefined) return upstream === undefined ? given : fullName(upstream, given);
  // Whoever asks for a repository of one and names another may get either: nobody can tell what they believe to get. Who they are is not
  // known yet, so that nothing is told but what they named.
  if (upstream !== undefined && upstream !== named) {
    const sentence = `The path names the upstream ${named.name}, and the ns parameter ${upstream.host}; name one of them`;
    throw new RegistryError('NAME_INVALID', sentence);
  }
  if (slash < 0) {
    throw new RegistryError('NAME_INVALID', 'This is the name of an upstream; add one of its repositories to it');
  }
  return fullName(named, given.slice(slash + 1));
}

function fullName({ name, host }: UpstreamName, path: string): string {
  return `${name}/${host === dockerHub && !path.includes('/') ? `${official}/` : ''}${path}`;
}

/** The upstream that a query names; undefined where it names none, or this registry. */
function namespaceOf(query: string, ownHosts: readonly string[]): string | undefined {
  const given = new Set(new URLSearchParams(query).getAll('ns').map(canonicalHost));
  const others = [...given].filter((host) => host !== '' && !ownHosts.includes(host));
  if (others.length <= 1 && given.size <= 1) return others[0];
  throw new RegistryError('NAME_INVALID', 'The query has several ns parameters; send one');
}

function canonicalHost(text: string): string {
  // Other letters have small forms that are those of another name.
  if (!/^[\x21-\x7e]*$/.test(text)) return text.slice(0, 300);
  const host = text.toLowerCase().replace(/:443$/, '');
  return dockerHubHosts.includes(host) ? dockerHub : host.slice(0, 300);
}
