import { CodecError } from '../error.ts';
import { zipLimits } from './limits.ts';

/**
 * What may still come out of an archive. One budget is handed on to the archives inside, so that neither nesting nor
 * entries that share their bytes multiply it.
 */
export class ZipBudget {
  #bytes: number;
  #entries: number;

  constructor(bytes: number, entries: number) {
    this.#bytes = bytes;
    this.#entries = entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws CodecError LIMIT_EXCEEDED when that is more than what is left */
  spendBytes(count: number): void {
    if (count > this.#bytes) {
      throw new CodecError('LIMIT_EXCEEDED', 'The zip archive gives out far more than its size; skip it as a zip bomb');
    }
    this.#bytes -= count;
  }

  /** @throws CodecError LIMIT_EXCEEDED when none is left */
  spendEntry(): void {
    if (this.#entries <= 0) {
      throw new CodecError('LIMIT_EXCEEDED', 'The zip archive lists too many entries; skip it');
    }
    this.#entries--;
  }
}

/** The budget of an archive of so many bytes; `entries` caps those of the archives inside it as well. */
export function budgetFor(archiveBytes: number, entries: number = zipLimits.entries): ZipBudget {
  const bytes = Math.min(zipLimits.inflatedBytes, zipLimits.freeBytes + archiveBytes * zipLimits.ratio);
  return new ZipBudget(bytes, entries);
}
