/** Lets so many reviews be judged at a time, the others in the order in which they came, until they are of no use any more. */
export class ReviewQueue {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(width: number) {
    this.#free = width;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Judges one in its turn. The place is free again when it is judged, however long that takes after its signal was aborted: what it
   * holds is held until then.
   *
   * @throws the signal's reason, where that comes before its turn
   */
  async run<Result>(signal: AbortSignal, judge: () => Result | Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await judge();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason as Error);
      };
      const begin = (): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener('abort', gone);
        resolve();
      };
      this.#waiting.add(begin);
      signal.addEventListener('abort', gone, { once: true });
    });
  }
}
