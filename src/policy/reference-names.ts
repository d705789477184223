import { dockerHub } from '../oci/reference.ts';
import type { Subject } from './evidence.ts';
import { repositorySpellings } from './resource/image-spellings.ts';

/** Stands for any digest: manifests of an index have other ones than the name, so that none can be told from another. */
const anyDigest = `sha256:${'0'.repeat(64)}`;

/** What of a subject its whole names are made of. */
export type NamedSubject = Pick<Subject, 'source' | 'tags' | 'named'>;

/**
 * The whole names of an image in all spellings that have a host, which patterns of references are compared with. Undefined where it is
 * not known how it is named.
 */
export function referenceNames({ source, tags, named }: NamedSubject): readonly string[] | undefined {
  if (tags === undefined && named !== 'digest') return undefined;
  const tagged = named === 'digest' ? [] : (tags ?? []).map((tag) => `:${tag}`);
  const endings = named === 'tag' ? tagged : [...tagged, `@${anyDigest}`];
  return spellingsOf(source).flatMap((spelling) => endings.map((ending) => `${spelling}${ending}`));
}

function spellingsOf(source: string): readonly string[] {
  const slash = source.indexOf('/');
  const host = source.slice(0, Math.max(slash, 0)).toLowerCase().replace(/:443$/, '');
  const registry = host === 'index.docker.io' || host === 'registry-1.docker.io' ? dockerHub : host;
  const path = source.slice(slash + 1);
  const repository = registry === dockerHub && !path.includes('/') ? `library/${path}` : path;
  const spellings = repositorySpellings({ registry, repository });
  // Patterns of references begin with the host.
  return registry === dockerHub ? spellings.filter((each) => each.includes('docker.io/')) : spellings;
}
