import { VulndbError, howToMend } from './error.ts';
import { schemaVersion } from './limits.ts';

/** What the database holds and in which files: `manifest.json`. Replacing it is what makes a new state visible. */
export interface Manifest {
  readonly schemaVersion: number;
  /** RFC 3339, UTC. */
  readonly builtAt: string;
  /** Sorted by id. */
  readonly feeds: readonly FeedState[];
  /** Sorted by key. */
  readonly shards: readonly ShardEntry[];
}

/** What a feed contributed. */
export interface FeedState {
  readonly id: string;
  /** Names the feed's state, for the next fetch. */
  readonly fingerprint: string;
  /** RFC 3339, UTC: when this state was fetched. */
  readonly fetchedAt: string;
  /**
   * RFC 3339, UTC: when the feed was had last, be it that it had not changed. Absent where it was had for this build; else what an older
   * build had of it was kept.
   */
  readonly lastHadAt?: string;
  /** Records stored. */
  readonly records: number;
  /** Records not used, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What a shard holds: advisories, exploited flaws, exploit scores, or ratings of flaws (one feed's, or all). */
export type ShardKind = 'advisories' | 'exploited' | 'scores' | 'feed-ratings' | 'ratings';

/** One file of the database. */
export interface ShardEntry {
  /** For people, unique: `debian-12`, `npm`, `kev`. */
  readonly key: string;
  readonly kind: ShardKind;
  /** Id of the feed it was built from; empty for what is made of all. */
  readonly feed: string;
  /** OSV's ecosystem and release; empty in shards without advisories. */
  readonly ecosystem: string;
  readonly release: string;
  /** SHA-256 of the file, lower-case hex: its name in `shards/`. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** Advisories, flaws or scores. */
  readonly records: number;
  /** Packages with advisories. */
  readonly packages: number;
}

const kinds: ReadonlySet<string> = new Set<ShardKind>(['advisories', 'exploited', 'scores', 'feed-ratings', 'ratings']);

/** Writes a manifest, byte for byte the same for the same contents. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/**
 * Reads a manifest.
 *
 * @throws VulndbError DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(error);
  }
  if (!isObject(value) || typeof value['schemaVersion'] !== 'number') throw corrupt();
  if (value['schemaVersion'] !== schemaVersion) {
    throw new VulndbError(
      'DATABASE_SCHEMA',
      `The vulnerability database has form ${value['schemaVersion']} and this program reads ${schemaVersion}; ${howToMend}`,
    );
  }
  const { builtAt, feeds, shards } = value;
  if (!isTime(builtAt)) throw corrupt();
  if (!Array.isArray(feeds) || !feeds.every(isFeedState)) throw corrupt();
  if (!Array.isArray(shards) || !shards.every(isShardEntry)) throw corrupt();
  return { schemaVersion, builtAt, feeds, shards };
}

function isFeedState(value: unknown): value is FeedState {
  return (
    isObject(value) &&
    isText(value['id']) &&
    isText(value['fingerprint']) &&
    isText(value['fetchedAt']) &&
    (value['lastHadAt'] === undefined || isTime(value['lastHadAt'])) &&
    isCount(value['records']) &&
    isObject(value['dropped']) &&
    Object.values(value['dropped']).every(isCount)
  );
}

function isShardEntry(value: unknown): value is ShardEntry {
  return (
    isObject(value) &&
    ['key', 'feed', 'ecosystem', 'release'].every((name) => isText(value[name])) &&
    isText(value['kind']) &&
    kinds.has(value['kind']) &&
    // The name of a file: nothing but hex may come near a path.
    isText(value['sha256']) &&
    /^[0-9a-f]{64}$/.test(value['sha256']) &&
    ['size', 'records', 'packages'].every((name) => isCount(value[name]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function corrupt(cause?: unknown): VulndbError {
  return new VulndbError('DATABASE_CORRUPT', `The vulnerability database's manifest.json is damaged; ${howToMend}`, {
    cause,
  });
}
