import type { Digest } from '../../oci/digest.ts';
import type { ImageSource } from '../../oci/source.ts';
import type { Looked } from '../../evidence/looked.ts';
import type { Rule, RuleAction } from '../../policy/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { Decision, Fact, Outcome, UsedException } from '../../policy/verdict.ts';

/** What policies say of an image, with all that is told of it. */
export interface ImageReport {
  /** As the user wrote it. */
  readonly name: string;
  readonly from: ImageSource['kind'];
  /** What it is called in policies: `registry.example.com/app:1.4`. */
  readonly reference: string;
  /** Of the manifest or index that was judged; absent where it could not be looked up, or nobody had to ask. */
  readonly digest?: Digest;
  readonly decision: Decision;
  /** Why nothing could be judged, for people; absent where it was. */
  readonly why?: string;
  readonly rules: readonly RuleReport[];
  /** Rules that are not about the image, and why. */
  readonly notAbout: readonly UnconcernedRule[];
  /** Sentences about what only warns, and what could not be decided and passed by choice. */
  readonly warnings: readonly string[];
  /** Exceptions without which it would be another verdict. */
  readonly exceptions: readonly UsedException[];
  /** How to ask for one. */
  readonly exceptionHelp?: string;
  /** Milliseconds since 1970: from then on the same image may be judged otherwise; absent for never. */
  readonly validUntil?: number;
  /** What was looked at for signers, in order. */
  readonly looked: readonly Looked[];
  /** What else is known of it, for people, by kind of evidence. */
  readonly evidence: readonly KnownEvidence[];
}

/** What one rule says of an image. */
export interface RuleReport {
  readonly dialect: ResourcePolicy['dialect'];
  /** Of the policy; absent for documents of our own, which make one together. */
  readonly policy?: string;
  readonly rule: string;
  /** What it looks at; absent where that is an object. */
  readonly kind?: Rule['kind'];
  readonly action: RuleAction;
  readonly outcome: Outcome | 'skipped';
  /** Whether the image does not pass because of it. */
  readonly denies: boolean;
  /** For people; empty where it passed. */
  readonly why: string;
  /** What to do about it, for people; absent where there is nothing to do or nothing known. */
  readonly help?: string;
  /** `linux/arm64`: those of an index that it says this of; absent where the image is judged as a whole. */
  readonly platforms?: readonly string[];
  readonly facts: readonly Fact[];
  readonly exceptions: readonly string[];
  readonly ended: readonly string[];
  /** Signers that it names. */
  readonly signers: readonly string[];
}

/** A rule that is not about an image. */
export interface UnconcernedRule {
  readonly policy?: string;
  readonly rule: string;
  /** For people, without a full stop. */
  readonly why: string;
}

/** Something that was gathered. */
export interface KnownEvidence {
  readonly platform?: string;
  readonly what: 'image' | 'vulnerabilities' | 'sbom' | 'firstSeen';
  readonly text: string;
}
