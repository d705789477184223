/** What is kept of registries, and of keys that policies name. Times in milliseconds. */
export const sourceLimits = {
  clients: 500,
  /** Credentials may be others after that. */
  clientTime: 600_000,
  /** How long a key that was looked up counts, and that it could not be. */
  keyTime: 60_000,
  keyFailedTime: 3000,
  /** Characters of a Secret's keys. */
  keyText: 65_536,
} as const;
