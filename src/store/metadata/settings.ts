import type { SqlDatabase } from '../sql/database.ts';

/**
 * What a registry made once for all its processes: the value that is kept, or the one that is made now when there is none. Processes that
 * start at the same time get the same.
 */
export async function keptSetting(database: SqlDatabase, name: string, make: () => string): Promise<string> {
  const read = 'SELECT value FROM settings WHERE name = ?';
  const kept = await database.get<{ value: string }>(read, name);
  if (kept !== undefined) return kept.value;
  const made = make();
  return database.transaction(async (queries) => {
    await queries.run('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING', name, made);
    return (await queries.get<{ value: string }>(read, name))?.value ?? made;
  });
}
