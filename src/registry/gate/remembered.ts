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
  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (now < entry.until) return entry.value;
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

  /** Forgets what was remembered under keys that begin so. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}

/** What is remembered under rules, all of which goes when there are others. */
export class RememberedUnder<Rules, Value> {
  #rules: Rules | undefined;
  #values: Remembered<Value>;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
    this.#values = new Remembered(most);
  }

  /** What was remembered under these rules; who still holds that of others changes nothing any more. */
  under(rules: Rules): Remembered<Value> {
    if (this.#rules !== rules) {
      this.#rules = rules;
      this.#values = new Remembered(this.#most);
    }
    return this.#values;
  }

  forget(prefix: string): void {
    this.#values.forget(prefix);
  }
}
