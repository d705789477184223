import type { PatternSpec } from '../base/name-pattern.ts';
import type { FixStatus } from '../finding/advisory.ts';
import type { Severity } from '../finding/severity.ts';
import type { Digest } from '../oci/digest.ts';
import type { Gate } from './evidence.ts';
import type { ConditionBlock } from './kyverno/document/conditions/model.ts';
import type { ObjectFilter } from './resource/object-filter/model.ts';

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
  | ConfigRule
  | DigestRule
  | ExpressionRule;

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
  'digest',
  'expression',
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
  /**
   * Patterns of whole names, with the host: `ghcr.io/org/app:1.2`, and `ghcr.io/org/app@sha256:…` where it is named by its digest, whatever
   * tag stands beside that. Each spelling of a name counts, and no pattern can say which digest.
   */
  readonly references?: readonly PatternSpec[];
  readonly exceptReferences?: readonly PatternSpec[];
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
  /** An older database decides nothing, nor one of which advisories could not be had for so long. */
  readonly maxDatabaseAge?: number;
  /** Nor does a scan that was made longer ago. */
  readonly maxScanAge?: number;
  /** What becomes of an image whose packages could not all be read; `deny` when left out. */
  readonly incomplete?: UnknownAction;
}

/** Time to mend a flaw. */
export interface Grace {
  readonly for: number;
  /** `published`: since it is public. `known`: since it was found in this image. Without that time there is no grace. */
  readonly since: 'published' | 'known';
}

/** So many of some signers, each with a key or identity of its own. */
export interface SignerSet {
  /** Names of the policy's signers, or sets, each of which counts as one; at least one. */
  readonly signers: readonly SignerChoice[];
  readonly atLeast: number;
  /** False where one key or identity counts for several signers; the outermost set says it for those within. */
  readonly distinct?: false;
}

/** The name of a signer, or several of whom so many count as one. */
export type SignerChoice = string | SignerSet;

/** Signers must have signed the image. */
export interface SignaturesRule extends RuleBase, SignerSet {
  readonly kind: 'signatures';
}

/** A bill of materials must be attached. */
export interface SbomRule extends RuleBase {
  readonly kind: 'sbom';
  /** One of these must have signed it; anybody may have attached it when left out. */
  readonly signers?: readonly string[];
  /** Any when left out. */
  readonly formats?: readonly string[];
}

/** Signers must have stated something about the image: a statement of anybody says nothing. */
export interface AttestationRule extends RuleBase, SignerSet {
  readonly kind: 'attestation';
  /** A URI: `https://slsa.dev/provenance/v1`. */
  readonly predicateType: string;
  /** Must be true of what is stated; left out where the statement itself is enough. */
  readonly condition?: StatementCondition;
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
  /** It must name a user other than root by a number, which is the only way in which Kubernetes can tell (`runAsNonRoot`). */
  readonly numericUser?: boolean;
  /** Labels that it must have, with patterns of their values. */
  readonly labels?: Readonly<Record<string, PatternSpec>>;
  /** Patterns of names of variables that it must not set. */
  readonly forbiddenEnvironment?: readonly PatternSpec[];
  /** The only ports that it may say it listens at. */
  readonly ports?: readonly PortRange[];
  /** It must say how to tell that it is well. */
  readonly healthcheck?: boolean;
}

/** Ports, both ends included; of any protocol when left out. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
}

/** What must be true of a statement, in one of the languages that policies are written in. */
export type StatementCondition =
  /** In the Common Expression Language, over `predicate`. */
  | { readonly cel: string }
  /**
   * In Kyverno's conditions: each block must hold, over the members of the predicate, `predicate`, and the context of the evidence. With
   * `exact`, comparisons are the lax ones of Kyverno (`conditionStyles`). With `denies`, it is true where they do not all hold, and not
   * where one of them cannot be told.
   */
  | { readonly kyverno: readonly ConditionBlock[]; readonly exact: boolean; readonly denies?: true };

/** The image must be named by its digest, by which nobody can put another one in its place. */
export interface DigestRule extends RuleBase {
  readonly kind: 'digest';
  /** Whether a gate that can do so puts the digest in; what it puts in, it does not ask for. */
  readonly pin: boolean;
  /** Whether a gate that cannot refuses what is named otherwise. */
  readonly required: boolean;
}

