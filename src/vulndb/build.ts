import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { compareText } from '../base/compare-text.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { collectGarbage } from './collect-garbage.ts';
import { VulndbError, howToMend } from './error.ts';
import type { FeedUpdate, KeptFeed } from './feed-update.ts';
import { defaultGraceMilliseconds, schemaVersion } from './limits.ts';
import { formatManifest, type FeedState, type Manifest, type ShardEntry } from './manifest.ts';
import { buildPrefix, manifestPath, shardPath } from './paths.ts';
import { readManifestIfUsable } from './read-manifest.ts';
import { removeAll, touchShard } from './shard-file.ts';
import { shardKey } from './shard-key.ts';
import { Staging } from './staging.ts';
import { isLackOfRoom, unwritable } from './unwritable.ts';
import { writeAdvisoryShard } from './write-advisories.ts';
import { writeExploited, writeScores } from './write-flaws.ts';
import { writeFeedRatings, writeRatings } from './write-ratings.ts';
import { makeDirectory } from '../base/make-directory.ts';

/** How to build. */
export interface BuildOptions {
  /** Tells the time, for the manifest and for what is left over. */
  readonly clock: () => Date;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** How long files that the new manifest does not name are kept for readers of the old one. */
  readonly graceMilliseconds?: number;
}

interface Work {
  readonly directory: string;
  readonly folder: string;
  readonly old: Manifest | undefined;
  readonly now: Date;
  /** Keys in use. */
  readonly keys: Set<string>;
  readonly feeds: FeedState[];
  readonly shards: ShardEntry[];
}

/**
 * Builds the database from what the feeds brought. Feeds that are not named are not in the new state.
 *
 * The updates are taken one after the other, so that each may be fetched when its turn comes.
 *
 * Everything is written beside; the last step renames the new manifest over the old. Whatever happens before leaves the
 * old state whole, and two builds at a time leave the state of the one that ended last.
 *
 * @returns the new state
 * @throws VulndbError DATABASE_MISSING when a feed's shards shall stay but are not there; DATABASE_UNWRITABLE; the
 * items' own errors; the signal's reason
 */
export async function buildDatabase(
  directory: string,
  updates: AsyncIterable<FeedUpdate> | Iterable<FeedUpdate>,
  options: BuildOptions,
): Promise<Manifest> {
  const { clock, progress = silentProgress, signal, graceMilliseconds = defaultGraceMilliseconds } = options;
  const folder = join(directory, `${buildPrefix}${randomBytes(6).toString('hex')}`);
  try {
    await makeDirectory(folder);
  } catch (error) {
    throw unwritable(directory, error);
  }
  const old = await readManifestIfUsable(directory);
  const work: Work = {
    directory,
    folder,
    old,
    now: clock(),
    keys: new Set(['kev', 'epss', 'ratings']),
    feeds: [],
    shards: [],
  };
  const task = progress.start('Building the vulnerability database');
  try {
    for await (const update of updates) {
      signal?.throwIfAborted();
      await applyUpdate(update, work, signal);
      task.advance(1);
    }
    const ratings = await writeRatings(
      work.shards.filter(({ kind }) => kind === 'feed-ratings'),
      work,
    );
    if (ratings !== undefined) work.shards.push(ratings);
    const manifest: Manifest = {
      schemaVersion,
      builtAt: clock().toISOString(),
      feeds: work.feeds.sort((a, b) => compareText(a.id, b.id)),
      shards: work.shards.sort((a, b) => compareText(a.key, b.key)),
    };
    signal?.throwIfAborted();
    await writeFileAtomic(manifestPath(directory), formatManifest(manifest), { durable: true });
    await collectGarbage(directory, manifest, clock(), graceMilliseconds);
    return manifest;
  } catch (error) {
    throw isLackOfRoom(error) ? unwritable(directory, error) : error;
  } finally {
    task.finish();
    await removeAll(folder);
  }
}

async function applyUpdate(update: FeedUpdate, work: Work, signal: AbortSignal | undefined): Promise<void> {
  const { directory, folder } = work;
  const place = { directory, folder, feed: update.id };
  switch (update.kind) {
    case 'unchanged':
    case 'unavailable':
      return keepFeed(update, work);
    case 'exploited': {
      const shard = await writeExploited(update.items, place);
      return finishFeed(update, [shard], shard.records, work);
    }
    case 'scores': {
      const shard = await writeScores(update.items, place);
      return finishFeed(update, [shard], shard.records, work);
    }
    case 'advisories':
      return applyAdvisories(update, work, signal);
  }
}

async function applyAdvisories(
  update: Extract<FeedUpdate, { kind: 'advisories' }>,
  work: Work,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { directory, folder, keys } = work;
  const path = join(folder, 'staging.sqlite');
  const shards: ShardEntry[] = [];
  let records: number;
  {
    using staging = new Staging(path);
    if (update.mode === 'changes') {
      for (const { ecosystem, release, sha256 } of await oldShards(update.id, 'advisories', work)) {
        staging.addShard(shardPath(directory, sha256), ecosystem, release);
      }
    }
    for await (const advisory of update.items) {
      signal?.throwIfAborted();
      staging.add(advisory);
    }
    staging.seal();
    records = staging.count();
    for (const place of staging.releases()) {
      signal?.throwIfAborted();
      const key = shardKey(place.ecosystem, place.release, keys);
      shards.push(await writeAdvisoryShard(staging, place, { folder, directory, key, feed: update.id }));
    }
    const key = shardKey('ratings', update.id, keys);
    shards.push(await writeFeedRatings(staging, key, { folder, directory, feed: update.id }));
  }
  await removeAll(path);
  finishFeed(update, shards, records, work);
}

function finishFeed(
  update: Exclude<FeedUpdate, KeptFeed>,
  shards: readonly ShardEntry[],
  records: number,
  work: Work,
): void {
  const { fingerprint, dropped } = update.outcome();
  const sorted = [...dropped].sort(([a], [b]) => compareText(a, b));
  work.feeds.push({
    id: update.id,
    fingerprint,
    fetchedAt: work.now.toISOString(),
    records,
    dropped: Object.fromEntries(sorted),
  });
  work.shards.push(...shards);
}

async function keepFeed({ id: feed, kind }: KeptFeed, work: Work): Promise<void> {
  const { old } = work;
  const state = old?.feeds.find(({ id }) => id === feed);
  if (old === undefined || state === undefined) throw cannotKeep(feed);
  const shards = await oldShards(feed, undefined, work);
  for (const { key } of shards) work.keys.add(key);
  // The old build had it, unless it says itself that it only kept it.
  const { lastHadAt = old.builtAt, ...rest } = state;
  work.feeds.push(kind === 'unavailable' ? { ...rest, lastHadAt } : rest);
  work.shards.push(...shards);
}

async function oldShards(feed: string, kind: ShardEntry['kind'] | undefined, work: Work): Promise<ShardEntry[]> {
  const shards = (work.old?.shards ?? []).filter(
    (shard) => shard.feed === feed && (kind === undefined || shard.kind === kind),
  );
  if (work.old === undefined) throw cannotKeep(feed);
  for (const { sha256 } of shards) {
    if (!(await touchShard(work.directory, sha256, work.now))) throw cannotKeep(feed);
  }
  return shards;
}

function cannotKeep(feed: string): VulndbError {
  return new VulndbError('DATABASE_MISSING', `The database no longer has what ${feed} brought before; ${howToMend}`);
}
