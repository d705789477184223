/** What is read of a script: far beyond what stands in one `RUN`. */
export const shellLimits = {
  /** Words of all commands together, those of scripts within scripts included. */
  words: 200_000,
  /** Scripts within scripts: `sh -c`, `$(…)`, `( … )`. */
  depth: 12,
} as const;
