import type { ConfigPath, Finding } from '../../codec/yaml/mistake.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { TextMistake } from '../dialects/model.ts';

/** How bad it is: it lets pass what nobody means, it may well do so, or it is worth to know. */
export type LintSeverity = 'error' | 'warning' | 'note';

/** Forms of policies that checks know. */
export type LintForm =
  /** Kyverno's `ClusterPolicy` and `Policy`. */
  | 'kyverno'
  | 'kyvernoException'
  /** Kyverno's `ImageValidatingPolicy`. */
  | 'kyvernoCel'
  /** policy-controller's `ClusterImagePolicy`. */
  | 'policyController'
  /** Our `ImagePolicy`, and the older `Policy`. */
  | 'seaworthy';

/** A document as checks see it; nothing in it is of the type that it should be until somebody looks. */
export interface LintDocument {
  readonly form: LintForm;
  readonly file: string;
  readonly value: JsonObject;
}

/** Something that may be written and is hardly meant. */
export interface LintCheck {
  /** Stays the same between versions: `image-host-open`. */
  readonly id: string;
  readonly severity: LintSeverity;
  /** What it finds, for whoever reads a list of checks; a sentence without a full stop. */
  readonly about: string;
  /** Of one document. @param now milliseconds since 1970 */
  readonly find?: (document: LintDocument, now: number) => readonly Finding[];
  /** Of all documents together, each finding with the document that it is in. */
  readonly findAcross?: (documents: readonly LintDocument[]) => readonly (Finding & { readonly at: LintDocument })[];
}

/** Something that a check found, and where. */
export interface LintResult extends TextMistake {
  readonly id: string;
  readonly severity: LintSeverity;
}

/** A value and the way to it. */
export interface Placed<Value> {
  readonly path: ConfigPath;
  readonly value: Value;
}
