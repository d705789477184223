import type { ManifestView, RepositoryView, TagView } from './repository-view.ts';

/** What a policy wants for a tag or an untagged manifest. */
export interface Decision {
  readonly action: 'keep' | 'delete';
  /** The rule that decided. */
  readonly rule: string;
  /** What decided it, in full sentences. */
  readonly reason: string;
}

/** A limit that the repository should be under when the plan is done. */
export interface QuotaGoal {
  readonly rule: string;
  readonly maxTags?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** What a policy wants in one repository. What it says nothing about stays. */
export interface Decisions {
  /** By the place of a tag or manifest in the view; undefined and absent are alike. */
  readonly tags: readonly (Decision | undefined)[];
  readonly manifests: readonly (Decision | undefined)[];
  readonly quotas: readonly QuotaGoal[];
}

/**
 * Says what should go and what must stay. How that is carried out is the same for all policies (`plan.ts`): what is
 * immutable, referenced or attached stays whatever a policy wants.
 */
export interface RetentionPolicy {
  /**
   * What goes as one: a `tag` by itself, and its manifest when no tag is left; or an `image`, a manifest with all of its
   * tags, where one that must stay keeps the others too.
   */
  readonly unit: 'tag' | 'image';
  /** Whether untagged manifests that an index lists go with the last such index, or need a decision of their own. */
  readonly childrenFollow: boolean;
  /** True when the policy is about the repository. */
  covers(repository: string): boolean;
  /** Decides, at a time in milliseconds since 1970. Tags that are attached to something are not asked for. */
  decide(view: RepositoryView, now: number): Decisions;
}

/** Untagged manifests that nothing else in the repository holds: neither listed by an index nor attached to anything. */
export function isLoose(view: ManifestView): boolean {
  return (
    view.tags.length === 0 && view.attachments.length === 0 && view.parents.length === 0 && view.subjects.length === 0
  );
}

/** When a tag was last used: pushed or pulled, by its name or by its digest. */
export function lastUse({ tag, manifest }: TagView): number {
  return Math.max(tag.pushedAt, tag.pulledAt ?? -Infinity, manifest.manifest.pulledAt ?? -Infinity);
}

/** True when a pull of the tag, or of its digest, is known. */
export function pullKnown({ tag, manifest }: TagView): boolean {
  return tag.pulledAt !== undefined || manifest.manifest.pulledAt !== undefined;
}
