import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with rules about tags, retention and quotas. */
export type RuleErrorCode =
  | 'DURATION_INVALID'
  /** A rule contradicts itself, lacks something, or shares its name with another. */
  | 'RULE_INVALID'
  /** A rule of another registry that is right there and means something that this registry cannot do. */
  | 'RULE_UNSUPPORTED'
  /** A policy that was to be imported is not in the form of its registry. */
  | 'POLICY_INVALID'
  | 'LIMIT_EXCEEDED';

/** Rules cannot be used as they are written. */
export class RuleError extends SeaworthyError<RuleErrorCode> {
  override readonly name = 'RuleError';
}
