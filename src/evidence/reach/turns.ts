/** How many may be under way: of all, of those that belong together, and how many may wait. */
export interface TurnLimits {
  readonly most: number;
  readonly each: number;
  readonly waiting: number;
}

interface Waiting {
  readonly group: string;
  readonly admit: () => void;
}

/** Lets a bounded number go at a time, and of these a bounded number of one group, so that none takes all places. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #under = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #all = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** How many are under way. */
  get size(): number {
    return this.#all;
  }

  /**
   * Waits for a place; the function gives it back and may be called more than once.
   *
   * @returns undefined where too many wait already
   * @throws the signal's reason
   */
  async enter(group: string, signal: AbortSignal | undefined): Promise<(() => void) | undefined> {
    signal?.throwIfAborted();
    if (!this.#hasRoom(group)) {
      if (this.#waiting.length >= this.#limits.waiting) return undefined;
      await this.#wait(group, signal);
    } else this.#take(group);
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      this.#giveBack(group);
    };
  }

  #hasRoom(group: string): boolean {
    return this.#all < this.#limits.most && (this.#under.get(group) ?? 0) < this.#limits.each;
  }

  #take(group: string): void {
    this.#all += 1;
    this.#under.set(group, (this.#under.get(group) ?? 0) + 1);
  }

  #giveBack(group: string): void {
    this.#all -= 1;
    const left = (this.#under.get(group) ?? 1) - 1;
    if (left === 0) this.#under.delete(group);
    else this.#under.set(group, left);
    const next = this.#waiting.findIndex((each) => this.#hasRoom(each.group));
    if (next >= 0) this.#waiting.splice(next, 1)[0]?.admit();
  }

  #wait(group: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        group,
        admit: () => {
          signal?.removeEventListener('abort', abandon);
          this.#take(group);
          resolve();
        },
      };
      const abandon = (): void => {
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(entry);
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }
}
