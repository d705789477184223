import type { ResourceOutcome, RuleDecision } from './policy.ts';

/** What policies say of an object. */
export interface ResourceVerdict {
  readonly allowed: boolean;
  /** Of every rule that is about it, policies by their ids and rules in their order. */
  readonly results: readonly RuleResult[];
  /** For whoever is denied; empty when it is allowed. */
  readonly message: string;
  /** For whoever asks, whether or not it is allowed. */
  readonly warnings: readonly string[];
  /** Images that are to be called by their digests, each place once. */
  readonly pins: readonly Pin[];
}

/** What one rule says. */
export interface RuleResult extends Omit<RuleDecision, 'kind'> {
  readonly policy: string;
  readonly rule: string;
  /** As it counted: with a policy that fails open, `undecided` denies nothing. */
  readonly denies: boolean;
  readonly outcome: ResourceOutcome;
}

/** A place of an object where an image is to be called by its digest. */
export interface Pin {
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly from: string;
  readonly to: string;
}
