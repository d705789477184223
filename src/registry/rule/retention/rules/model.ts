import type { PatternSpec } from '../../../../base/name-pattern.ts';
import type { RuleScope } from '../../scope.ts';

/**
 * What makes a tag newer than another: its push, its last use (push or pull), or its version by Semantic Versioning, where
 * tags that are no versions do not take part.
 */
export type TagOrder = 'push' | 'pull' | 'semver';

interface TagSelection extends RuleScope {
  /** Tags that it is about; all when left out. */
  readonly tags?: readonly PatternSpec[] | undefined;
  /** Tags of these that it is not about. */
  readonly except?: readonly PatternSpec[] | undefined;
  /** What `newest` and `beyondNewest` count by; `push` when left out. */
  readonly orderBy?: TagOrder | undefined;
}

/** Tags that stay whatever else is said. With several conditions all must hold; with none, the patterns alone decide. */
export interface KeepRule extends TagSelection {
  readonly kind: 'keep';
  /** Among the newest so many of the tags that it is about. */
  readonly newest?: number | undefined;
  readonly pushedWithin?: string | undefined;
  /** Used within this time. A tag of which no pull is known is judged by its push. */
  readonly pulledWithin?: string | undefined;
}

/** Tags that go. It has at least one condition, and with several all must hold. */
export interface DeleteRule extends TagSelection {
  readonly kind: 'delete';
  /** Pushed longer ago than this. */
  readonly olderThan?: string | undefined;
  /** Neither pulled nor pushed for longer than this. A tag of which no pull is known is judged by its push. */
  readonly notPulledFor?: string | undefined;
  /** Not among the newest so many of the tags that it is about, those that other rules keep or delete included. */
  readonly beyondNewest?: number | undefined;
}

/** Untagged manifests that go. One that an index lists, or that is a referrer, goes with what it belongs to instead. */
export interface UntaggedRule extends RuleScope {
  readonly kind: 'delete-untagged';
  readonly olderThan?: string | undefined;
  readonly notPulledFor?: string | undefined;
}

/**
 * How much may be in a repository after the other rules: what is beyond goes, untagged manifests first and then the oldest
 * tags. What a keep rule saves from another rule stays on top and pushes nothing else out, so that keeping one tag never
 * removes another; a quota that is not met by that is reported.
 */
export interface QuotaRule extends RuleScope {
  readonly kind: 'quota';
  readonly maxTags?: number | undefined;
  /** Each blob counts once. */
  readonly maxBytes?: number | undefined;
  readonly orderBy?: 'push' | 'pull' | undefined;
}

/**
 * A lifecycle rule of this registry. Their order only matters for which is named: the first keep rule that keeps, else the
 * first other rule that deletes.
 */
export type RetentionRule = KeepRule | DeleteRule | UntaggedRule | QuotaRule;