/** Something must be true of all that is known of the image. */
export interface ExpressionRule extends RuleBase {
  readonly kind: 'expression';
  /**
   * In the Common Expression Language, over `subject`, `image`, `vulnerabilities`, `sbom`, `signatures`, `attestations` and `now`, and
   * in Kyverno's conditions over what `statements` names and the context of the evidence.
   */
  readonly condition: StatementCondition;
  /** Statements about the image that the condition may use, by names of its own. */
  readonly statements?: Readonly<Record<string, NamedStatement>>;
  /** What to tell when it is not true; made from the condition when left out. */
  readonly message?: string;
}

/** A statement that counts when so many of some signers made it. */
export interface NamedStatement extends SignerSet {
  readonly predicateType: string;
}

/** Somebody who signs, under the name that rules give. Which authorities and logs are trusted is the gate's to know. */
export interface Signer {
  readonly name: string;
  /** Any of these. */
  readonly keys: readonly SignerKey[];
  /** Any of these, by a certificate of an authority that is trusted. */
  readonly identities: readonly SignerIdentity[];
  /** Any of these, whatever the authorities that are trusted otherwise. */
  readonly certificates?: readonly SignerCertificate[];
  /** Annotations that what is signed must carry, all of them in one signature that counts. */
  readonly annotations?: Readonly<Record<string, TextSpec>>;
  /** Where its signatures lie, with the host, when not beside the image: `ghcr.io/org/signatures`. */
  readonly repository?: string;
  /** What stands before the tags of the older layout there: `tags` of `cosign` otherwise. */
  readonly tagPrefix?: string;
  /** Layouts that count; all when left out. */
  readonly layouts?: readonly SignatureLayout[];
  /** The hash that its keys sign; what the key itself is for when left out. */
  readonly hash?: 'sha224' | 'sha256' | 'sha384' | 'sha512';
  /** In what it is trusted otherwise than the gate says. */
  readonly trust?: SignerTrust;
}

/** How signatures are attached: as bundles (cosign 3), as cosign did before, or as Notary Project specifies. */
export type SignatureLayout = 'bundle' | 'legacy' | 'notation';

/** A public key, or where it is. `withKeyFiles` and `withKeys` put the keys into their places. */
export type SignerKey =
  | { readonly pem: string }
  | { readonly file: string }
  /** `k8s://namespace/secret`, or a key of a key service: `awskms://…`. */
  | { readonly reference: string };

/**
 * Who a certificate is for and who vouches for that, together. What is left out may be anything, which is only ever safe with
 * authorities of one's own.
 */
export interface SignerIdentity {
  readonly issuer?: TextSpec;
  readonly subject?: TextSpec;
  /** Further claims of the certificate, by the names that cosign gives them or their object identifiers. */
  readonly claims?: Readonly<Record<string, TextSpec>>;
}

/** A certificate that signs, or the authorities that issue such certificates; in PEM, one of them or both. */
export interface SignerCertificate {
  readonly leaf?: string;
  readonly authorities?: string;
  /** Who it must be for; anybody when left out. */
  readonly identities?: readonly SignerIdentity[];
}

/** What is trusted for one signer. What is left out is as the gate says. */
export interface SignerTrust {
  /** Whether a transparency log must hold its signatures. */
  readonly log?: 'required' | 'ignored';
  /** Keys of such logs in PEM, in place of others. */
  readonly logKeys?: string;
  /** Whether a certificate-transparency log must hold its certificates. */
  readonly certificateLog?: 'required' | 'ignored';
  /** Keys of such logs in PEM, in place of others. */
  readonly certificateLogKeys?: string;
  /** Authorities in PEM, in place of others. */
  readonly authorities?: string;
  /** Chains of timestamp authorities in PEM, in place of others; one of them must then vouch for the time. */
  readonly timestampAuthorities?: string;
}

/** The text itself, or what the text must match; of several, all. */
export type TextSpec =
  | { readonly exact: string }
  /** An RE2 expression that matches the whole of it. */
  | { readonly regex: string }
  /** An RE2 expression that matches some of it. */
  | { readonly search: string }
  /** `*` is any run of characters, `?` one. */
  | { readonly glob: string }
  | { readonly all: readonly TextSpec[] };

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
  /** For these objects of a cluster alone, of which one is enough; gates without objects know nothing of such an exception. */
  readonly objects?: readonly ObjectFilter[];
}
