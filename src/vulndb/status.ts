import { accessSync, constants, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { VulndbError, howToMend, howToMendFeed } from './error.ts';
import type { Manifest, ShardEntry } from './manifest.ts';
import { shardPath } from './paths.ts';
import { readManifest } from './read-manifest.ts';
import { digestOfFile } from './shard-file.ts';
import { stalestFeed, wholeAt } from './whole-at.ts';

/** What there is to say of a database as a whole. */
export interface DatabaseStatus {
  readonly manifest: Manifest;
  /** Since it was built, in milliseconds; not negative. */
  readonly sinceBuilt: number;
  /** The same, or more where advisories could not be had for longer: how old what it knows may be. */
  readonly age: number;
  /** Bytes of all shards. */
  readonly size: number;
  /** Advisories, counted once per feed. */
  readonly advisories: number;
}

/**
 * Describes the database of a folder, from its manifest alone.
 *
 * @throws VulndbError DATABASE_MISSING, DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function readStatus(directory: string, now: Date): DatabaseStatus {
  const manifest = readManifest(directory);
  const advisoryFeeds = new Set(manifest.shards.filter(({ kind }) => kind === 'advisories').map(({ feed }) => feed));
  return {
    manifest,
    sinceBuilt: sinceBuilt(manifest, now),
    age: ageOf(manifest, now),
    size: manifest.shards.reduce((sum, { size }) => sum + size, 0),
    advisories: manifest.feeds.filter(({ id }) => advisoryFeeds.has(id)).reduce((sum, { records }) => sum + records, 0),
  };
}

/**
 * Refuses a database that is too old to be trusted.
 *
 * @param maxAge in milliseconds
 * @throws VulndbError DATABASE_OLD
 */
export function requireFresh(manifest: Manifest, now: Date, maxAge: number): void {
  if (ageOf(manifest, now) <= maxAge) return;
  const stalest = stalestFeed(manifest);
  throw new VulndbError(
    'DATABASE_OLD',
    stalest === undefined || sinceBuilt(manifest, now) > maxAge
      ? `The vulnerability database is of ${manifest.builtAt} and too old; ${howToMend}`
      : `What the vulnerability database has of "${stalest.id}" is of ${stalest.lastHadAt} and too old; ${howToMendFeed}`,
  );
}

/**
 * Refuses a database of which a shard is gone, has another size, or may not be read; its bytes are not looked at. That takes some
 * milliseconds, so that it may be asked again and again.
 *
 * @throws VulndbError DATABASE_CORRUPT
 */
export function requireShards(directory: string, { shards }: Manifest): void {
  const broken = shards.find(({ sha256, size }) => {
    const path = shardPath(directory, sha256);
    try {
      accessSync(path, constants.R_OK);
      return statSync(path).size !== size;
    } catch {
      return true;
    }
  });
  if (broken === undefined) return;
  const message = `The vulnerability database's part "${broken.key}" is damaged, gone, or may not be read; ${howToMend}`;
  throw new VulndbError('DATABASE_CORRUPT', message);
}

/**
 * Checks every shard against its digest and size.
 *
 * @returns the keys of shards that are gone or damaged, sorted
 * @throws VulndbError DATABASE_MISSING, DATABASE_CORRUPT, DATABASE_SCHEMA when the manifest itself cannot be read
 */
export async function verifyDatabase(directory: string, signal?: AbortSignal): Promise<string[]> {
  const damaged = await damagedShards(directory, readManifest(directory), signal);
  return damaged.map(({ key }) => key).sort();
}

/** The shards of a manifest that are gone or are not what it says. */
export async function damagedShards(
  directory: string,
  { shards }: Manifest,
  signal?: AbortSignal,
): Promise<ShardEntry[]> {
  const damaged: ShardEntry[] = [];
  for (const shard of shards) {
    signal?.throwIfAborted();
    const path = shardPath(directory, shard.sha256);
    const there = await stat(path).catch(() => undefined);
    // Files of another length need no reading.
    if (there?.size !== shard.size || (await digestOfFile(path)).sha256 !== shard.sha256) damaged.push(shard);
  }
  return damaged;
}

function ageOf(manifest: Manifest, now: Date): number {
  return Math.max(0, now.getTime() - wholeAt(manifest));
}

function sinceBuilt({ builtAt }: Manifest, now: Date): number {
  return Math.max(0, now.getTime() - Date.parse(builtAt));
}
