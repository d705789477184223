import { SeaworthyError } from '../base/error.ts';

/** What keeps a node's configuration from being written or looked at. Mistakes in a policy are values. */
export type EgressErrorCode =
  /** A file that the policy names, or the header that it asks for, is not there. */
  | 'EGRESS_INPUT_UNREADABLE'
  /** A target needs something that the policy does not say. */
  | 'EGRESS_POLICY_INCOMPLETE'
  /** What was generated does not do what the policy says; nothing was written. */
  | 'EGRESS_OUTPUT_INVALID'
  /** The folder for what is generated cannot be written, or holds something else. */
  | 'EGRESS_OUTPUT_UNWRITABLE'
  /** The node's root is no folder. */
  | 'EGRESS_ROOT_UNREADABLE'
  /** The canary could not be pulled, or its trace could not be looked up. */
  | 'EGRESS_CANARY_FAILED';

/** A node's configuration could not be written or looked at. The message never holds a secret. */
export class EgressError extends SeaworthyError<EgressErrorCode> {
  override readonly name = 'EgressError';
}
