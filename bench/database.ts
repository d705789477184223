import { join } from 'node:path';
import { openDatabase } from '../src/vulndb/database.ts';
import { median } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

/** Building the database, and opening it with one look-up. */
export async function databaseBench(space: Workspace): Promise<Line[]> {
  const started = performance.now();
  const cache = await space.freshCache();
  const build = performance.now() - started;
  const opens: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const before = performance.now();
    using database = openDatabase(join(cache, 'vulndb'));
    database.query('Debian', '12', ['openssl']);
    opens.push(performance.now() - before);
  }
  const open = median(opens);
  return [
    { label: 'build, whole process', value: `${build.toFixed(0)} ms` },
    { label: 'open and first look-up', value: `${open.toFixed(2)} ms`, bar: '<= 5', met: open <= 5 },
  ];
}
