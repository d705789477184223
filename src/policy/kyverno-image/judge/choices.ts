import { LangError } from '../../../lang/error.ts';
import { policyLimits } from '../../limits.ts';

/**
 * Which of several statements an expression sees. Expressions see one at a time, and must be true of each that counts: so they are
 * evaluated once for each way to choose.
 */
export class Choices {
  readonly #made = new Map<string, { readonly count: number; at: number }>();
  #runs = 1;

  /** The one of so many that is to be seen this time. */
  choose(key: string, count: number): number {
    const there = this.#made.get(key);
    if (there !== undefined) return Math.min(there.at, count - 1);
    this.#made.set(key, { count, at: 0 });
    return 0;
  }

  /** Goes on to the next way; false where there is none. @throws LangError LIMIT_EXCEEDED */
  next(): boolean {
    for (const [key, choice] of [...this.#made].reverse()) {
      if (choice.at + 1 < choice.count) {
        choice.at += 1;
        this.#runs += 1;
        if (this.#runs <= policyLimits.statementChoices) return true;
        throw new LangError(
          'LIMIT_EXCEEDED',
          `There are more than ${policyLimits.statementChoices} ways to choose from the statements`,
        );
      }
      this.#made.delete(key);
    }
    return false;
  }
}
