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
} = { regex: 4096, pattern: 2048, random: 4096, document: 1_048_576, yamlDepth: 64 };
