/** What asking registries may take, those above all that nobody vouches for. Times in milliseconds. */
export const reachLimits = {
  /** How long they may take to be connected to, and to answer. */
  connectTime: 5000,
  answerTime: 15_000,
  /**
   * Requests under way at a time to hosts that never answered before: of all, and of those that one owner may have, which are those of one
   * registered domain. Others wait.
   */
  strangers: { most: 256, each: 16, waiting: 1024 },
  /** The same for those that did. */
  known: { most: 1024, each: 64, waiting: 4096 },
  /** Hosts of which it is remembered that they answered, and names that are known to be public. */
  hosts: 5000,
  /** Hosts of which it was told that they could not be asked, and how long it is not told again. */
  told: 1000,
  tellEvery: 60_000,
  /** Hosts of which it is told in that time; the others are counted. */
  tellMost: 100,
  /** Bytes of an error that are read for the registry's own words. */
  errorBytes: 16_384,
  /** Clients of registries that are kept; after that time, credentials may be others. */
  clients: 500,
  clientTime: 600_000,
  /** Hosts that are asked too often: how long each is left alone where it does not say so, and at most; and how many are known. */
  held: { leastPause: 2000, mostPause: 600_000, hosts: 1000 },
} as const;
