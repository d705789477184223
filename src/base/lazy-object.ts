type Makers = ReadonlyMap<string, () => unknown>;

/**
 * An object whose members are made when they are first looked at, and remembered; what throws is tried again. To name its members or to ask
 * whether it has one makes none.
 *
 * It is a proxy, and has no getters of its own: V8 keeps those among the old at once (`AccessorPair`), so that with each of them all that it
 * may look at outlives the collections of the youngest.
 */
export function lazyObject(makers: Makers): Readonly<Record<string, unknown>> {
  return new Proxy<Record<string, unknown>>({}, new LazyMembers(makers));
}

class LazyMembers implements ProxyHandler<Record<string, unknown>> {
  readonly #makers: Makers;
  readonly #made = new Map<string, unknown>();

  constructor(makers: Makers) {
    this.#makers = makers;
  }

  /** What is no member is inherited, as from any object. */
  get(target: object, name: string | symbol): unknown {
    return typeof name === 'string' && this.#makers.has(name) ? this.#value(name) : Reflect.get(target, name);
  }

  has(target: object, name: string | symbol): boolean {
    return (typeof name === 'string' && this.#makers.has(name)) || Reflect.has(target, name);
  }

  ownKeys(): string[] {
    return [...this.#makers.keys()];
  }

  getOwnPropertyDescriptor(_target: object, name: string | symbol): PropertyDescriptor | undefined {
    if (typeof name !== 'string' || !this.#makers.has(name)) return undefined;
    return { get: () => this.#value(name), enumerable: true, configurable: true };
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(): boolean {
    return false;
  }

  #value(name: string): unknown {
    if (this.#made.has(name)) return this.#made.get(name);
    const value = this.#makers.get(name)?.();
    this.#made.set(name, value);
    return value;
  }
}
