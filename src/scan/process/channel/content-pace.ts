/** How fast the content of an image comes to whoever scans it. */
export class ContentPace {
  /** Bytes that came so far. */
  bytes = 0;
  #awaited = 0;

  /** Whether somebody waits for where it comes from. Who scans slowly waits for nothing. */
  get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  /** Says that what comes of a promise is waited for. @throws what it rejects with */
  async wait<Value>(promise: Promise<Value>): Promise<Value> {
    this.#awaited += 1;
    try {
      return await promise;
    } finally {
      this.#awaited -= 1;
    }
  }

  /** Passes a stream on, and counts what comes. @throws what it throws */
  async *follow(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.waitEach(stream)) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  /** Passes on what is waited for, one after the other. @throws what it throws */
  async *waitEach<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.wait(iterator.next());
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Counts what whoever scans has read itself. */
  read(bytes: number): void {
    if (bytes > 0) this.bytes += bytes;
  }
}
