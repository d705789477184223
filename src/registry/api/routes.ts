import { findRepository } from '../../store/metadata/repositories.ts';
import {
  manifestsOverview,
  type RepositoryOverview,
  repositoriesOverview,
  storeTotals,
  tagsOverview,
} from '../../store/metadata/overview.ts';
import { RegistryError } from '../error.ts';
import { checkName } from '../route/names.ts';
import { type ApiCall, type ApiPage, type ApiRoute, pageOf } from './api-route.ts';
import { audit } from './audit-route.ts';
import { triage } from './triage-route.ts';
import {
  manifestSchema,
  pageQuery,
  pageSchema,
  repositoryParameter,
  repositorySchema,
  tagSchema,
  totalsSchema,
} from './schemas.ts';

/** Repositories read at once, of which some may be hidden from who asks. */
const readAhead = 500;

const repositories: ApiRoute = {
  path: '/repositories',
  summary: 'Repositories that you may list, by name.',
  parameters: {},
  query: pageQuery,
  answer: pageSchema(repositorySchema),
  async handle({ query, identity, content, access }) {
    const { limit, last } = readPage(query, content);
    const found: RepositoryOverview[] = [];
    if (!access.allowsCatalog(identity)) throw access.refuse(identity, 'list', undefined);
    const wanted = Math.min(readAhead, limit + 1);
    for (let after = last; found.length <= limit;) {
      const read = await repositoriesOverview(content.database, after, wanted);
      found.push(...read.filter(({ name }) => access.inCatalog(identity, name)));
      if (read.length < wanted) break;
      after = (read.at(-1) as RepositoryOverview).name;
    }
    return withTimes(pageOf(found, limit, ({ name }) => name));
  },
};

const tags: ApiRoute = {
  path: '/repositories/{repository}/tags',
  summary: 'Tags of a repository, by name, with what they name.',
  parameters: repositoryParameter,
  query: pageQuery,
  answer: pageSchema(tagSchema),
  async handle(call) {
    const { limit, last } = readPage(call.query, call.content);
    const repository = await allowedRepository(call);
    const read = await tagsOverview(call.content.database, repository, last, limit + 1);
    return withTimes(pageOf(read, limit, ({ name }) => name));
  },
};

const manifests: ApiRoute = {
  path: '/repositories/{repository}/manifests',
  summary: 'Manifests of a repository, by digest, tagged or not.',
  parameters: repositoryParameter,
  query: pageQuery,
  answer: pageSchema(manifestSchema),
  async handle(call) {
    const { limit, last } = readPage(call.query, call.content);
    const repository = await allowedRepository(call);
    const read = await manifestsOverview(call.content.database, repository, last, limit + 1);
    return withTimes(pageOf(read, limit, ({ digest }) => digest));
  },
};

const totals: ApiRoute = {
  path: '/totals',
  summary: 'What the registry holds in all; for those who may list every repository.',
  parameters: {},
  query: {},
  answer: totalsSchema,
  handle({ content, identity, access }) {
    // Numbers that grow or do not when something is pushed would tell what others have.
    if (!access.seesAll(identity)) throw access.refuse(identity, 'list', undefined);
    return storeTotals(content.database);
  },
};

/** The JSON API, for consoles and scripts. */
export const apiRoutes: readonly ApiRoute[] = [repositories, tags, manifests, totals, audit, triage];

async function allowedRepository({ parameters, identity, content, access }: ApiCall): Promise<number> {
  const name = checkName(parameters['repository'] ?? '');
  if (!access.allows(identity, 'list', name)) throw access.refuse(identity, 'list', name);
  const repository = await findRepository(content.database, name);
  if (repository !== undefined) return repository;
  throw new RegistryError('NAME_UNKNOWN', 'There is no such repository');
}

function readPage(
  query: ApiCall['query'],
  { pageEntries }: ApiCall['content'],
): { readonly limit: number; readonly last: string } {
  return { limit: Math.min(Number(query['limit']), pageEntries), last: String(query['last']) };
}

/** Times as the API has them: RFC 3339, in UTC. */
function withTimes({ items, next }: ApiPage<object>): unknown {
  const told = items.map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]: [string, unknown]) => [
        name,
        name.endsWith('At') && typeof value === 'number' ? new Date(value).toISOString() : value,
      ]),
    ),
  );
  return next === undefined ? { items: told } : { items: told, next };
}
