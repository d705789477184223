import type { Problem } from '../../../base/problem.ts';
import { javaLimits } from './limits.ts';

/** Gathers what could not be read of one file; the first ones are listed, the rest counted. */
export class ProblemList {
  readonly #path: string;
  readonly #problems: Problem[] = [];
  #unlisted = 0;

  /** @param path of the file in the image */
  constructor(path: string) {
    this.#path = path;
  }

  /** @param innerPath what could not be read, when that is not the file itself */
  add(innerPath: string | undefined, message: string): void {
    if (this.#problems.length === javaLimits.problems) this.#unlisted++;
    else this.#problems.push(this.#problem(innerPath, message));
  }

  list(): readonly Problem[] {
    if (this.#unlisted === 0) return this.#problems;
    return [
      ...this.#problems,
      this.#problem(undefined, `${this.#unlisted} more parts of the archive could not be read`),
    ];
  }

  #problem(innerPath: string | undefined, message: string): Problem {
    const subject = innerPath === undefined ? this.#path : `${this.#path}!/${innerPath}`;
    return { code: 'ARCHIVE_UNREADABLE', subject, message };
  }
}
