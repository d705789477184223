import { auditEntry, type AuditEntry } from './entry.ts';

/** What a trail of refusals needs. */
export interface RefusalTrailOptions {
  /** Writes an entry soon. */
  readonly note: (entry: AuditEntry) => void;
  /** Entries that are written at once, and how many more each minute afterwards. */
  readonly room: { readonly atOnce: number; readonly eachMinute: number };
  /** Tells of so many for which there was no room. */
  readonly sumOf: (count: number) => AuditEntry;
  /** Milliseconds between two sums; a minute unless a test has less time. */
  readonly interval?: number;
}

interface Seen {
  /** The last of its kind. */
  entry: AuditEntry;
  /** Those behind the first, which was written at once. */
  more: number;
}

/**
 * Remembers refusals that anybody can cause, as many as the network carries. So the same again within a minute is counted and written as
 * one entry, and of what differs only so many are written as there is room; the number of all others is one entry a minute. A kill loses
 * the counts of that minute.
 */
export class RefusalTrail implements Disposable {
  readonly #options: RefusalTrailOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<string, Seen>();
  #room: number;
  #left = 0;

  constructor(options: RefusalTrailOptions) {
    this.#options = options;
    this.#room = options.room.atOnce;
    this.#timer = setInterval(() => this.sum(), options.interval ?? 60_000);
    this.#timer.unref();
  }

  /** @param key what tells one kind of refusal from another: who, from where, and why */
  add(key: string, entry: AuditEntry): void {
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.entry = entry;
      seen.more += 1;
    } else if (this.#room > 0) {
      this.#seen.set(key, { entry, more: 0 });
      this.#write(entry);
    } else this.#left += 1;
  }

  /** Writes what was counted since the last time, and begins to count anew. */
  sum(): void {
    for (const { entry, more } of this.#seen.values()) {
      if (more === 0) continue;
      if (this.#room === 0) this.#left += more;
      else this.#write(auditEntry({ ...entry, reason: `${more} more within a minute: ${entry.reason ?? ''}` }));
    }
    this.#seen.clear();
    const { atOnce, eachMinute } = this.#options.room;
    this.#room = Math.min(atOnce, this.#room + eachMinute);
    if (this.#left > 0) this.#options.note(this.#options.sumOf(this.#left));
    this.#left = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.sum();
  }

  #write(entry: AuditEntry): void {
    this.#room -= 1;
    this.#options.note(entry);
  }
}
