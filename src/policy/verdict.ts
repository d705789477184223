import type { EvidenceKind, FindingFacts } from './evidence.ts';
import type { Rule, RuleAction } from './model.ts';

/**
 * What a policy says of a subject. `undecided` lets nothing pass: something is still pending, or could not be looked at, and no rule
 * is broken by what is known.
 */
export type Decision = 'allow' | 'deny' | 'undecided';

/** What a rule says. */
export type Outcome =
  | 'passed'
  | 'violated'
  /** It would be violated, or undecided, and exceptions cover all of that. */
  | 'excepted'
  | 'undecided'
  /** It is about images, and this is none. */
  | 'notApplicable';

/** A policy's answer, which is the same for the same evidence at any time before `validUntil`. */
export interface Verdict {
  readonly decision: Decision;
  /** Every rule that covers the subject, by name. */
  readonly rules: readonly RuleVerdict[];
  /** For whoever is denied, or cannot be told yet: the rules, why, what to do, how to get an exception. Empty when allowed. */
  readonly message: string;
  /** Sentences about rules that only warn. */
  readonly warnings: readonly string[];
  /** Exceptions without which it would be another verdict, by name. */
  readonly exceptions: readonly UsedException[];
  /** Rules that let it pass although what might break them is not known, since they fail open or take images that were read in part; a gate writes that down. */
  readonly opened: readonly string[];
  /** Whether a rule asks the gate to put the digest in, and the gate can. */
  readonly pin: boolean;
  /** What is still on its way and may decide: a gate that waits for these and asks again may hear something else. */
  readonly pending: readonly EvidenceKind[];
  /** Milliseconds since 1970: the first time at which the same evidence may give another verdict; absent for never. */
  readonly validUntil?: number;
  /** Of the policy: verdicts of another hash say nothing. */
  readonly policyHash: string;
}

/** What one rule says of a subject. */
export interface RuleVerdict {
  readonly rule: string;
  readonly kind: Rule['kind'];
  readonly action: RuleAction;
  readonly outcome: Outcome;
  /** What decided it, worst first, at most `policyLimits.facts`. */
  readonly facts: readonly Fact[];
  /** How many facts there are. */
  readonly total: number;
  /** For people; empty when it passed or does not apply. */
  readonly sentence: string;
  /** Names of exceptions that were used. */
  readonly exceptions: readonly string[];
  /** Names of exceptions that would have been, and have ended. */
  readonly ended: readonly string[];
}

/** An exception that a verdict rests on. */
export interface UsedException {
  readonly name: string;
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What decided a rule. */
export type Fact =
  | VulnerabilityFact
  | IncompleteFact
  | MissingFact
  | SignatureFact
  | SbomFact
  | AttestationFact
  | SourceFact
  | AgeFact
  | EndOfLifeFact
  | ConfigFact
  | DigestFact
  | ExpressionFact
  | UnknownFact;

/** A flaw that the rule forbids. */
export interface VulnerabilityFact extends Omit<FindingFacts, 'vendorIds' | 'knownSince'> {
  readonly kind: 'vulnerability';
}

/** Packages may be hidden by this. */
export interface IncompleteFact {
  readonly kind: 'incomplete';
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}

/** It was looked for and is not there. */
export interface MissingFact {
  readonly kind: 'missing';
  readonly what: EvidenceKind;
}

/** Whether a signer signed, and why not. */
export interface SignatureFact {
  readonly kind: 'signature';
  readonly signer: string;
  readonly verified: boolean;
  /** Who would count, and where that is looked for; only where it did not. */
  readonly wanted?: string;
  /** Keys or identities that signed. */
  readonly by?: readonly string[];
  readonly why?: string;
}

/** A bill of materials, and why it does not do. */
export interface SbomFact {
  readonly kind: 'sbom';
  readonly accepted: boolean;
  readonly format: string;
  readonly digest: string;
  readonly why?: string;
}

/** Whether a signer's statements hold, and why not. */
export interface AttestationFact {
  readonly kind: 'attestation';
  readonly predicateType: string;
  readonly signer: string;
  readonly holds: boolean;
  /** Who would count, and where that is looked for; only where nothing does. */
  readonly wanted?: string;
  readonly why?: string;
}

/** Where the image comes from. */
export interface SourceFact {
  readonly kind: 'source';
  readonly source: string;
  /** The pattern that denies it; absent when none allows it. */
  readonly deniedBy?: string;
}

/** When the image was made or first seen, and what is wrong with that. */
export interface AgeFact {
  readonly kind: 'age';
  readonly what: 'created' | 'firstSeen';
  /** `unsaid`: its config does not say. `future`: it would be made on a day that is still to come. */
  readonly wrong: 'tooOld' | 'tooNew' | 'unsaid' | 'future';
  /** Milliseconds since 1970. */
  readonly time?: number;
  /** Milliseconds since 1970: when it became too old, or will be old enough. */
  readonly limit?: number;
}

/** The release of a distribution that gets no more fixes. */
export interface EndOfLifeFact {
  readonly kind: 'endOfLife';
  readonly distribution: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What the image's config says, or fails to say. */
export interface ConfigFact {
  readonly kind: 'config';
  readonly what: 'user' | 'numericUser' | 'label' | 'environment' | 'port' | 'healthcheck';
  /** Of the label, or variable. */
  readonly name?: string;
  readonly value?: string;
}

/** The image is named by a tag. */
export interface DigestFact {
  readonly kind: 'digest';
}

/** An expression gave false, or no answer. */
export interface ExpressionFact {
  readonly kind: 'expression';
  readonly why: string;
}

/** What a rule needs and nobody knows. */
export interface UnknownFact {
  readonly kind: 'unknown';
  readonly what: EvidenceKind;
  readonly state: 'pending' | 'unavailable' | 'notGathered';
  readonly signer?: string;
  readonly predicateType?: string;
  readonly reason?: string;
}
