/** How much is remembered of Secrets that were read, and how long it counts, in milliseconds. */
export const credentialLimits = {
  reads: { most: 5000, readTime: 30_000, failedTime: 3000 },
} as const;
