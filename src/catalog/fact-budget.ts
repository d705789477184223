import type { Problem } from '../base/problem.ts';
import type { FileReading } from './file-reading.ts';

/** How much may be stated about packages. */
export interface FactLimits {
  /** Facts and problems: each takes a kilobyte or two until the report is written. */
  readonly facts: number;
  /** Bytes of memory that they take, about: one fact may name a million files. */
  readonly bytes: number;
}

/** Several times what the fullest real layers give: some 40,000 packages, or a million owned files. */
const layerFacts: FactLimits = { facts: 200_000, bytes: 2 ** 28 };

/** For all layers of an image together, which may be a thousand. */
export const imageFacts: FactLimits = { facts: 300_000, bytes: 2 ** 29 };

/** Bounds what is kept of facts: a million tiny manifests are cheap to send and dear to keep. */
export class FactBudget {
  readonly #limits: FactLimits;
  #facts = 0;
  #bytes = 0;

  constructor(limits: FactLimits = layerFacts) {
    this.#limits = limits;
  }

  /** True when there were too many: nothing more is to be read. */
  get isSpent(): boolean {
    return this.#facts > this.#limits.facts || this.#bytes > this.#limits.bytes;
  }

  /**
   * Counts what was made of one file.
   *
   * @returns false when it says more than is left: it is not to be kept, as what one file makes may be gigabytes
   */
  take({ facts, problems }: Pick<FileReading, 'facts' | 'problems'>): boolean {
    this.#facts += facts.length + problems.length;
    this.#bytes += weigh(facts) + weigh(problems);
    return this.#bytes <= this.#limits.bytes;
  }

  /** What to say once it is spent. */
  problem(subject: string): Problem {
    const { facts, bytes } = this.#limits;
    const much = this.#facts > facts ? `${facts} facts` : `${bytes} bytes`;
    const message = `The layer states more than ${much} about packages; files after that were not read`;
    return { code: 'LIMIT_EXCEEDED', subject, message, incomplete: true };
  }
}

/** About how many bytes of memory plain data takes. */
function weigh(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 24;
  for (const member of Object.values(value)) sum += 8 + weigh(member);
  return sum;
}
