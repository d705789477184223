import type { Digest } from '../../../oci/digest.ts';
import type { PatternSpec } from '../../../base/name-pattern.ts';
import type { RuleScope } from '../scope.ts';

/**
 * Tags that nobody may move or remove once they are there.
 *
 * A repository that is immutable with exclusions (ECR, IMMUTABLE_WITH_EXCLUSION) is a rule with `except`; one that is
 * mutable with exclusions (MUTABLE_WITH_EXCLUSION) is a rule with `tags`.
 */
export interface ImmutableRule extends RuleScope {
  /** Tags that it is about; all when left out. */
  readonly tags?: readonly PatternSpec[] | undefined;
  /** Tags of these that stay free. */
  readonly except?: readonly PatternSpec[] | undefined;
  /** How long after its push a tag is immutable (`90d`); for ever when left out. */
  readonly until?: string | undefined;
}

/** Where a tag points now. */
export interface CurrentTag {
  readonly digest: Digest;
  /** When it was pointed there, in milliseconds since 1970. Pushing the same digest again must not renew it. */
  readonly pushedAt: number;
}

/** Which rule holds a tag. */
export interface TagHold {
  /** The rule's name. */
  readonly rule: string;
  /** When it lets go, in milliseconds since 1970; absent when never. */
  readonly until?: number;
}

/** Whether a write may go on. */
export type TagVerdict =
  | { readonly allowed: true }
  | ({
      readonly allowed: false;
      /** One sentence for the client that names the rule. */
      readonly message: string;
    } & TagHold);
