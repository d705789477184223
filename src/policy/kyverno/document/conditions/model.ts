import type { JsonValue } from '../../../../lang/jmespath/value.ts';
import type { ConditionOperator } from '../../condition/model.ts';

/** One comparison. */
export interface Condition {
  readonly key?: JsonValue;
  readonly operator?: ConditionOperator;
  readonly value?: JsonValue;
  readonly message?: string;
}

/** Several: one of `any`, and each of `all`. A list is the old form of `all`, or, of blocks, each of them. */
export interface ConditionBlock {
  readonly any?: readonly Condition[];
  readonly all?: readonly Condition[];
}

/** Conditions in any of the forms that Kyverno takes. */
export type Conditions = ConditionBlock | readonly Condition[] | readonly ConditionBlock[];
