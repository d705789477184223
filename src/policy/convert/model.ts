import type { Finding } from '../../codec/yaml/mistake.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { TextMistake } from '../dialects/model.ts';
import type { Policy, RuleScope } from '../model.ts';
import type { ClusterMatch } from '../seaworthy/model.ts';

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
