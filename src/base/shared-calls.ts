/**
 * Calls that several wait for: whoever asks for what is under way already gets its answer. A call belongs to nobody, so it goes on when
 * those who wait for it give up, and the next to ask finds more than the first did.
 */
export class SharedCalls<Value> {
  readonly #under = new Map<string, Promise<Value>>();

  /** How many are under way. */
  get size(): number {
    return this.#under.size;
  }

  run(key: string, call: () => Promise<Value>): Promise<Value> {
    const known = this.#under.get(key);
    if (known !== undefined) return known;
    const made = call().finally(() => this.#under.delete(key));
    // Those who wait hear of it; when nobody does, nobody needs to.
    made.catch(() => undefined);
    this.#under.set(key, made);
    return made;
  }
}

/** Waits for something no longer than a signal lets. @throws the signal's reason */
export async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let give: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason as Error);
    signal.addEventListener('abort', give, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (give !== undefined) signal.removeEventListener('abort', give);
  }
}
