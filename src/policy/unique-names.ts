import { policyLimits } from './limits.ts';

/** Names that are kept apart: each once, shortened where they are too long. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  /** @param taken what others are called already */
  constructor(taken: readonly string[] = []) {
    for (const name of taken) this.#taken.add(name);
  }

  /** A name that nothing had yet: this one, or with a number behind it. */
  take(wanted: string): string {
    const short = wanted.slice(0, policyLimits.name - 6);
    let name = short;
    for (let number = 2; this.#taken.has(name); number += 1) name = `${short}-${number}`;
    this.#taken.add(name);
    return name;
  }
}
