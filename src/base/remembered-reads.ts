import { SharedCalls, untilAborted } from './shared-calls.ts';

/** How much is remembered, and how long it counts, in milliseconds. */
export interface RememberedLimits {
  readonly most: number;
  readonly readTime: number;
  /** For what is not there, or could not be looked at. */
  readonly failedTime: number;
}

/** What was read a moment ago, and read once for all who ask at the same time. */
export class RememberedReads<Answer> {
  readonly #held = new Map<string, { readonly answer: Answer; readonly until: number }>();
  readonly #calls = new SharedCalls<Answer>();
  readonly #now: () => number;
  readonly #limits: RememberedLimits;
  readonly #isFound: (answer: Answer) => boolean;

  /** @param isFound whether an answer has what was asked for, and counts as long as that */
  constructor(now: () => number, limits: RememberedLimits, isFound: (answer: Answer) => boolean) {
    this.#now = now;
    this.#limits = limits;
    this.#isFound = isFound;
  }

  /** @throws what `read` throws, or the signal's reason; reading goes on without whoever gave up */
  async get(key: string, read: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const held = this.#held.get(key);
    if (held !== undefined && this.#now() < held.until) return held.answer;
    const call = async (): Promise<Answer> => {
      const answer = await read();
      const { readTime, failedTime } = this.#limits;
      this.#keep(key, answer, this.#now() + (this.#isFound(answer) ? readTime : failedTime));
      return answer;
    };
    return await untilAborted(this.#calls.run(key, call), signal);
  }

  #keep(key: string, answer: Answer, until: number): void {
    this.#held.delete(key);
    this.#held.set(key, { answer, until });
    const [oldest] = this.#held.keys();
    if (this.#held.size > this.#limits.most && oldest !== undefined) this.#held.delete(oldest);
  }
}
