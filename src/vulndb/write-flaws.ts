import { join } from 'node:path';
import type { Epss, KnownExploited } from '../finding/vulnerability.ts';
import type { ExploitedFlaw, ScoredFlaw } from './feed-update.ts';
import type { ShardEntry } from './manifest.ts';
import { createShard, publishShard } from './shard-file.ts';
import { exploitedTables, scoreTables } from './tables.ts';

interface Place {
  readonly folder: string;
  readonly directory: string;
  readonly feed: string;
}

/** Writes the shard of exploited flaws. */
export async function writeExploited(
  items: AsyncIterable<ExploitedFlaw> | Iterable<ExploitedFlaw>,
  place: Place,
): Promise<ShardEntry> {
  const flaws = new Map<string, KnownExploited>();
  for await (const { cve, exploited } of items) flaws.set(cve, exploited);
  const path = join(place.folder, 'exploited.sqlite');
  const shard = createShard(path, exploitedTables);
  const insert = shard.prepare('INSERT INTO exploited VALUES(?, ?)');
  for (const cve of [...flaws.keys()].sort()) insert.run(cve, JSON.stringify(flaws.get(cve)));
  return entry('kev', 'exploited', flaws.size, place, await publishShard(shard, path, place.directory));
}

/** Writes the shard of exploit scores. */
export async function writeScores(
  items: AsyncIterable<ScoredFlaw> | Iterable<ScoredFlaw>,
  place: Place,
): Promise<ShardEntry> {
  const flaws = new Map<string, Epss>();
  for await (const { cve, epss } of items) flaws.set(cve, epss);
  const path = join(place.folder, 'scores.sqlite');
  const shard = createShard(path, scoreTables);
  const insert = shard.prepare('INSERT INTO score VALUES(?, ?, ?, ?)');
  for (const cve of [...flaws.keys()].sort()) {
    const { score, percentile, date } = flaws.get(cve) as Epss;
    insert.run(cve, score, percentile, date);
  }
  return entry('epss', 'scores', flaws.size, place, await publishShard(shard, path, place.directory));
}

function entry(
  key: string,
  kind: ShardEntry['kind'],
  records: number,
  { feed }: Place,
  file: { readonly sha256: string; readonly size: number },
): ShardEntry {
  return { key, kind, feed, ecosystem: '', release: '', ...file, records, packages: 0 };
}
