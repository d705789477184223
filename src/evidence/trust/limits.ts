/** How whom to trust is followed. Times in milliseconds. */
export const trustLimits = {
  /**
   * How often it is looked whether another process fetched whom to trust, how old that may get before the repository is asked, and how soon
   * after it did not answer. A day, as commands have it, would be long for keys that are withdrawn.
   */
  look: 60_000,
  age: 21_600_000,
  retry: 900_000,
} as const;
