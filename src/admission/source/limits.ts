/** What is kept of keys that policies name. Times in milliseconds. */
export const sourceLimits = {
  /** Keys that policies name and that were looked up, and how long they count. */
  keys: { most: 1000, readTime: 60_000, failedTime: 3000 },
  /** Characters of a Secret's keys. */
  keyText: 65_536,
} as const;
