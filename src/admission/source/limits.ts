/** What is kept of registries, and of keys that policies name. Times in milliseconds. */
export const sourceLimits = {
  clients: 500,
  /** Credentials may be others after that. */
  clientTime: 600_000,
  /** Keys that policies name and that were looked up, and how long they count. */
  keys: { most: 1000, readTime: 60_000, failedTime: 3000 },
  /** Characters of a Secret's keys. */
  keyText: 65_536,
  /** Hosts that are asked too often: how long each is left alone where it does not say so, and at most; and how many are known. */
  held: { leastPause: 2000, mostPause: 600_000, hosts: 1000 },
} as const;
