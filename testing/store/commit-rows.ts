import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { migrate } from '../../src/store/sql/migrate.ts';
import type { CommitTask } from './commit-process.ts';

// The program of startCommits().
const { path, prefix, count, checkpointPages } = JSON.parse(process.argv[2] ?? '') as CommitTask;
await using database = await openSqliteDatabase({ path, checkpointPages, restartPages: checkpointPages * 4 });
await migrate(database, [
  {
    statements: ({ text, integer }) => [
      `CREATE TABLE entry (name ${text} PRIMARY KEY, body ${text} NOT NULL)`,
      `CREATE TABLE counter (value ${integer} NOT NULL)`,
      'INSERT INTO counter (value) VALUES (0)',
    ],
  },
]);

let next = 0;
async function commit(): Promise<void> {
  while (next < count) {
    const name = `${prefix}${next}`;
    next += 1;
    await database.transaction(async (queries) => {
      await queries.run('INSERT INTO entry (name, body) VALUES (?, ?)', name, 'x'.repeat(500));
      const row = await queries.get<{ value: number }>('SELECT value FROM counter');
      await queries.run('UPDATE counter SET value = ?', (row?.value ?? 0) + 1);
    });
    process.stdout.write(`${name}\n`);
  }
}

await Promise.all([commit(), commit(), commit(), commit()]);
