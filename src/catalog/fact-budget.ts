import type { Problem } from '../base/problem.ts';
import type { FileReading } from './file-reading.ts';

/** Several times what the fullest real layers give; each fact takes a kilobyte or two until the report is written. */
const defaultMaxFacts = 200_000;
/** UTF-16 units of the text in them; the file lists of a full distribution have some 20 million. */
const defaultMaxUnits = 134_217_728;

/**
 * Bounds how many facts are taken from one layer, and how much they say: a million tiny manifests are cheap to send and
 * dear to keep, and so is a package that names thousands of others.
 */
export class FactBudget {
  readonly #max: number;
  readonly #maxUnits: number;
  #taken = 0;
  #units = 0;

  constructor(max: number = defaultMaxFacts, maxUnits: number = defaultMaxUnits) {
    this.#max = max;
    this.#maxUnits = maxUnits;
  }

  /** True when there were too many: nothing more is to be read. */
  get isSpent(): boolean {
    return this.#taken > this.#max || this.#units > this.#maxUnits;
  }

  /**
   * Counts the facts and problems of one file.
   *
   * @returns false when they say more than is left: they are not to be kept, as those of a single file may be gigabytes
   */
  take({ facts, problems }: Pick<FileReading, 'facts' | 'problems'>): boolean {
    this.#taken += facts.length + problems.length;
    this.#units += unitsOf(facts) + unitsOf(problems);
    return this.#units <= this.#maxUnits;
  }

  /** What to say once it is spent. */
  problem(subject: string): Problem {
    const message = `The layer states more than ${this.#max} facts about packages, or at absurd length; files after that were not read`;
    return { code: 'LIMIT_EXCEEDED', subject, message, incomplete: true };
  }
}

/** UTF-16 units of all texts in plain data. Facts are but a few levels deep. */
function unitsOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let units = 0;
  for (const part of Array.isArray(value) ? value : Object.values(value)) units += unitsOf(part);
  return units;
}
