import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../src/base/logger.ts';
import { matchInventory } from '../src/match/match-inventory.ts';
import { systemClock } from '../src/net/clock.ts';
import { ScanPool } from '../src/scan/process/pool/scan-pool.ts';
import { findImages } from '../src/registry/scanning/triage/find-images.ts';
import { parseQuestion } from '../src/registry/scanning/triage/parse-question.ts';
import { workerProgram } from '../src/scan/process/pool/worker-program.ts';
import { rejudge } from '../src/registry/scanning/rejudge.ts';
import { migrations } from '../src/store/metadata/schema.ts';
import type { SqlDatabase } from '../src/store/sql/database.ts';
import { migrate } from '../src/store/sql/migrate.ts';
import { openSqliteDatabase } from '../src/store/sql/sqlite/open.ts';
import { buildDatabase } from '../src/vulndb/build.ts';
import { openDatabase } from '../src/vulndb/database.ts';
import { advisoryUpdate } from '../testing/vulnerability-database.ts';
import { fillScans } from './scanning/fill.ts';
import { makeAdvisories, makeInventory } from './scanning/generate.ts';
import type { Line } from './workspace.ts';

const images = Number(process.env['SEAWORTHY_BENCH_SCANS'] ?? 10_000);

/**
 * Judging 10,000 stored images anew, beside looking up the findings of each by itself from an inventory that is at hand: no layer is
 * read in either. The images are made up of a few hundred bases.
 */
export async function rejudgeBench(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Line[]> {
  const vulndb = join(folder, 'vulndb');
  await buildDatabase(vulndb, [advisoryUpdate(makeAdvisories())], { clock: () => new Date('2026-01-01T00:00:00Z') });
  await using database = await openSqliteDatabase({ path: join(folder, 'registry.db') });
  await migrate(database, migrations);
  const { packages } = await fillScans(database, images);
  const lines: Line[] = [
    { label: 'images, distinct packages, cores', value: `${images}, ${packages}, ${availableParallelism()}` },
    { label: 'findings of an image', value: String(findingsOf(vulndb)) },
  ];
  await using pool = new ScanPool(1, {
    program: workerProgram(),
    memoryBytes: 2 ** 31,
    cores: 2,
    readable: [vulndb],
    writable: [],
    clock: systemClock,
    logger: silentLogger,
  });
  const parts = { database, pool, folder: vulndb, clock: systemClock, logger: silentLogger, observe: () => undefined };
  const lag = watchLag();
  const loadBefore = loadavg()[0] ?? 0;
  const first = await rejudge(parts, new AbortController().signal);
  const longest = lag();
  const seconds = first.milliseconds / 1000;
  const alone = eachAlone(vulndb, 100) * (images / 100);
  lines.push(
    {
      label: 'judged anew',
      value: `${seconds.toFixed(1)} s`,
      bar: `${((30 * images) / 10_000).toFixed(1)} s`,
      met: seconds <= 30 * (images / 10_000),
    },
    { label: 'ratio to each image by itself (of 100 images)', value: (seconds / (alone / 1000)).toFixed(3) },
    {
      label: 'load of the machine before it and after',
      value: `${loadBefore.toFixed(1)}, ${(loadavg()[0] ?? 0).toFixed(1)}`,
    },
    { label: 'longest pause of the process that serves', value: `${longest.toFixed(0)} ms` },
  );
  // EPSS and the like change each day, so that all is judged and written again.
  await buildDatabase(vulndb, [advisoryUpdate(makeAdvisories(), { fingerprint: 'two' })], {
    clock: () => new Date('2026-01-02T00:00:00Z'),
  });
  const again = await rejudge(parts, new AbortController().signal);
  lines.push({ label: 'and once more, with the same flaws', value: `${(again.milliseconds / 1000).toFixed(1)} s` });
  lines.push(...(await triageLines(database)));
  return lines;
}

/** The flaw and the package that hit most images. */
async function triageLines(database: SqlDatabase): Promise<Line[]> {
  const flaw = await database.get<{ flaw: string }>(
    `SELECT f.flaw AS flaw FROM package_flaws f JOIN image_packages i ON i.package = f.package
      GROUP BY f.flaw ORDER BY COUNT(*) DESC, f.flaw LIMIT 1`,
  );
  const name = await database.get<{ name: string }>(
    `SELECT p.name AS name FROM packages p JOIN image_packages i ON i.package = p.id GROUP BY p.name ORDER BY COUNT(*) DESC LIMIT 1`,
  );
  const lines: Line[] = [];
  for (const text of [flaw?.flaw ?? '', `${name?.name ?? ''}@*`]) {
    const since = performance.now();
    const found = await findImages(database, parseQuestion(text), () => true);
    const took = performance.now() - since;
    const label = `triage ${text}: ${found.images.length} images`;
    lines.push({ label, value: `${took.toFixed(0)} ms`, bar: '1000 ms', met: took < 1000 });
  }
  return lines;
}

/** On average, of some images. */
function findingsOf(vulndb: string): number {
  using database = openDatabase(vulndb);
  const counts = Array.from(
    { length: 20 },
    (_, at) => matchInventory(makeInventory(at * 97), database).findings.length,
  );
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / counts.length);
}

function eachAlone(vulndb: string, count: number): number {
  using database = openDatabase(vulndb);
  const inventories = Array.from({ length: count }, (_, at) => makeInventory(at * 97));
  const since = performance.now();
  for (const inventory of inventories) matchInventory(inventory, database);
  return performance.now() - since;
}

/** Milliseconds for which this thread heard nobody, at most. */
function watchLag(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 10);
    last = performance.now();
  }, 10);
  return () => {
    clearInterval(timer);
    return longest;
  };
}
