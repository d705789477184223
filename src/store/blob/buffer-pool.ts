/** How large buffers are while so many bytes are lent. */
export interface PoolStep {
  readonly whileLent: number;
  readonly size: number;
}

/**
 * Buffers that are used again. The more are lent, the smaller they become: a few streams get the size that is fastest, many
 * get less each, and nobody waits for another's slow client.
 */
export class BufferPool {
  readonly #steps: readonly PoolStep[];
  readonly #smallest: number;
  readonly #maxFree: number;
  readonly #free = new Map<number, Buffer[]>();
  #lent = 0;
  #freeBytes = 0;

  /**
   * @param steps the sizes, largest first
   * @param smallest the size when more is lent than any step allows
   * @param maxFree bytes kept for later
   */
  constructor(steps: readonly PoolStep[], smallest: number, maxFree: number) {
    this.#steps = steps;
    this.#smallest = smallest;
    this.#maxFree = maxFree;
  }

  /** Bytes that are in use. */
  get lent(): number {
    return this.#lent;
  }

  /** Lends a buffer; what is in it is of no meaning. Whoever borrows gives it back once, when nobody writes to it any more. */
  borrow(): Buffer {
    const size = this.#steps.find(({ whileLent }) => this.#lent < whileLent)?.size ?? this.#smallest;
    this.#lent += size;
    const kept = this.#free.get(size)?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return kept;
  }

  giveBack(buffer: Buffer): void {
    const size = buffer.length;
    this.#lent -= size;
    if (this.#freeBytes + size > this.#maxFree) return;
    this.#freeBytes += size;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [buffer]);
    else list.push(buffer);
  }
}
