import type { FlawList } from './vulnerability.ts';

/** What the database that was asked does not know, as far as it knows that. */
export interface DatabaseGaps {
  /**
   * Lists that it was built without, or of which it has only an old state: of flaws, nobody knows then whether they are on them. Absent where
   * it has all.
   */
  readonly lacking?: readonly FlawList[];
  /**
   * Milliseconds since 1970: how far back it is whole, since a feed of advisories could not be had when it was built. Absent where all were had, and in
   * what older versions wrote.
   */
  readonly databaseWholeAt?: number;
}

/** The gaps alone of what has more to it; nothing where there are none. */
export function gapsOf({ lacking = [], databaseWholeAt }: DatabaseGaps): DatabaseGaps {
  return {
    ...(lacking.length === 0 ? {} : { lacking }),
    ...(databaseWholeAt === undefined ? {} : { databaseWholeAt }),
  };
}
