/** Caps on what is read of Kyverno's policies in CEL, and on what they do. */
export const kyvernoImageLimits: {
  /** Collections inside each other in YAML. */
  readonly yamlDepth: number;
  /** Code units of a pattern of images. */
  readonly glob: number;
  /** Validations, variables, conditions, extractors or patterns in one list. */
  readonly entries: number;
  /** Conditions of Kubernetes' own `matchConditions`. */
  readonly matchConditions: number;
  /** Images of one object. */
  readonly images: number;
  /** What one policy may ask to be looked up for one object. */
  readonly lookups: number;
  /** Expressions that are evaluated for one object. */
  readonly evaluations: number;
  /** Forms that a policy's attestors have had with different values of their expressions and that are kept ready. */
  readonly attestorForms: number;
} = {
  yamlDepth: 64,
  glob: 1024,
  entries: 200,
  matchConditions: 64,
  images: 500,
  lookups: 64,
  evaluations: 2000,
  attestorForms: 64,
};
