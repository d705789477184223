import type { Epss, KnownExploited } from '../finding/vulnerability.ts';
import { decodeAffected, decodeDetail } from './codec.ts';
import { VulndbError, howToMend } from './error.ts';
import type { Manifest, ShardEntry, ShardKind } from './manifest.ts';
import { packageKey } from './package-key.ts';
import { shardPath } from './paths.ts';
import { readManifest } from './read-manifest.ts';
import { ShardReader } from './shard-reader.ts';
import type { AdvisoryDetail, FlawFacts, Rating, StoredAdvisory } from './stored.ts';
import type { StoredRating } from './write-ratings.ts';

/**
 * Opens the database of a folder. Only the manifest is read; a shard is opened when it is first asked.
 *
 * @throws VulndbError DATABASE_MISSING, DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function openDatabase(directory: string): Database {
  return new Database(directory, readManifest(directory));
}

/** The vulnerability database as it was when it was opened: a later build does not change what it answers. */
export class Database implements Disposable {
  /** What the database holds. */
  readonly manifest: Manifest;
  readonly #directory: string;
  /** Shards of advisories by ecosystem, then release. */
  readonly #advisories = new Map<string, Map<string, ShardEntry>>();
  readonly #open = new Map<string, ShardReader>();

  constructor(directory: string, manifest: Manifest) {
    this.#directory = directory;
    this.manifest = manifest;
    for (const shard of manifest.shards) {
      if (shard.kind !== 'advisories') continue;
      const releases = this.#advisories.get(shard.ecosystem);
      if (releases === undefined) this.#advisories.set(shard.ecosystem, new Map([[shard.release, shard]]));
      else releases.set(shard.release, shard);
    }
  }

  [Symbol.dispose](): void {
    for (const shard of this.#open.values()) shard.close();
    this.#open.clear();
  }

  /**
   * The releases of an ecosystem that the database knows (`''` for ecosystems without): empty when it knows nothing of the
   * ecosystem, which is not the same as knowing of no flaw.
   */
  releases(ecosystem: string): string[] {
    return [...(this.#advisories.get(ecosystem)?.keys() ?? [])].sort();
  }

  /**
   * Looks packages up by name, in every spelling that the ecosystem takes for the same.
   *
   * @returns the advisories by the names as they were asked; names without any are left out. A release that the database
   * does not know gives nothing: ask {@link releases} first
   * @throws VulndbError DATABASE_CORRUPT
   */
  query(ecosystem: string, release: string, names: Iterable<string>): Map<string, StoredAdvisory[]> {
    const found = new Map<string, StoredAdvisory[]>();
    const entry = this.#advisories.get(ecosystem)?.get(release);
    if (entry === undefined) return found;
    const namesOfKey = new Map<string, string[]>();
    for (const name of new Set(names)) {
      const key = packageKey(ecosystem, name);
      const known = namesOfKey.get(key);
      if (known === undefined) namesOfKey.set(key, [name]);
      else known.push(name);
    }
    const sql = `SELECT name, advisory, data FROM affected WHERE name IN ${inList} ORDER BY name, advisory`;
    const rows = this.#shard(entry).rows(sql, [JSON.stringify([...namesOfKey.keys()])], ([key, number, data]) => {
      const affected = (JSON.parse(data as string) as unknown[]).map(decodeAffected);
      return { key: key as string, stored: { ecosystem, release, number: number as number, affected } };
    });
    for (const { key, stored } of rows) {
      for (const name of namesOfKey.get(key) ?? []) {
        const list = found.get(name);
        if (list === undefined) found.set(name, [stored]);
        else list.push(stored);
      }
    }
    return found;
  }

  /**
   * Reads the texts of advisories that {@link query} gave.
   *
   * @throws VulndbError DATABASE_CORRUPT
   */
  details(advisories: Iterable<StoredAdvisory>): Map<StoredAdvisory, AdvisoryDetail> {
    const byShard = new Map<ShardEntry, Map<number, StoredAdvisory[]>>();
    const found = new Map<StoredAdvisory, AdvisoryDetail>();
    for (const stored of new Set(advisories)) {
      const entry = this.#advisories.get(stored.ecosystem)?.get(stored.release);
      if (entry === undefined) throw textMissing();
      const wanted = byShard.get(entry) ?? new Map<number, StoredAdvisory[]>();
      byShard.set(entry, wanted);
      wanted.set(stored.number, [...(wanted.get(stored.number) ?? []), stored]);
    }
    for (const [entry, wanted] of byShard) {
      const sql = `SELECT number, detail FROM advisory WHERE number IN ${inList}`;
      const rows = this.#shard(entry).rows(sql, [JSON.stringify([...wanted.keys()])], ([number, text]) => ({
        number: number as number,
        detail: decodeDetail(text as string),
      }));
      if (rows.length !== wanted.size) throw textMissing();
      for (const { number, detail } of rows) {
        for (const stored of wanted.get(number) ?? []) found.set(stored, detail);
      }
    }
    return found;
  }

  /**
   * What is known of flaws apart from the packages they are in.
   *
   * @param ids CVE and GHSA ids; others are known to nobody
   * @returns by id; flaws that nothing is known of are left out
   * @throws VulndbError DATABASE_CORRUPT
   */
  flaws(ids: Iterable<string>): Map<string, FlawFacts> {
    const found = new Map<string, { exploited?: KnownExploited; epss?: Epss; ratings: Rating[] }>();
    const factsOf = (id: unknown): { exploited?: KnownExploited; epss?: Epss; ratings: Rating[] } => {
      const facts = found.get(id as string) ?? { ratings: [] };
      found.set(id as string, facts);
      return facts;
    };
    const list = JSON.stringify([...new Set(ids)]);
    this.#rowsOf('exploited', `SELECT cve, data FROM exploited WHERE cve IN ${inList}`, list, ([cve, data]) => {
      factsOf(cve).exploited = JSON.parse(data as string) as KnownExploited;
    });
    const scores = `SELECT cve, score, percentile, date FROM score WHERE cve IN ${inList}`;
    this.#rowsOf('scores', scores, list, ([cve, score, percentile, date]) => {
      factsOf(cve).epss = { score: score as number, percentile: percentile as number, date: date as string };
    });
    const ratings = `SELECT flaw, source, data FROM rating WHERE flaw IN ${inList} ORDER BY flaw, source`;
    this.#rowsOf('ratings', ratings, list, ([flaw, source, data]) => {
      const rating = { source: source as string, ...(JSON.parse(data as string) as StoredRating) };
      factsOf(flaw).ratings.push(rating);
    });
    return found;
  }

  #rowsOf(kind: ShardKind, sql: string, list: string, read: (row: readonly unknown[]) => void): void {
    const entry = this.manifest.shards.find((shard) => shard.kind === kind);
    if (entry !== undefined) this.#shard(entry).rows(sql, [list], read);
  }

  #shard(entry: ShardEntry): ShardReader {
    let shard = this.#open.get(entry.sha256);
    if (shard === undefined) {
      shard = new ShardReader(shardPath(this.#directory, entry.sha256), entry.key);
      this.#open.set(entry.sha256, shard);
    }
    return shard;
  }
}

/** One statement for all look-ups: crossing into SQLite once per name costs twenty times as much as the look-ups. */
const inList = '(SELECT value FROM json_each(?))';

function textMissing(): VulndbError {
  return new VulndbError('DATABASE_CORRUPT', `The vulnerability database lacks the text of an advisory; ${howToMend}`);
}
