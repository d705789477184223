import type { PatternSpec } from '../base/name-pattern.ts';
import type { FixStatus } from '../finding/advisory.ts';
import type { Severity } from '../finding/severity.ts';
import type { Digest } from '../oci/digest.ts';
import type { Gate } from './evidence.ts';

/**
 * What must be true of images. Plain data, in which the order of lists means nothing. Times are in milliseconds; dialects read it
 * from files.
 */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly signers: readonly Signer[];
  readonly exceptions: readonly PolicyException[];
  /** What becomes of an image where a rule could not be decided; a rule may say otherwise for itself. */
  readonly unknown: UnknownAction;
  /** How to ask for an exception, for people who are denied. */
  readonly exceptionHelp?: string;
}

/** Fail closed, or open by choice: verdicts tell which rules let something pass that way. */
export type UnknownAction = 'deny' | 'allow';

/** What becomes of an image that breaks a rule. */
export const ruleActions = ['deny', 'warn', 'audit'] as const;

/** One of {@link ruleActions}. */
export type RuleAction = (typeof ruleActions)[number];

/** A rule, by what it looks at. */
export type Rule =
  | VulnerabilitiesRule
  | SignaturesRule
  | SbomRule
  | AttestationRule
  | SourceRule
  | AgeRule
  | EndOfLifeRule
  | ConfigRule;

/** The kinds of rules, as policies name them, in the order of the documents. */
export const ruleKinds: readonly Rule['kind'][] = [
  'vulnerabilities',
  'signatures',
  'sbom',
  'attestation',
  'source',
  'age',
  'endOfLife',
  'config',
];

/** What every rule has. */
export interface RuleBase {
  /** Told in every verdict; unique in its policy. */
  readonly name: string;
  readonly action: RuleAction;
  /** The policy's when left out. */
  readonly unknown?: UnknownAction;
  /** All subjects when left out. */
  readonly match?: RuleScope;
  /** What to do about a violation, for people who meet it. */
  readonly help?: string;
}

/** Which subjects a rule is about: those that all of its members include. */
export interface RuleScope {
  readonly gates?: readonly Gate[];
  /** Patterns of the repository as it is asked for. */
  readonly repositories?: readonly PatternSpec[];
  readonly exceptRepositories?: readonly PatternSpec[];
  /** Patterns of where it comes from, with the host. */
  readonly sources?: readonly PatternSpec[];
  readonly exceptSources?: readonly PatternSpec[];
  /** Patterns of tags, of which it has one. Whoever asks by digest alone escapes this only where its tags are known. */
  readonly tags?: readonly PatternSpec[];
  /** `linux/arm64`; without a variant, all of them. */
  readonly platforms?: readonly string[];
}

/** No finding may match. Members narrow each other down: a finding counts when it matches all that are there. */
export interface VulnerabilitiesRule extends RuleBase {
  readonly kind: 'vulnerabilities';
  /** At least so bad. */
  readonly severity?: Severity;
  /** Only what a newer version mends. */
  readonly fixable?: boolean;
  /** Only what CISA lists as exploited. */
  readonly exploited?: boolean;
  /** At least so likely to be exploited within 30 days, 0 to 1. */
  readonly epss?: number;
  /** Only these flaws, by any of their ids. */
  readonly ids?: readonly string[];
  /** Patterns of names of packages. */
  readonly packages?: readonly PatternSpec[];
  /** Not what a distribution says this of: `will_not_fix`. */
  readonly ignoreStatuses?: readonly FixStatus[];
  /** How long a flaw is let pass once it is public or known here. What is exploited is never let pass. */
  readonly grace?: Grace;
  /** An older database decides nothing. */
  readonly maxDatabaseAge?: number;
  /** What becomes of an image whose packages could not all be read; `deny` when left out. */
  readonly incomplete?: UnknownAction;
}

/** Time to mend a flaw. */
export interface Grace {
  readonly for: number;
  /** `published`: since it is public. `known`: since it was found in this image. Without that time there is no grace. */
  readonly since: 'published' | 'known';
}

