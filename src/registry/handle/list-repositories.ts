import { listRepositories as readRepositories } from '../../store/metadata/repositories.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import { limits } from '../limits.ts';
import type { Call } from '../pipeline/call.ts';
import { nextPage, parsePage } from './page.ts';

/** GET of the catalog, as Docker's registry had it: of what the client may see, and nothing tells that there is more. */
export async function listRepositories({ content, query, sees }: Call<'catalog'>): Promise<Answer> {
  const { last, limit } = parsePage(query, content.pageEntries);
  const found: string[] = [];
  let after = last;
  while (found.length <= limit && limit > 0) {
    const names = await readRepositories(content.database, after, limits.pageEntries);
    found.push(...names.filter(sees));
    if (names.length < limits.pageEntries) break;
    after = names.at(-1) as string;
  }
  const repositories = found.slice(0, limit);
  const more = found.length > limit ? nextPage('/v2/_catalog', { n: limit, last: repositories.at(-1) as string }) : {};
  return jsonAnswer(200, { repositories }, more);
}
