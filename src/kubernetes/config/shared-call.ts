interface Running<Result> {
  readonly result: Promise<Result>;
  readonly end: AbortController;
  waiting: number;
}

/** A call that all who want its result at the same time wait for together, and that ends when nobody does any more. */
export class SharedCall<Result> {
  readonly #call: (signal: AbortSignal) => Promise<Result>;
  #running: Running<Result> | undefined;

  constructor(call: (signal: AbortSignal) => Promise<Result>) {
    this.#call = call;
  }

  /** Waits for the call under way, or makes it. @throws what it throws, or the signal's reason */
  async join(signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    const running = this.#running ?? this.#start();
    running.waiting += 1;
    let onAbort: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([running.result, left]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      running.waiting -= 1;
      if (running.waiting === 0) {
        running.end.abort();
        if (this.#running === running) this.#running = undefined;
      }
    }
  }

  #start(): Running<Result> {
    const end = new AbortController();
    const result = this.#call(end.signal);
    const running: Running<Result> = { result, end, waiting: 0 };
    this.#running = running;
    const forget = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    result.then(forget, forget);
    return running;
  }
}
