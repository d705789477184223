/** The names that were added last; older ones are forgotten when there are too many. */
export class RecentSet {
  readonly #held = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  add(name: string): void {
    this.#held.delete(name);
    this.#held.add(name);
    const [oldest] = this.#held;
    if (this.#held.size > this.#most && oldest !== undefined) this.#held.delete(oldest);
  }

  delete(name: string): void {
    this.#held.delete(name);
  }
}
