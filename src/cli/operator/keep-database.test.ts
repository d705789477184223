import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { keepDatabase } from './keep-database.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-28T00:00:00Z');

/** Keeps a database by a clock that stands where nobody waits, until it has slept so often. */
async function kept(
  update: (at: number, folder: string) => Promise<boolean>,
  { sleeps, builtAt }: { readonly sleeps: number; readonly builtAt?: number },
): Promise<{
  readonly slept: readonly number[];
  readonly updates: readonly number[];
  readonly warnings: readonly string[];
}> {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'vulndb');
  if (builtAt !== undefined) await build(path, builtAt);
  const over = new AbortController();
  const slept: number[] = [];
  const updates: number[] = [];
  const warnings: string[] = [];
  let now = start;
  const clock = {
    ...systemClock,
    now: () => now,
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds);
      now += milliseconds;
      if (slept.length >= sleeps) over.abort();
    },
  };
  const nothing = (): void => undefined;
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    error: nothing,
    warn: (message) => void warnings.push(message),
  };
  const ofNow = async (): Promise<boolean> => {
    updates.push(now - start);
    return await update(now, path);
  };
  await keepDatabase({ folder: path, interval: 6 * hour, update: ofNow, clock, logger }, over.signal);
  return { slept, updates, warnings };
}

async function build(folder: string, at: number): Promise<void> {
  const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
  const update = advisoryUpdate([makeAdvisory({ id: 'CVE-2026-1', affected })], { fingerprint: String(at) });
  await buildDatabase(folder, [update], { clock: () => new Date(at) });
}

test('keepDatabase() gets a database at once where there is none, and the next one when that is too old', async () => {
  const renew = async (at: number, folder: string): Promise<boolean> => {
    await build(folder, at);
    return true;
  };
  const { slept, updates, warnings } = await kept(renew, { sleeps: 3 });
  assert.deepEqual([slept, updates, warnings], [[6 * hour, 6 * hour, 6 * hour], [0, 6 * hour, 12 * hour], []]);
});

test('keepDatabase() leaves one alone that is fresh, as after a start', async () => {
  const fail = (): Promise<boolean> => assert.fail('it is fresh');
  assert.deepEqual((await kept(fail, { sleeps: 1, builtAt: start - hour })).slept, [5 * hour]);
});

test('keepDatabase() tells of an update that failed, and tries it again after ten minutes', async () => {
  const { slept, updates, warnings } = await kept(() => Promise.resolve(false), {
    sleeps: 2,
    builtAt: start - 7 * hour,
  });
  assert.deepEqual(
    [slept, updates],
    [
      [600_000, 600_000],
      [0, 600_000],
    ],
  );
  const warning = 'The vulnerability database was not updated; it is tried again';
  assert.deepEqual(warnings, [warning, warning]);
});

test('keepDatabase() asks a feed that cannot be had again with the next update, and not all the time', async () => {
  const keep = async (at: number, folder: string): Promise<boolean> => {
    await buildDatabase(folder, [{ id: 'osv:Test', kind: 'unavailable' }], { clock: () => new Date(at) });
    return updates.push(at) < 10;
  };
  const updates: number[] = [];
  const { slept } = await kept(keep, { sleeps: 3, builtAt: start - 7 * hour });
  assert.deepEqual(
    [slept, updates],
    [
      [6 * hour, 6 * hour, 6 * hour],
      [start, start + 6 * hour, start + 12 * hour],
    ],
  );
});
