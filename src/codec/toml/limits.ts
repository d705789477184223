/** Caps on TOML that people write by hand; hostile text ends in a mistake that says so. */
export const tomlLimits = {
  /** Characters of one file. A containerd configuration with all defaults written out has some ten thousand. */
  characters: 1_048_576,
  /** Arrays and inline tables inside each other. */
  depth: 16,
  /** Parts of one table's name; `[plugins."x".containerd.runtimes.runc.options]` has six. */
  names: 16,
  /** Tables in one file. */
  tables: 20_000,
  /** Tables and settings whose place is kept; the first ones. */
  places: 50_000,
} as const;
