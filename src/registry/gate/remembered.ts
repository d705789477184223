interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

/** Values that hold until a time, the oldest of which go first when they are too many. */
export class Remembered<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @param now milliseconds since 1970 */
  get(key: string, now: number): Entry<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || now < entry.until) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** @param until milliseconds since 1970; not from then on */
  set(key: string, value: Value, until: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until });
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** What is remembered under rules, which goes with them. Who still judges by old ones disturbs nobody. */
export class RememberedUnder<Rules extends object, Value> {
  readonly #by = new WeakMap<Rules, Remembered<Value>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What was remembered under these rules. */
  under(rules: Rules): Remembered<Value> {
    let values = this.#by.get(rules);
    if (values === undefined) this.#by.set(rules, (values = new Remembered(this.#most)));
    return values;
  }
}
