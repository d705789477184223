import type { Clock } from '../../net/clock.ts';
import { webhookLimits } from './limits.ts';

interface Pause {
  readonly failures: number;
  readonly until: number;
}

/** Which endpoints are left alone for a moment, since they failed just now: the longer, the more often that was. */
export class EndpointPauses {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #pauses = new Map<string, Pause>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  has(endpoint: string): boolean {
    return (this.#pauses.get(endpoint)?.until ?? 0) > this.#clock.now();
  }

  /** Notes how an attempt ended. Attempts that ran at the same time count as one failure. */
  note(endpoint: string, failed: boolean): void {
    if (!failed) {
      this.#pauses.delete(endpoint);
      return;
    }
    if (this.has(endpoint)) return;
    const failures = (this.#pauses.get(endpoint)?.failures ?? 0) + 1;
    const { pauseMs, longestPauseMs } = webhookLimits;
    const time = Math.min(longestPauseMs, pauseMs * 2 ** (failures - 1));
    this.#pauses.set(endpoint, { failures, until: this.#clock.now() + time });
  }
}
