import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
  testTime,
} from '../../testing/vulnerability-database.ts';
import type { Advisory } from '../finding/advisory.ts';
import { buildDatabase } from './build.ts';
import { openDatabase } from './database.ts';
import { verifyDatabase } from './status.ts';

const clock = (): Date => testTime;
const modules = JSON.stringify(import.meta.dirname);

/** Advisories whose every record tells the generation, so that a mixture would show. */
function generation(number: number, count: number): Advisory[] {
  return Array.from({ length: count }, (_, index) =>
    makeAdvisory({
      id: `A-${index}`,
      summary: `generation ${number}`,
      affected: [makeAffected(`npm p${index}`, ['0']), makeAffected(`Debian:12 p${index}`, ['0'])],
    }),
  );
}

function run(script: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function countLines({ stdout }: ChildProcess): () => number {
  assert.ok(stdout !== null);
  let lines = 0;
  stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString().split('\n').length - 1;
  });
  return () => lines;
}

async function firstLine(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout !== null);
  await once(child.stdout, 'data');
}

test('a build that is killed leaves the old database', async () => {
  using folder = temporaryFolder();
  await buildDatabase(folder.path, [advisoryUpdate(generation(1, 50))], { clock });
  // The second feed never ends: when it is asked for, the first one's shards have been written.
  const child = run(`
    const { buildDatabase } = await import(${modules} + '/build.ts');
    const source = { id: 's', name: 's', url: 's' };
    const advisory = (id) => ({ id, aliases: [], upstream: [], summary: 'new', details: '', cvss: [], cwes: [],
      references: [], source, affected: [{ ecosystem: 'npm', release: '', name: 'p1', ranges: [{ introduced: '0' }], versions: [] }] });
    const outcome = () => ({ fingerprint: '', dropped: new Map() });
    async function* endless() {
      console.log('under way');
      for (let n = 0; ; n += 1) { yield advisory('B-' + n); await new Promise(setImmediate); }
    }
    await buildDatabase(${JSON.stringify(folder.path)}, [
      { id: 'one', kind: 'advisories', mode: 'whole', items: [advisory('B')], outcome },
      { id: 'two', kind: 'advisories', mode: 'whole', items: endless(), outcome },
    ], { clock: () => new Date() });
  `);
  await firstLine(child);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(readdirSync(folder.path).some((name) => name.startsWith('build-')));
  assert.deepEqual(await verifyDatabase(folder.path), []);
  {
    using database = openDatabase(folder.path);
    const stored = database.query('npm', '', ['p1']).get('p1') ?? [];
    assert.deepEqual(
      [...database.details(stored).values()].map(({ summary }) => summary),
      ['generation 1'],
    );
  }
  const inTwoDays = (): Date => new Date(Date.now() + 2 * 24 * 60 * 60 * 1000);
  await buildDatabase(folder.path, [advisoryUpdate(generation(2, 50))], { clock: inTwoDays });
  assert.deepEqual(readdirSync(folder.path).sort(), ['manifest.json', 'shards']);
});

test('eight readers at a time each see one state while it is replaced', async () => {
  using folder = temporaryFolder();
  const count = 100;
  await buildDatabase(folder.path, [advisoryUpdate(generation(0, count))], { clock });
  const readers = Array.from({ length: 8 }, () =>
    run(`
      const { openDatabase } = await import(${modules} + '/database.ts');
      const { existsSync } = await import('node:fs');
      const names = Array.from({ length: ${count} }, (_, index) => 'p' + index);
      let last;
      while (!existsSync(${JSON.stringify(join(folder.path, 'stop'))})) {
        using database = openDatabase(${JSON.stringify(folder.path)});
        const found = [database.query('npm', '', names), database.query('Debian', '12', names)];
        const stored = found.flatMap((map) => [...map.values()].flat());
        const told = [...new Set([...database.details(stored).values()].map(({ summary }) => summary))];
        if (stored.length !== ${2 * count} || told.length !== 1) throw new Error('mixed: ' + stored.length + told);
        if (told[0] !== last) console.log(told[0]);
        last = told[0];
      }
    `),
  );
  const exits = readers.map((reader) => once(reader, 'exit'));
  const states = readers.map(countLines);
  // Rebuilding goes on until every reader has seen three states, or one has given up.
  for (let number = 1; states.some((count) => count() < 3); number += 1) {
    assert.ok(readers.every(({ exitCode }) => exitCode === null));
    await buildDatabase(folder.path, [advisoryUpdate(generation(number, count))], { clock });
  }
  writeFileSync(join(folder.path, 'stop'), '');
  const codes = (await Promise.all(exits)).map(([code]) => code as number | null);
  assert.deepEqual(
    codes,
    Array.from({ length: 8 }, () => 0),
  );
  const leftovers = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    leftovers.filter((name) => /-(?:wal|shm|journal)$/.test(name)),
    [],
  );
});
