import type { Logger } from '../../base/logger.ts';
import { chainsWithPending, insertAudit } from '../../store/metadata/audit.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import type { AuditEntry } from './entry.ts';
import { auditRow } from './row.ts';
import { appendSealed, sealPending } from './seal-pending.ts';

/** Entries that are held before they are written early, whatever the time. */
const most = 500;

/** Milliseconds after which entries of another process count as left behind. */
const abandoned = 60_000;

/** What a trail needs. */
export interface AuditTrailOptions {
  readonly database: SqlDatabase;
  readonly logger: Logger;
  /** The chain of this process, which no other has. */
  readonly chain: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds between two writes. */
  readonly interval?: number;
}

/**
 * Remembers who did what. What changes something is written in the transaction that changes it. What only reads, or was refused, is written
 * some tenths of a second later, many at once: a kill of the process loses these, and the chain shows no gap for them.
 */
export class AuditTrail implements AsyncDisposable {
  readonly #options: AuditTrailOptions;
  readonly #timer: NodeJS.Timeout;
  #held: AuditEntry[] = [];
  #toSeal = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.interval ?? 200);
    this.#timer.unref();
  }

  /** Writes an entry in a transaction, so that there is neither the change without it nor it without the change. */
  async record(queries: SqlQueries, entry: AuditEntry): Promise<void> {
    this.#toSeal = true;
    await insertAudit(queries, this.#options.chain, auditRow(entry));
  }

  /** Writes an entry and gives it its place; it is there for good when this resolves. */
  async seal(entry: AuditEntry): Promise<void> {
    const { database, chain } = this.#options;
    await database.transaction((queries) => this.record(queries, entry));
    await sealPending(database, chain);
  }

  /** Writes an entry soon. */
  note(entry: AuditEntry): void {
    this.#held.push(entry);
    // Once: while the database is slow, each further one would ask for a transaction of its own.
    if (this.#held.length === most) void this.flush();
  }

  /** Writes and seals what there is. */
  flush(): Promise<void> {
    if (this.#held.length > 0 || this.#toSeal) this.#working = this.#working.then(() => this.#work());
    return this.#working;
  }

  /** Seals what processes left behind that were killed. */
  async adopt(): Promise<void> {
    const { database, now, chain } = this.#options;
    for (const left of await chainsWithPending(database, now() - abandoned)) {
      if (left !== chain) await sealPending(database, left);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #work(): Promise<void> {
    const { database, logger, chain } = this.#options;
    const entries = this.#held;
    this.#held = [];
    this.#toSeal = false;
    let written = 0;
    try {
      do {
        await appendSealed(database, chain, entries.slice(written, written + most));
        written += most;
      } while (written < entries.length);
    } catch (error) {
      // Kept for the next time, up to a bound: the registry goes on serving while its database is away for a moment.
      this.#held = [...entries.slice(written), ...this.#held].slice(0, most * 20);
      this.#toSeal = true;
      logger.error('The audit trail could not be written', { entries: entries.length - written, error });
    }
  }
}