/** Signers must have signed the image. */
export interface SignaturesRule extends RuleBase {
  readonly kind: 'signatures';
  /** Names of the policy's signers, at least one. */
  readonly signers: readonly string[];
  /** How many of them, each with a key or identity of its own. */
  readonly atLeast: number;
}

/** A bill of materials must be attached. */
export interface SbomRule extends RuleBase {
  readonly kind: 'sbom';
  /** One of these must have signed it; anybody may have attached it when left out. */
  readonly signers?: readonly string[];
  /** Any when left out. */
  readonly formats?: readonly string[];
}

/** Signers must have stated something about the image. */
export interface AttestationRule extends RuleBase {
  readonly kind: 'attestation';
  /** A URI: `https://slsa.dev/provenance/v1`. */
  readonly predicateType: string;
  /** Names of the policy's signers, at least one: a statement of anybody says nothing. */
  readonly signers: readonly string[];
  /** How many of them. */
  readonly atLeast: number;
  /** In the Common Expression Language, over `predicate`; true when left out. */
  readonly condition?: string;
  /** Whether one statement of a signer must hold, or all that count; `any` when left out. */
  readonly which?: 'any' | 'all';
  /** Statements signed longer ago, or at a time that nobody vouches for, do not count. */
  readonly maxAge?: number;
}

/** The image must come from somewhere. The one rule that is about artifacts too. */
export interface SourceRule extends RuleBase {
  readonly kind: 'source';
  /** Patterns of sources; anywhere when left out. */
  readonly allow?: readonly PatternSpec[];
  /** Patterns of sources that are never allowed. */
  readonly deny?: readonly PatternSpec[];
}

/** The image must be neither too old nor too new. */
export interface AgeRule extends RuleBase {
  readonly kind: 'age';
  /** Since it was made, as its config says. */
  readonly maxSinceCreated?: number;
  /** Since it was first seen here: a quarantine in which others find out what is wrong with it. */
  readonly minSinceFirstSeen?: number;
}

/** The distribution's release must still get fixes. */
export interface EndOfLifeRule extends RuleBase {
  readonly kind: 'endOfLife';
}

/** The image's config must say something. */
export interface ConfigRule extends RuleBase {
  readonly kind: 'config';
  /** It must name another user than root. */
  readonly nonRoot?: boolean;
  /** Labels that it must have, with patterns of their values. */
  readonly labels?: Readonly<Record<string, PatternSpec>>;
}

/** Somebody who signs, under the name that rules give. Which authorities and logs are trusted is the gate's to know. */
export interface Signer {
  readonly name: string;
  /** Any of these. */
  readonly keys: readonly SignerKey[];
  /** Any of these, by a certificate. */
  readonly identities: readonly SignerIdentity[];
}

/** A public key, or the file that holds it. `withKeyFiles` puts the keys of files into their places. */
export type SignerKey = { readonly pem: string } | { readonly file: string };

/** Issuer and subject of a certificate, together. Each is the text itself or an RE2 expression that matches the whole of it. */
export interface SignerIdentity {
  readonly issuer: TextSpec;
  readonly subject: TextSpec;
}

/** A text, or what the whole of a text must match. */
export type TextSpec = { readonly exact: string } | { readonly regex: string };

/** Somebody answers for it that what rules forbid passes for a while. */
export interface PolicyException {
  /** Told in every verdict that rests on it; unique in its policy. */
  readonly name: string;
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds since 1970; from then on there is no exception. */
  readonly until: number;
  /** From these rules; from all when left out. */
  readonly rules?: readonly string[];
  /** For these flaws alone, by their ids or aliases. */
  readonly ids?: readonly string[];
  /** For flaws in packages with such names alone. */
  readonly packages?: readonly PatternSpec[];
  readonly repositories?: readonly PatternSpec[];
  readonly sources?: readonly PatternSpec[];
  readonly digests?: readonly Digest[];
}
