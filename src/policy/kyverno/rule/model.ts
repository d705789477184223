import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { ImageNaming } from '../image-name.ts';
import type { Lookup, ResourceInput, RuleAnswer } from '../../resource/policy.ts';
import type { ResourceImages } from '../../resource/images.ts';
import type { KyvernoStyle } from '../style.ts';

/** What a rule's body judges with, once its `match`, `exclude` and `preconditions` say that it is about an object. */
export interface RuleScope {
  readonly input: ResourceInput;
  /** What becomes of an object that breaks the rule, in its namespace. */
  readonly action: 'deny' | 'audit';
  /** Images of the object, by the rule's extractors where it has some for the kind. */
  readonly images: ResourceImages;
  /**
   * Gives the value of an expression over `request`, `images`, `element` and what `context` names. Context is looked up when an expression
   * first uses it.
   *
   * @throws LangError, and {@link NeedsLookup} for what is still to be looked up
   */
  readonly search: (expression: string) => JsonValue;
  /** The same, with further variables. */
  readonly within: (variables: Readonly<Record<string, JsonValue>>) => RuleScope;
  /** Counts a step of work. @throws LangError LIMIT_EXCEEDED when there were too many */
  readonly step: () => void;
}

/** Thrown while a rule is judged, for what it cannot go on without. It never leaves the rule. */
export class NeedsLookup extends Error {
  readonly lookup: Lookup;

  constructor(lookup: Lookup) {
    super(`needs ${lookup.key}`);
    this.name = 'NeedsLookup';
    this.lookup = lookup;
  }
}

/** The body of a rule: what must be true of the objects that it is about. Pure. @throws LangError, NeedsLookup */
export type RuleBody = (scope: RuleScope) => RuleAnswer;

/** How policies of Kyverno are compiled. */
export interface KyvernoSettings {
  readonly style: KyvernoStyle;
  readonly naming: ImageNaming;
  /** The namespace of Kyverno, in which secrets without one are: `kyverno`. */
  readonly namespace: string;
  /**
   * What becomes of a policy of which some rules cannot be carried out: it is refused as a whole (`refuse`, when left out), or they are
   * left out of it. Either way they are told as mistakes.
   */
  readonly unsupported?: 'refuse' | 'leaveOut';
  /** The one namespace whose exceptions count; none do when left out (GHSA-gg4x-fgg2-h9w9). */
  readonly exceptionNamespace?: string;
  /** Who is not asked about where rules have `skipBackgroundRequests`, which is what Kyverno's own controller does; nobody when left out. */
  readonly backgroundUsers?: readonly string[];
}
