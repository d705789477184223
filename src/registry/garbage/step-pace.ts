import { garbageLimits } from './limits.ts';

/** Keeps steps to a share of the time. */
export class StepPace {
  readonly #share: number;
  readonly #clock: () => number;
  #begun: number;

  /**
   * @param share of the time that steps may take, above 0 and at most 1
   * @param clock milliseconds that pass, also while a test's own clock stands still
   */
  constructor(share: number, clock: () => number = () => performance.now()) {
    this.#share = share;
    this.#clock = clock;
    this.#begun = clock();
  }

  beginStep(): void {
    this.#begun = this.#clock();
  }

  /** How long to rest after the step that was begun last, in milliseconds. */
  restAfterStep(): number {
    const busy = this.#clock() - this.#begun;
    return Math.min(garbageLimits.longestRest, Math.max(garbageLimits.rest, busy * (1 / this.#share - 1)));
  }
}
