/** An upload that gathers bytes for its next piece. */
export interface PartHolder {
  /** Whether it waits for its client, so that it may be asked to send what it has. */
  readonly isIdle: boolean;
  /** Asks it to send what it has, which makes room. It says so at once, by `send()`. */
  sendEarly(): void;
}

interface Waiting {
  readonly holder: PartHolder;
  readonly bytes: number;
  readonly resolve: () => void;
}

/**
 * The memory of all uploads to a bucket together: bytes that are gathered for a piece, and those that are on their way. Whoever finds
 * no room waits, and with it its client.
 *
 * Room goes to whoever has gathered most, since that one comes first to a whole part, and thereby to giving it all back. Bytes on
 * their way give theirs back without anybody's doing. When nothing is on its way, the one that has most goes on beyond the bound,
 * by a part at most; when that one waits for its client, it sends what it has as a small piece. So no client that is slow, or
 * silent, keeps others from going on.
 */
export class PartMemory {
  readonly #budget: number;
  /** What each has gathered and does not send yet. */
  readonly #held = new Map<PartHolder, number>();
  #waiting: readonly Waiting[] = [];
  #used = 0;
  #sending = 0;

  /** @param budget bytes */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes that are gathered or on their way. */
  get used(): number {
    return this.#used;
  }

  /** Waits for room for some bytes more. @throws the signal's reason */
  take(holder: PartHolder, bytes: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal?.reason as Error);
        this.#settle();
      };
      const waiting: Waiting = {
        holder,
        bytes,
        resolve() {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting = [...this.#waiting, waiting];
      this.#settle();
    });
  }

  /** All that a holder gathered is on its way. Gives the number of bytes, which are to be given back by `sent()`. */
  send(holder: PartHolder): number {
    const bytes = this.#held.get(holder) ?? 0;
    this.#held.delete(holder);
    this.#sending += bytes;
    return bytes;
  }

  /** Bytes arrived, or were lost: their memory is free. */
  sent(bytes: number): void {
    this.#sending -= bytes;
    this.#used -= bytes;
    this.#settle();
  }

  /** A holder waits for its client. */
  idle(): void {
    if (this.#waiting.length > 0) this.#settle();
  }

  #settle(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { holder, bytes, resolve } = next;
      this.#waiting = this.#waiting.filter((one) => one.holder !== holder);
      this.#held.set(holder, (this.#held.get(holder) ?? 0) + bytes);
      this.#used += bytes;
      resolve();
    }
  }

  /** Who goes on now. */
  #next(): Waiting | undefined {
    const heldBy = (holder: PartHolder): number => this.#held.get(holder) ?? 0;
    const first = most(this.#waiting, ({ holder }) => heldBy(holder));
    if (first === undefined || this.#used + first.bytes <= this.#budget) return first;
    if (this.#sending > 0) return undefined;
    const largest = most([...this.#held.keys()], heldBy);
    if (largest === undefined || heldBy(largest) <= heldBy(first.holder)) return first;
    if (largest.isIdle) largest.sendEarly();
    return undefined;
  }
}

/** The first of those with the largest number. */
function most<Item>(items: readonly Item[], number: (item: Item) => number): Item | undefined {
  let found: Item | undefined;
  for (const item of items) if (found === undefined || number(item) > number(found)) found = item;
  return found;
}
