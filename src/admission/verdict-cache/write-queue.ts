import type { Clock } from '../../net/clock.ts';
import { verdictStoreLimits as limits } from './limits.ts';
import type { KeptVerdict } from './model.ts';

/** What becomes of a verdict that could not be written: it waits for another try, is given up, or nothing is written for long. */
export type WriteFailure = 'again' | 'never' | 'absent';

/** How verdicts are written. */
export interface WriteQueueParts {
  readonly write: (kept: KeptVerdict) => Promise<void>;
  /** Must not throw. */
  readonly failed: (error: unknown) => WriteFailure;
  readonly clock: Clock;
  /** Ends it: what waits is not written any more. */
  readonly signal: AbortSignal;
  readonly most?: number;
}

/** Verdicts on their way out: bounded, each question once, the newest verdict of it. Nobody waits for it. */
export class WriteQueue {
  readonly #waiting = new Map<string, KeptVerdict>();
  readonly #parts: WriteQueueParts;
  #writing = 0;
  #failures = 0;
  /** Until when nothing is tried, by the steady clock. */
  #pausedUntil = 0;
  #isWaking = false;
  #dropped = 0;

  constructor(parts: WriteQueueParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#waiting.size + this.#writing;
  }

  /** Verdicts that were never written, as there were too many or they could not be. */
  get dropped(): number {
    return this.#dropped;
  }

  put(kept: KeptVerdict): void {
    const { most = limits.waiting } = this.#parts;
    this.#waiting.delete(kept.key);
    this.#waiting.set(kept.key, kept);
    if (this.#waiting.size > most) this.#drop();
    this.#start();
  }

  #drop(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
    this.#dropped += 1;
  }

  #start(): void {
    const { clock, signal } = this.#parts;
    if (signal.aborted) return;
    const left = this.#pausedUntil - clock.monotonic();
    if (left > 0) {
      this.#wakeAfter(left);
      return;
    }
    while (this.#writing < limits.writes) {
      const [next] = this.#waiting.values();
      if (next === undefined) return;
      this.#waiting.delete(next.key);
      this.#writing += 1;
      void this.#write(next);
    }
  }

  async #write(kept: KeptVerdict): Promise<void> {
    const { write, failed, clock, most = limits.waiting } = this.#parts;
    try {
      await write(kept);
      this.#failures = 0;
    } catch (error) {
      const failure = failed(error);
      const isLost = failure !== 'again' || this.#waiting.has(kept.key) || this.#waiting.size >= most;
      if (isLost) this.#dropped += 1;
      else this.#waiting.set(kept.key, kept);
      if (failure !== 'never') {
        this.#failures += 1;
        const pause = Math.min(limits.leastPause * 2 ** Math.min(this.#failures - 1, 10), limits.mostPause);
        this.#pausedUntil = clock.monotonic() + (failure === 'absent' ? limits.absentPause : pause);
      }
    } finally {
      this.#writing -= 1;
    }
    this.#start();
  }

  #wakeAfter(milliseconds: number): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    const { clock, signal } = this.#parts;
    const woken = clock.sleep(milliseconds, signal).catch(() => undefined);
    void woken.then(() => {
      this.#isWaking = false;
      this.#start();
    });
  }
}
