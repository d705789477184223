import type { SqlQueries } from '../sql/database.ts';

/** The number of a repository, or undefined when nothing was ever pushed there. */
export async function findRepository(queries: SqlQueries, name: string): Promise<number | undefined> {
  const row = await queries.get<{ id: number }>('SELECT id FROM repositories WHERE name = ?', name);
  return row?.id;
}

/** The number of a repository, which is made when it is not there. */
export async function ensureRepository(queries: SqlQueries, name: string, now: number): Promise<number> {
  const found = await findRepository(queries, name);
  if (found !== undefined) return found;
  await queries.run(
    'INSERT INTO repositories (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING',
    name,
    now,
  );
  return (await findRepository(queries, name)) as number;
}

/** Names of repositories after one, in the order of their bytes. */
export async function listRepositories(queries: SqlQueries, after: string, limit: number): Promise<readonly string[]> {
  const sql = 'SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?';
  return (await queries.all<{ name: string }>(sql, after, limit)).map(({ name }) => name);
}
