/** How a throttle slows down what fails. Times in milliseconds. */
export interface ThrottleSettings {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Attempts under way at a time, as long as none failed. */
  readonly width: number;
  /** The wait after the first failure beyond the free ones; each further failure doubles it. */
  readonly firstWait: number;
  readonly maxWait: number;
  /** Failures are forgotten after this long without another. */
  readonly forgetAfter: number;
  /** Keys that are remembered; the one whose last failure is longest ago goes first. */
  readonly entries: number;
}

interface Entry {
  failures: number;
  pending: number;
  /** When the next attempt is heard. */
  until: number;
  last: number;
}

/**
 * Counts failures by key and makes whoever fails wait longer each time. An attempt that is refused does not lengthen the
 * wait: else anybody could keep a user out for ever by knocking.
 */
export class Throttle {
  readonly #settings: ThrottleSettings;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: ThrottleSettings) {
    this.#settings = settings;
  }

  /** Milliseconds until an attempt is heard; 0 for now. `now` is any clock that never goes back. */
  wait(key: string, now: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    const { free, width, firstWait, forgetAfter } = this.#settings;
    if (entry.pending === 0 && now - entry.last >= forgetAfter) {
      this.#entries.delete(key);
      return 0;
    }
    if (entry.until > now) return entry.until - now;
    // What is under way may fail too, so guesses sent at once count as if they came one after another.
    const full =
      entry.failures === 0 ? entry.pending >= width : entry.pending > 0 && entry.failures + entry.pending >= free;
    return full ? firstWait : 0;
  }

  /** Notes that an attempt begins. */
  begin(key: string, now: number): void {
    const entry = this.#entries.get(key) ?? { failures: 0, pending: 0, until: 0, last: now };
    entry.pending += 1;
    this.#keep(key, entry);
  }

  /** Notes how an attempt ended. One that succeeded, or that nobody could judge, changes no count. */
  end(key: string, failed: boolean, now: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.pending = Math.max(0, entry.pending - 1);
    if (failed) {
      const { free, firstWait, maxWait } = this.#settings;
      entry.failures += 1;
      entry.last = now;
      const beyond = entry.failures - free;
      if (beyond >= 0) entry.until = now + Math.min(maxWait, firstWait * 2 ** Math.min(beyond, 30));
      this.#keep(key, entry);
    } else if (entry.pending === 0 && entry.failures === 0) this.#entries.delete(key);
  }

  /** Forgets the failures of a key. */
  forgive(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (entry.pending === 0) this.#entries.delete(key);
    else Object.assign(entry, { failures: 0, until: 0 });
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size >= this.#settings.entries && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
  }
}
