import { findRepository } from '../../store/metadata/repositories.ts';
import { listTags as readTags } from '../../store/metadata/tags.ts';
import { RegistryError } from '../error.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import type { Call } from '../pipeline/call.ts';
import { nextPage, parsePage } from './page.ts';

/** GET of the tags of a repository, in the order of their bytes (distribution-spec, "Listing Tags"). */
export async function listTags({ content, route, query }: Call<'tags'>): Promise<Answer> {
  const { repository: name } = route;
  const repository = await findRepository(content.database, name);
  if (repository === undefined) throw new RegistryError('NAME_UNKNOWN', 'There is no such repository');
  const { last, limit } = parsePage(query, content.pageEntries);
  // One more than asked for tells whether there is a next page.
  const found = limit === 0 ? [] : await readTags(content.database, repository, last, limit + 1);
  const tags = found.slice(0, limit);
  const more = found.length > limit ? nextPage(`/v2/${name}/tags/list`, { n: limit, last: tags.at(-1) as string }) : {};
  return jsonAnswer(200, { name, tags }, more);
}
