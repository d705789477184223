import { updateDatabase, type UpdateOutcome } from '../../scan/update-database.ts';
import { silentProgress } from '../../base/progress.ts';
import type { FeedState } from '../../vulndb/manifest.ts';
import { readStatus, verifyDatabase } from '../../vulndb/status.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { databaseFolder } from '../database-folder.ts';
import { describeProblem } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { fetchBytesOver, networkOf } from '../network.ts';
import { progressOf } from '../progress.ts';

/** `db build --from`: builds the database anew, from a folder or URL. */
export async function buildCommand(from: string | undefined, settings: Settings, host: Host): Promise<number> {
  return update(from ?? settings.dbSource, true, settings, host);
}

/** `db update`: brings the database up to date from its source, fetching only what changed. */
export async function updateCommand(settings: Settings, host: Host): Promise<number> {
  return update(settings.dbSource, false, settings, host);
}

async function update(from: string, fresh: boolean, settings: Settings, host: Host): Promise<number> {
  if (settings.offline && /^https?:/i.test(from)) {
    throw new ConfigError('SETTING_INVALID', '--offline leaves no source; give a folder with "db build --from DIR"');
  }
  const network = await networkOf(settings, host);
  try {
    const outcome = await updateDatabase(databaseFolder(settings), from, fresh, {
      fetchBytes: fetchBytesOver(network),
      progress: progressOf(settings, host) ?? silentProgress,
      signal: host.signal,
      clock: host.now,
    });
    for (const problem of outcome.problems) await host.stderr.write(`${describeProblem(problem)}\n`);
    if (!settings.quiet) await host.stdout.write(describe(outcome));
    return exitCode.ok;
  } finally {
    await network[Symbol.asyncDispose]();
  }
}

function describe({ manifest }: UpdateOutcome): string {
  const records = manifest.feeds.reduce((sum, feed) => sum + feed.records, 0);
  return `The vulnerability database is of ${manifest.builtAt}: ${records} records from ${manifest.feeds.length} feeds in ${manifest.shards.length} shards\n`;
}

/** `db path`. */
export async function pathCommand(settings: Settings, host: Host): Promise<number> {
  await host.stdout.write(`${databaseFolder(settings)}\n`);
  return exitCode.ok;
}

/** `db status`: what there is, how old it is, and with `--verify` whether every file is whole. */
export async function statusCommand(
  options: { readonly verify: boolean; readonly json: boolean },
  settings: Settings,
  host: Host,
): Promise<number> {
  const folder = databaseFolder(settings);
  const status = readStatus(folder, host.now());
  const damaged = options.verify ? await verifyDatabase(folder, host.signal) : [];
  const isOld = (since: number): boolean => settings.dbMaxAge !== 0 && since > settings.dbMaxAge;
  const { manifest, sinceBuilt, age, size, advisories } = status;
  if (options.json) {
    const { schemaVersion, builtAt, feeds, shards } = manifest;
    const value = {
      path: folder,
      schemaVersion,
      builtAt,
      ageSeconds: Math.round(age / 1000),
      old: isOld(age),
      size,
      advisories,
      feeds,
      shards,
      damaged,
    };
    await host.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  } else {
    const lines = [
      `Folder      ${folder}`,
      `Built       ${manifest.builtAt} (${describeAge(sinceBuilt)} ago)${isOld(sinceBuilt) ? ': too old, run "seaworthy db update"' : ''}`,
      `Advisories  ${advisories}, ${(size / 1e6).toFixed(1)} MB in ${manifest.shards.length} shards`,
      ...manifest.feeds.map((feed) => describeFeed(feed, host.now(), isOld)),
      ...(damaged.length > 0 ? [`Damaged     ${damaged.join(', ')}: run "seaworthy db update"`] : []),
      ...(options.verify && damaged.length === 0 ? ['Verified    every shard is whole'] : []),
    ];
    await host.stdout.write(`${lines.join('\n')}\n`);
  }
  return damaged.length > 0 ? exitCode.error : exitCode.ok;
}

function describeFeed(
  { id, records, fetchedAt, lastHadAt }: FeedState,
  now: Date,
  isOld: (since: number) => boolean,
): string {
  const feed = `Feed        ${id}: ${records} records, fetched ${fetchedAt}`;
  if (lastHadAt === undefined) return feed;
  const since = Math.max(0, now.getTime() - Date.parse(lastHadAt));
  const old = isOld(since) ? ': too old, "seaworthy db update" says why, and "seaworthy db build" leaves it out' : '';
  return `${feed}, could not be had since ${lastHadAt} (${describeAge(since)} ago)${old}`;
}

function describeAge(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours < 1) return `${Math.round(hours * 60)} minutes`;
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
