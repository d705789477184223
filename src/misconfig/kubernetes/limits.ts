/** Caps on manifests that are checked; what is beyond them is a problem of the file. */
export const manifestLimits = {
  /** Of one file. Bundles of large operators, with their definitions, have some 5 MiB. */
  bytes: 16_777_216,
  /** Documents of one file. */
  documents: 5000,
  /** Collections inside each other; definitions of resources nest some forty deep. */
  depth: 100,
  /** Names, values and collections of one document, with what aliases and merges stand for counted as if it was written out. */
  nodes: 500_000,
  /** Aliases of one document. */
  aliases: 10_000,
  /** Objects of one file, in lists too. */
  objects: 20_000,
  /** Lists inside each other. */
  lists: 4,
  /** Places that are told of one file; nobody reads more. */
  failures: 20_000,
  /** Comments of one file that set something aside. */
  ignores: 2000,
  /** Characters of a document whose brackets are moved to where YAML wants them. */
  moved: 1_048_576,
  /** Characters of a value that are searched for what should not be there. */
  searched: 1_048_576,
} as const;
