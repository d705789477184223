import { OciError } from '../error.ts';
import { asList, asObject, parseJson } from '../json.ts';
import { isRepositoryPath } from '../reference.ts';
import { clientLimits } from './limits.ts';
import { readPages } from './read-pages.ts';
import type { RegistryClient } from './registry-client.ts';

/** Names asked for at once. */
const pageSize = 1000;

/**
 * Lists the repositories of a registry that the user may see (distribution, "Listing Repositories"). No clause of the
 * distribution specification asks registries for it, and many have none.
 *
 * @throws OciError REGISTRY_PROTOCOL for a registry without a catalog, LIMIT_EXCEEDED, and the codes of other answers
 */
export async function listRepositories(client: RegistryClient, signal?: AbortSignal): Promise<string[]> {
  const repositories = await readPages(
    client,
    {
      path: `_catalog?n=${pageSize}`,
      access: { repository: '', actions: 'catalog' },
      accept: 'application/json',
      name: `the catalog of ${client.registry}`,
      maxEntries: clientLimits.repositories,
      parse: parseRepositories,
      isAbsent: ({ status }) => status === 404 || status === 405,
    },
    signal,
  );
  if (repositories !== undefined) return repositories;
  throw new OciError('REGISTRY_PROTOCOL', `${client.registry} has no catalog; name the repositories`);
}

function parseRepositories(bytes: Buffer): readonly string[] {
  const { repositories } = asObject(parseJson(bytes, invalid), 'it', invalid);
  return asList(repositories, 'repositories', clientLimits.repositories, invalid).map((name) => {
    // What goes into further requests must be a name by its grammar.
    if (typeof name === 'string' && isRepositoryPath(name)) return name;
    throw invalid(`it has ${JSON.stringify(name)?.slice(0, 100)}`);
  });
}

function invalid(what: string): OciError {
  return new OciError('REGISTRY_PROTOCOL', `The registry sent a catalog that cannot be read: ${what}`);
}
