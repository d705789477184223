/** Caps on what is read of Kyverno's documents. */
export const kyvernoLimits: {
  /** Code units of a regular expression. */
  readonly regex: number;
  /** Code units of a pattern with `*` and `?`. */
  readonly pattern: number;
  /** Code units of a text that `random()` makes. */
  readonly random: number;
  /** Code units of a document that `parse_json()` and `parse_yaml()` read. */
  readonly document: number;
  /** Collections inside each other in a policy's YAML. */
  readonly yamlDepth: number;
  /** Places of images in one object; a Pod has a few. */
  readonly images: number;
  /** Extractors of images for one kind. */
  readonly extractors: number;
  /** Patterns of images in one list. */
  readonly imagePatterns: number;
  /** Forms that one entry of `verifyImages` has had with different values of its variables and that are kept ready. */
  readonly resolvedEntries: number;
  /** Steps that judging one object by one rule may take: of expressions, comparisons and elements. */
  readonly steps: number;
  /** Characters of JSON that the context of a rule may come to, as in Kyverno. */
  readonly context: number;
  /** What one rule may ask to be looked up for one object. */
  readonly lookups: number;
  /** Entries of one `context`. */
  readonly contextEntries: number;
  /** Lists within lists that `foreach` goes through. */
  readonly foreachDepth: number;
  /** Code units of a path of the API server. */
  readonly apiPath: number;
} = {
  regex: 4096,
  pattern: 2048,
  random: 4096,
  document: 1_048_576,
  yamlDepth: 64,
  images: 500,
  extractors: 50,
  imagePatterns: 500,
  resolvedEntries: 64,
  steps: 1_000_000,
  context: 2_097_152,
  lookups: 64,
  contextEntries: 100,
  foreachDepth: 8,
  apiPath: 2048,
};
