/** How conditions compare, as Kyverno names it; those that it calls old are taken as well. */
export const conditionOperators = [
  'Equal',
  'Equals',
  'NotEqual',
  'NotEquals',
  'In',
  'AnyIn',
  'AllIn',
  'NotIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThan',
  'GreaterThanOrEquals',
  'LessThan',
  'LessThanOrEquals',
  'DurationGreaterThan',
  'DurationGreaterThanOrEquals',
  'DurationLessThan',
  'DurationLessThanOrEquals',
] as const;

/** One of {@link conditionOperators}. */
export type ConditionOperator = (typeof conditionOperators)[number];

/** Where Seaworthy is stricter than Kyverno unless told otherwise. */
export interface ConditionStyle {
  /**
   * Whether what is looked at may itself be a pattern for what a condition names, as in Kyverno: then whoever writes `*` into a label is
   * in every list.
   */
  readonly keysArePatterns: boolean;
}
