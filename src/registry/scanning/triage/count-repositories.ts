import { listRepositories } from '../../../store/metadata/repositories.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';

/** Names of one read. */
const pageSize = 1000;

/**
 * How many repositories an answer is about: who may see none must not take silence for an answer.
 *
 * @param sees whether a repository may be told of
 */
export async function countRepositories(queries: SqlQueries, sees: (repository: string) => boolean): Promise<number> {
  let count = 0;
  for (let after = ''; ;) {
    const names = await listRepositories(queries, after, pageSize);
    count += names.filter(sees).length;
    const last = names.at(-1);
    if (last === undefined || names.length < pageSize) return count;
    after = last;
  }
}
