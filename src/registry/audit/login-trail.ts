import { auditEntry, type AuditEntry } from './entry.ts';
import { auditLimits } from './limits.ts';

/** What a trail of logins needs. */
export interface LoginTrailOptions {
  /** Writes an entry soon. */
  readonly note: (entry: AuditEntry) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
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
 * Remembers logins that were refused. Anybody can cause these, as many as the network carries, and the throttle of logins bounds only
 * those that are judged. So the same again within a minute is counted and written as one entry, and of what differs only so many are
 * written as `auditLimits` says; the number of all others is one entry a minute. A kill loses the counts of that minute.
 */
export class LoginTrail implements Disposable {
  readonly #options: LoginTrailOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<string, Seen>();
  #room: number = auditLimits.logins.atOnce;
  #left = 0;

  constructor(options: LoginTrailOptions) {
    this.#options = options;
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
    const { atOnce, eachMinute } = auditLimits.logins;
    this.#room = Math.min(atOnce, this.#room + eachMinute);
    if (this.#left > 0) this.#options.note(this.#sumOfOthers());
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

  #sumOfOthers(): AuditEntry {
    return auditEntry({
      time: this.#options.now(),
      actor: { kind: 'system', name: 'login' },
      action: 'login',
      outcome: 'denied',
      reason: `${this.#left} more logins were refused within a minute than are written down one by one`,
    });
  }
}
