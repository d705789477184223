/** Caps on YAML that people write by hand; hostile text ends in a mistake that says so. */
export const yamlLimits = {
  /** Characters of one file. A settings file has some thousands. */
  characters: 1_048_576,
  /** Collections inside each other; settings nest about six deep. */
  depth: 16,
  /** Names, values and collections in one file. */
  nodes: 100_000,
  /** Entries of any list that has no cap of its own. */
  list: 1000,
  /** Characters of a single value. */
  text: 2048,
  /** Mistakes that are told of one file; nobody reads more at once. */
  mistakes: 100,
} as const;
