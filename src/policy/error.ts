import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a policy. */
export type PolicyErrorCode =
  /** It names what is not there, contradicts itself, or cannot be meant. */
  'POLICY_INVALID' | 'LIMIT_EXCEEDED';

/** A policy cannot be used as it is written. */
export class PolicyError extends SeaworthyError<PolicyErrorCode> {
  override readonly name = 'PolicyError';
}
