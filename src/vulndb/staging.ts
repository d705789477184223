import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Advisory } from '../finding/advisory.ts';
import { encodeAffected, encodeDetail } from './codec.ts';
import { packageKey } from './package-key.ts';

/**
 * Where a feed's advisories wait, on disk, until all of them are known: they come in the feed's order and leave sorted
 * by release, package and id, in bounded memory.
 */
export class Staging implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insertAdvisory: StatementSync;
  readonly #insertAffected: StatementSync;
  #generation = 0;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
      PRAGMA temp_store = FILE;
      CREATE TABLE advisory(id TEXT PRIMARY KEY, generation INTEGER NOT NULL, detail TEXT NOT NULL);
      CREATE TABLE affected(id TEXT NOT NULL, generation INTEGER NOT NULL, ecosystem TEXT NOT NULL,
        release TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL);
      BEGIN`);
    this.#insertAdvisory = this.#database.prepare(
      'INSERT INTO advisory VALUES(?, ?, ?) ON CONFLICT(id) DO UPDATE SET generation = excluded.generation, detail = excluded.detail',
    );
    this.#insertAffected = this.#database.prepare('INSERT INTO affected VALUES(?, ?, ?, ?, ?, ?)');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Adds an advisory; it takes the place of an earlier one with its id. */
  add(advisory: Advisory): void {
    this.#generation += 1;
    this.#insertAdvisory.run(advisory.id, this.#generation, encodeDetail(advisory));
    if (advisory.withdrawn !== undefined) return;
    for (const affected of advisory.affected) {
      const { ecosystem, release, name } = affected;
      const key = packageKey(ecosystem, name);
      const data = encodeAffected(affected);
      this.#insertAffected.run(advisory.id, this.#generation, ecosystem, release, key, data);
    }
  }

  /** Adds everything that an existing shard holds, as if it came first. Call it before {@link add}. */
  addShard(path: string, ecosystem: string, release: string): void {
    this.#database.exec('COMMIT');
    this.#database.prepare('ATTACH ? AS old').run(path);
    try {
      this.#database.exec(`BEGIN; INSERT OR IGNORE INTO main.advisory SELECT id, 0, detail FROM old.advisory`);
      this.#database
        .prepare(
          `INSERT INTO main.affected SELECT a.id, 0, ?, ?, p.name, j.value FROM old.affected p
             JOIN old.advisory a ON a.number = p.advisory, json_each(p.data) j ORDER BY p.name, p.advisory, j.key`,
        )
        .run(ecosystem, release);
      this.#database.exec('COMMIT');
    } finally {
      this.#database.exec('DETACH old; BEGIN');
    }
  }

  /** Ends the adding, drops what was replaced, and sorts. */
  seal(): void {
    this.#database.exec(`COMMIT;
      CREATE TABLE live AS SELECT p.ecosystem, p.release, p.name, p.id, p.data FROM affected p
        JOIN advisory a ON a.id = p.id AND a.generation = p.generation
        ORDER BY p.ecosystem, p.release, p.name, p.id, p.rowid;
      DROP TABLE affected;
      CREATE INDEX live_release ON live(ecosystem, release)`);
  }

  /** Number of different advisories that name a package. */
  count(): number {
    return this.#database.prepare('SELECT count(DISTINCT id) AS n FROM live').get()?.['n'] as number;
  }

  /** The releases with advisories, sorted. */
  releases(): { readonly ecosystem: string; readonly release: string }[] {
    return this.#database.prepare('SELECT DISTINCT ecosystem, release FROM live ORDER BY 1, 2').all() as {
      ecosystem: string;
      release: string;
    }[];
  }

  /** The advisories of a release, sorted by id. */
  advisories(ecosystem: string, release: string): Iterable<{ readonly id: string; readonly detail: string }> {
    return this.#database
      .prepare(
        `SELECT id, detail FROM advisory WHERE id IN (SELECT id FROM live WHERE ecosystem = ? AND release = ?) ORDER BY id`,
      )
      .iterate(ecosystem, release) as Iterable<{ id: string; detail: string }>;
  }

  /** What the advisories of a release say, sorted by package, then id. */
  affected(
    ecosystem: string,
    release: string,
  ): Iterable<{ readonly name: string; readonly id: string; readonly data: string }> {
    return this.#database
      .prepare('SELECT name, id, data FROM live WHERE ecosystem = ? AND release = ? ORDER BY rowid')
      .iterate(ecosystem, release) as Iterable<{ name: string; id: string; data: string }>;
  }

  /** Every advisory that names a package, sorted by id. */
  details(): Iterable<{ readonly id: string; readonly detail: string }> {
    return this.#database
      .prepare('SELECT id, detail FROM advisory WHERE id IN (SELECT id FROM live) ORDER BY id')
      .iterate() as Iterable<{ id: string; detail: string }>;
  }
}
