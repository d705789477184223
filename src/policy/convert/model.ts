import type { Finding } from '../../codec/yaml/mistake.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { TextMistake } from '../dialects/model.ts';
import type { Policy, RuleScope } from '../model.ts';
import type { ClusterMatch, ObjectRule } from '../seaworthy/model.ts';

/** A policy that is to be written as an `ImagePolicy`. */
export interface ImagePolicyDraft {
  /** Told in verdicts; unique among those that are written together. */
  readonly name: string;
  /** What the document said about itself for people, in `metadata`. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly match: ClusterMatch;
  /** Of all its rules, which have none of their own. */
  readonly scope: RuleScope;
  /** Rules have the names that the document is to give them; those without one are called by what they are about. */
  readonly policy: Policy;
  /** What it says of objects themselves; rules have the names that the document is to give them. */
  readonly objects?: readonly ObjectRule[];
  /** Rules of another form that it stands for, by which exceptions of that form name them. */
  readonly from?: DraftOrigin;
}

/** Where a draft comes from. */
export interface DraftOrigin {
  /** `namespace/name` for a policy of a namespace. */
  readonly policy: string;
  /** Names of rules, and the kinds that each is about. */
  readonly rules: readonly { readonly name: string; readonly kinds: readonly string[] }[];
}

/** Who answers for exceptions of other forms, which do not say that themselves. */
export interface ExceptionAnswers {
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What became of one document of another form. */
export interface ConvertedDocument {
  readonly drafts: readonly ImagePolicyDraft[];
  /** What an `ImagePolicy` cannot say, with paths that begin at the document. */
  readonly unsaid: readonly Finding[];
  /** What is otherwise in what was written, though nobody need do anything about it. */
  readonly notes: readonly Finding[];
}

/** An `ImagePolicy` as it is written, and what it came from. */
export interface WrittenPolicy {
  readonly name: string;
  readonly document: JsonObject;
  /** Lines that stand before it. */
  readonly comments: readonly string[];
  /** The file that it came from. */
  readonly file: string;
}

/** What became of texts. */
export interface ConvertedTexts {
  readonly policies: readonly WrittenPolicy[];
  /** What is wrong with documents, which could not be read at all. */
  readonly mistakes: readonly TextMistake[];
  /** What could not be said. */
  readonly unsaid: readonly TextMistake[];
  readonly notes: readonly TextMistake[];
  /** Documents that are no policies. */
  readonly others: readonly { readonly file: string; readonly line: number; readonly what: string }[];
  /** How many documents were converted wholly, in part, and not at all. */
  readonly counts: { readonly wholly: number; readonly partly: number; readonly not: number };
}
