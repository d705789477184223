/** Caps on lock files; those of real projects stay far below. */
export const lockLimits = {
  /** Bytes of one file. The lock file of a monorepo with ten thousand packages has some ten million. */
  bytes: 33_554_432,
  /** Bytes of one in YAML, whose parser takes eighty times as much memory; the largest of real projects have six million. */
  yaml: 12_582_912,
  /** Bytes of one whose packages take a line each: a million lines of it would take long to make packages of. */
  lines: 8_388_608,
  /** Sections of one file whose lines are looked up; each takes a pass over it. */
  sections: 20,
  /** Blocks of a yarn.lock. */
  blocks: 250_000,
  /** Bytes of a manifest beside it: people write these. */
  manifest: 4_194_304,
  /** Tables or mappings inside each other. */
  depth: 64,
  /** Folders or scopes that are looked into in one file, to find what a dependency leads to. */
  steps: 5_000_000,
  /** Characters of a path inside `node_modules`. */
  path: 4096,
} as const;
