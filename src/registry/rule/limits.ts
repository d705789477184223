/** Bounds for rules, which people write but which reach the registry over its API too. */
export const ruleLimits: {
  /** Rules of one kind. */
  readonly rules: number;
  /** Code units of a rule's name. */
  readonly nameLength: number;
  /** Code units of a duration as written. */
  readonly durationLength: number;
  /** Milliseconds: a hundred years. */
  readonly duration: number;
  /** Bytes of a policy of another registry. ECR's own limit is 30,720 characters. */
  readonly policyBytes: number;
  /** How deep such a policy may nest. */
  readonly policyDepth: number;
} = {
  rules: 200,
  nameLength: 100,
  durationLength: 40,
  duration: 36_525 * 86_400_000,
  policyBytes: 262_144,
  policyDepth: 16,
};
