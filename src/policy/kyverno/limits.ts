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
};
