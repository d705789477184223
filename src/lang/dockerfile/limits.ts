/** What a Dockerfile may be: far beyond any that people write. */
export const dockerfileLimits = {
  /** UTF-16 code units of the whole file. */
  characters: 1_048_576,
  lines: 50_000,
  instructions: 10_000,
  /** Documents within the file that one instruction brings. */
  heredocs: 100,
  /** Characters that a text may grow to when variables are put into it. */
  substituted: 65_536,
  /** Defaults within defaults. */
  substitutionDepth: 16,
} as const;
