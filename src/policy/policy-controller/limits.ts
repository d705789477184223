/** Caps on what is read of policy-controller's documents. */
export const policyControllerLimits: {
  /** Collections inside each other in YAML. */
  readonly yamlDepth: number;
  /** Code units of a pattern of images. */
  readonly glob: number;
  /** Patterns of one policy. */
  readonly globs: number;
  /** Authorities of one policy. */
  readonly authorities: number;
} = { yamlDepth: 32, glob: 1024, globs: 500, authorities: 50 };
