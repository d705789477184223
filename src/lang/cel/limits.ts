/** Caps on expressions; those that people write have some hundreds of nodes. */
export const celLimits: {
  /** Code units of an expression. */
  readonly characters: number;
  readonly maxAstNodes: number;
  /** Parts within each other. */
  readonly maxDepth: number;
  readonly maxListElements: number;
  readonly maxMapEntries: number;
  readonly maxCallArguments: number;
  /** Steps of one evaluation: visits of nodes, and what is looked at or made of texts and lists, by the dozen or so. */
  readonly steps: number;
  /** Code units of a regular expression. */
  readonly regex: number;
} = {
  characters: 65_536,
  maxAstNodes: 20_000,
  maxDepth: 200,
  maxListElements: 4096,
  maxMapEntries: 4096,
  maxCallArguments: 64,
  steps: 1_000_000,
  regex: 4096,
};
