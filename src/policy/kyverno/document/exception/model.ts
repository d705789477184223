import type { ConditionBlock } from '../conditions/model.ts';
import type { MatchBlock } from '../match/model.ts';
import type { KyvernoMetadata } from '../policy/model.ts';
import type { JsonValue } from '../../../../lang/jmespath/value.ts';

/** An exception from rules, as it is written (kyverno.io/docs, "Policy Exceptions"). */
export interface KyvernoException {
  readonly apiVersion: 'kyverno.io/v2' | 'kyverno.io/v2beta1';
  readonly kind: 'PolicyException';
  readonly metadata: KyvernoMetadata;
  readonly spec: KyvernoExceptionSpec;
}

/** Which objects, from which rules. */
export interface KyvernoExceptionSpec {
  readonly background?: boolean;
  readonly match: MatchBlock;
  readonly conditions?: ConditionBlock;
  readonly exceptions: readonly ExceptedRules[];
  /** Only these images of such objects; patterns. */
  readonly images?: readonly string[];
  readonly podSecurity?: JsonValue;
}

/** Rules of one policy. */
export interface ExceptedRules {
  /** `namespace/name` for a `Policy`. */
  readonly policyName: string;
  /** Patterns. */
  readonly ruleNames: readonly string[];
  /** Only these images, where the object has others; as `images` of the whole exception. */
  readonly images?: readonly { readonly imageReferences?: readonly string[] }[];
  readonly values?: JsonValue;
  readonly reportAs?: JsonValue;
}
