import { CodecError } from '../error.ts';

/**
 * Remembers which pages of a database were read.
 *
 * A sound database uses every page once, whether in a tree or in an overflow chain. Refusing the second use therefore
 * stops cycles, and keeps the whole work within the size of the file even when chains are made to share pages.
 */
export interface VisitedPages {
  /** @throws CodecError MALFORMED when the page was claimed before */
  claim(page: number): void;
  has(page: number): boolean;
}

/** No page was read yet. */
export function watchPages(): VisitedPages {
  const seen = new Set<number>();
  return {
    has: (page) => seen.has(page),
    claim: (page) => {
      if (seen.has(page)) {
        throw new CodecError('MALFORMED', `Page ${page} of the package database is used twice; rebuild the database.`);
      }
      seen.add(page);
    },
  };
}
