/** What is known of one thing that clients write: they know it only when no other write overlapped theirs. */
interface Entry<Value> {
  open: number;
  isMixed: boolean;
  known: { readonly value: Value } | undefined;
  before: { readonly value: Value } | undefined;
}

/** How a write ended: with a new value, without an effect, or nobody knows. */
export type Ending<Value> = { readonly value: Value } | 'unchanged' | 'unknown';

/** What clients may rely on, by name. */
export class Ledger<Value> {
  readonly #entries = new Map<string, Entry<Value>>();

  /** Begins a write, and gives what ends it. */
  begin(name: string): (ending: Ending<Value>) => void {
    const entry = this.#entry(name);
    if (entry.open > 0) entry.isMixed = true;
    else entry.before = entry.known;
    entry.open += 1;
    entry.known = undefined;
    return (ending) => {
      entry.open -= 1;
      if (entry.open > 0) return;
      if (entry.isMixed || ending === 'unknown') entry.known = undefined;
      else entry.known = ending === 'unchanged' ? entry.before : ending;
      entry.isMixed = false;
    };
  }

  /** Undefined when nobody can know. */
  known(name: string): { readonly value: Value } | undefined {
    return this.#entries.get(name)?.known;
  }

  /** What was known before the write that is under way, when it is the only one. */
  before(name: string): { readonly value: Value } | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined || entry.isMixed ? undefined : entry.before;
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: Value]> {
    for (const [name, { known }] of this.#entries) if (known !== undefined) yield [name, known.value];
  }

  #entry(name: string): Entry<Value> {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { open: 0, isMixed: false, known: undefined, before: undefined };
      this.#entries.set(name, entry);
    }
    return entry;
  }
}
