import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { compareSeverity } from '../finding/severity.ts';
import { decodeDetail } from './codec.ts';
import type { ShardEntry } from './manifest.ts';
import { shardPath } from './paths.ts';
import { createShard, publishShard, type ShardFile } from './shard-file.ts';
import type { Staging } from './staging.ts';
import type { AdvisoryDetail, Rating } from './stored.ts';
import { ratingTables } from './tables.ts';

interface Place {
  readonly folder: string;
  readonly directory: string;
  readonly feed: string;
}

/** A rating as stored: without its source, which is a column. */
export type StoredRating = Omit<Rating, 'source'>;

/**
 * Writes what one feed says of how bad flaws are, by CVE or GHSA id. A distribution's record mostly tells no severity; the
 * record of the same flaw in a language's database does.
 *
 * @param key unique among the shards
 */
export async function writeFeedRatings(staging: Staging, key: string, place: Place): Promise<ShardEntry> {
  const path = join(place.folder, `${key}.sqlite`);
  const shard = createShard(path, ratingTables);
  const find = shard.prepare('SELECT data FROM rating WHERE flaw = ? AND source = ?');
  const put = shard.prepare('INSERT OR REPLACE INTO rating VALUES(?, ?, ?)');
  for (const { detail } of staging.details()) {
    const advisory = decodeDetail(detail);
    const { severity, cvss, summary, source } = advisory;
    if (severity === undefined && cvss.length === 0) continue;
    const rating: StoredRating = { ...(severity === undefined ? {} : { severity }), cvss, title: summary };
    for (const flaw of flawsOf(advisory)) {
      const known = find.get(flaw, source.id)?.['data'] as string | undefined;
      if (known !== undefined && !isWorse(rating, JSON.parse(known) as StoredRating)) continue;
      put.run(flaw, source.id, JSON.stringify(rating));
    }
  }
  const records = shard.prepare('SELECT count(*) AS n FROM rating').get()?.['n'] as number;
  // Replaced rows leave holes; a copy has none.
  return entry(key, 'feed-ratings', records, place.feed, await compacted(shard, path, place.directory));
}

/** Writes the ratings of all feeds into one shard, which is the one that readers ask. */
export async function writeRatings(
  parts: readonly ShardEntry[],
  place: Omit<Place, 'feed'>,
): Promise<ShardEntry | undefined> {
  if (parts.length === 0) return undefined;
  const path = join(place.folder, 'ratings.sqlite');
  const shard = createShard(path, ratingTables);
  const put = shard.prepare('INSERT OR IGNORE INTO rating VALUES(?, ?, ?)');
  for (const { sha256 } of parts) {
    const part = new DatabaseSync(shardPath(place.directory, sha256), { readOnly: true });
    try {
      const rows = part.prepare('SELECT flaw, source, data FROM rating ORDER BY flaw, source').iterate();
      for (const { flaw, source, data } of rows) put.run(flaw as string, source as string, data as string);
    } finally {
      part.close();
    }
  }
  const records = shard.prepare('SELECT count(*) AS n FROM rating').get()?.['n'] as number;
  return entry('ratings', 'ratings', records, '', await compacted(shard, path, place.directory));
}

/** Ids that other databases know the flaw by. An advisory of several CVEs does not tell which of them it rates. */
function flawsOf({ id, aliases, upstream }: AdvisoryDetail): string[] {
  const named = [...new Set([id, ...aliases, ...upstream])];
  const cves = named.filter((name) => name.startsWith('CVE-'));
  if (cves.length > 1) return [];
  return [...cves, ...named.filter((name) => name.startsWith('GHSA-'))];
}

function isWorse(a: StoredRating, b: StoredRating): boolean {
  return compareSeverity(a.severity ?? 'UNKNOWN', b.severity ?? 'UNKNOWN') > 0;
}

async function compacted(shard: DatabaseSync, path: string, directory: string): Promise<ShardFile> {
  shard.exec('COMMIT; VACUUM; BEGIN');
  return publishShard(shard, path, directory);
}

function entry(key: string, kind: ShardEntry['kind'], records: number, feed: string, file: ShardFile): ShardEntry {
  return { key, kind, feed, ecosystem: '', release: '', ...file, records, packages: 0 };
}
