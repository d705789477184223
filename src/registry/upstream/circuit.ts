import type { Clock } from '../../net/clock.ts';
import { upstreamLimits } from './limits.ts';
import { UpstreamTrouble } from './trouble.ts';

/** What an upstream is asked for; each kind may be limited by itself. Docker Hub counts fetched manifests alone. */
export type RequestKind = 'manifest' | 'head' | 'blob' | 'list' | 'token';

/**
 * Leaves an upstream alone that failed several times in a row, but for one request every so often, and for what it said when it was asked
 * too often. Of one process.
 */
export class Circuit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #host: string;
  #failures = 0;
  #nextAt = 0;
  readonly #heldUntil = new Map<RequestKind, number>();

  constructor(host: string, clock: Pick<Clock, 'monotonic'>) {
    this.#host = host;
    this.#clock = clock;
  }

  /** @throws UpstreamTrouble when it is not to be asked now */
  enter(kind: RequestKind): void {
    const now = this.#clock.monotonic();
    const held = (this.#heldUntil.get(kind) ?? 0) - now;
    if (held > 0) throw new UpstreamTrouble('LIMITED', `${this.#host} said to wait`, held);
    if (this.#failures < upstreamLimits.failures) return;
    if (this.#nextAt > now) {
      const sentence = `${this.#host} did not answer before, and is left alone for a moment`;
      throw new UpstreamTrouble('UNAVAILABLE', sentence, this.#nextAt - now);
    }
    // This one tries; the others wait for what comes of it.
    this.#nextAt = now + upstreamLimits.circuitPause;
  }

  /** It answered, whatever it said. */
  answered(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= upstreamLimits.failures) {
      this.#nextAt = this.#clock.monotonic() + upstreamLimits.circuitPause;
    }
  }

  /** It said 429. @param milliseconds for how long, where it said so */
  limited(kind: RequestKind, milliseconds: number = upstreamLimits.limitedPause): void {
    const pause = Math.min(milliseconds, upstreamLimits.longestPause);
    this.#heldUntil.set(kind, this.#clock.monotonic() + pause);
  }

  /** Milliseconds until a kind may be asked for again. */
  pause(kind: RequestKind): number {
    const now = this.#clock.monotonic();
    const until = Math.max(this.#heldUntil.get(kind) ?? 0, this.#failures < upstreamLimits.failures ? 0 : this.#nextAt);
    return Math.max(0, until - now);
  }
}
