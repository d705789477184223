import type { ConfigMistake } from '../../codec/yaml/mistake.ts';
import type { KyvernoGlobalEntry } from '../kyverno/document/global-context/model.ts';
import type { KyvernoSettings } from '../kyverno/rule/model.ts';
import type { PolicyControllerSettings } from '../policy-controller/settings.ts';
import type { ResourcePolicy } from '../resource/policy.ts';

/** A text with documents of YAML or JSON, of any kinds. */
export interface PolicyText {
  /** What mistakes name it by: a path, or where it is in a cluster. Relative paths in it count from its folder. */
  readonly file: string;
  readonly text: string;
  /** Lines of the file before it, where it is a part of that. */
  readonly above?: number;
}

/** Something that is wrong with a policy, and where. */
export interface TextMistake extends ConfigMistake {
  readonly file: string;
}

/** A document that no dialect reads. */
export interface OtherDocument {
  readonly file: string;
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
}

/** What texts became. */
export interface CompiledTexts {
  readonly policies: readonly ResourcePolicy[];
  readonly mistakes: readonly TextMistake[];
  /** What may be so and is hardly meant. */
  readonly advice: readonly TextMistake[];
  /** What policies of Kyverno find by `globalReference`, for whoever keeps that. */
  readonly globalEntries?: readonly KyvernoGlobalEntry[];
  /** What was not looked at, for whoever must be told. */
  readonly others: readonly OtherDocument[];
}

/** How policies are read. */
export interface DialectSettings {
  readonly kyverno: KyvernoSettings;
  readonly policyController?: Pick<PolicyControllerSettings, 'noMatch' | 'optIn'>;
  /** The text of a file that holds a key; undefined where there is none. Absent where policies may name no files. */
  readonly keyFile?: (path: string) => Promise<string | undefined>;
}

/** A form of policies about objects of a cluster. */
export interface Dialect {
  /** Whether a document is for it. */
  readonly reads: (apiVersion: string, kind: string) => boolean;
  /** Whether settings say something of objects that no document of it is about, so that it is asked without any. */
  readonly saysWithout?: (settings: DialectSettings) => boolean;
  /** Reads and compiles texts in which there is nothing but its own documents. Signers' key files must be read by whoever has files. */
  readonly compile: (texts: readonly PolicyText[], settings: DialectSettings) => Promise<Omit<CompiledTexts, 'others'>>;
}
