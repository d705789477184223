import { OciError } from '../../oci/error.ts';
import { dockerHub, dockerHubHosts, parseReference, type Reference } from '../../oci/reference.ts';

/** Reads the name of an image as {@link oneSpelling} has it; undefined for what is no name. */
export function readImageName(text: string): Reference | undefined {
  try {
    return oneSpelling(parseReference(text));
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

/**
 * One name for all by which an image is called: other hosts of Docker Hub, capitals and the port of HTTPS say nothing. A host that would be
 * read as a repository of Docker Hub without them has the port: `Registry/app` is `registry:443/app`.
 */
export function oneSpelling(reference: Reference): Reference {
  const bare = reference.registry.toLowerCase().replace(/:443$/, '');
  const host = /[.:]/.test(bare) || bare === 'localhost' ? bare : `${bare}:443`;
  if (!dockerHubHosts.includes(host)) return { ...reference, registry: host };
  const { repository } = reference;
  return {
    ...reference,
    registry: dockerHub,
    repository: repository.includes('/') ? repository : `library/${repository}`,
  };
}

/**
 * Names without tag and digest by which people and their patterns call a repository: with each host of Docker Hub or none, and with
 * `library/` or without. The canonical one is first: `index.docker.io/library/nginx`.
 */
export function repositorySpellings({ registry, repository }: Reference): readonly string[] {
  if (registry !== dockerHub) return [`${registry}/${repository}`, `${registry}:443/${repository}`];
  const short = /^library\/([^/]+)$/.exec(repository)?.[1];
  const paths = short === undefined ? [repository] : [repository, short];
  return [...dockerHubHosts.flatMap((host) => paths.map((path) => `${host}/${path}`)), ...paths];
}

/** What may stand behind a repository in names of an image: its tag, its digest, or both. */
export function nameEndings({ tag, digest }: Pick<Reference, 'tag' | 'digest'>): readonly string[] {
  const tagged = tag === undefined ? [] : [`:${tag}`];
  if (digest === undefined) return tagged;
  return [`@${digest}`, ...tagged, ...tagged.map((each) => `${each}@${digest}`)];
}
