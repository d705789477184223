/** Work that many wait for and one does: whoever comes while it is done gets the same. */
export class OnceAtATime {
  readonly #running = new Map<string, Promise<unknown>>();

  /**
   * Does it, or waits for it. Who stops waiting stops nothing.
   *
   * @throws what the work throws, or the signal's reason
   */
  async run<Result>(key: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    let running = this.#running.get(key) as Promise<Result> | undefined;
    if (running === undefined) {
      running = work().finally(() => this.#running.delete(key));
      // Nobody may be left to hear of a failure.
      running.catch(() => undefined);
      this.#running.set(key, running);
    }
    return await orAborted(running, signal);
  }
}

/** What a promise gives, unless the signal is aborted before. */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
