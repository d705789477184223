import type { Problem } from '../base/problem.ts';

/** Several times what the fullest real layers give; each fact takes a kilobyte or two until the report is written. */
const defaultMaxFacts = 200_000;

/** Bounds how many facts are taken from one layer: a million tiny manifests are cheap to send and dear to keep. */
export class FactBudget {
  readonly #max: number;
  #taken = 0;

  constructor(max: number = defaultMaxFacts) {
    this.#max = max;
  }

  /** True when there were too many: nothing more is to be read. */
  get isSpent(): boolean {
    return this.#taken > this.#max;
  }

  /** Counts the facts of one file. */
  take(count: number): void {
    this.#taken += count;
  }

  /** What to say once it is spent. */
  problem(subject: string): Problem {
    const message = `The layer states more than ${this.#max} facts about packages; files after that were not read`;
    return { code: 'LIMIT_EXCEEDED', subject, message, incomplete: true };
  }
}
