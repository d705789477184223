import { matchesAny, type NamePattern } from '../../base/name-pattern.ts';
import { type Decision, isLoose, type RetentionPolicy } from '../rule/retention/policy.ts';
import type { ManifestView, RepositoryView } from '../rule/retention/repository-view.ts';

/** What is written down of what eviction takes. */
export const evictionRule = 'upstreams.evict';

/** What eviction goes by. */
export interface EvictionOptions {
  /** Whether it is about a repository. */
  readonly covers: (repository: string) => boolean;
  /** Tags of a repository that stay since they are fetched again anyway. */
  readonly pinned: (repository: string) => readonly NamePattern[];
  /** Digests of images that run. */
  readonly running: ReadonlySet<string>;
  /** Rules of the registry: what they keep stays. */
  readonly retention: RetentionPolicy;
  /** What was used before this time goes, in milliseconds since 1970. */
  readonly before: number;
}

/**
 * Takes images that nobody used for long: tags with what they name, and manifests that no tag names. A use of a part is one of the whole,
 * so that an image that runs by its digest keeps the index that lists it.
 */
export function evictionPolicy({ covers, pinned, running, retention, before }: EvictionOptions): RetentionPolicy {
  const gone: Decision = {
    action: 'delete',
    rule: evictionRule,
    reason: 'Nobody used it for long, and it can be fetched again.',
  };
  const kept: Decision = { action: 'keep', rule: evictionRule, reason: 'It is fetched before anybody asks for it.' };
  const runs: Decision = { action: 'keep', rule: evictionRule, reason: 'It runs.' };
  return {
    unit: 'tag',
    childrenFollow: true,
    covers,
    decide(view, now) {
      const own = retention.covers(view.repository) ? retention.decide(view, now).tags : [];
      const patterns = pinned(view.repository);
      const tags = view.tags.map(({ index, tag, manifest }) => {
        if (own[index]?.action === 'keep') return own[index];
        if (matchesAny(patterns, tag.name)) return kept;
        if (isRunning(manifest, running)) return runs;
        return Math.max(lastUse(manifest), tag.pushedAt, tag.pulledAt ?? 0) < before ? gone : undefined;
      });
      const manifests = view.manifests.map((manifest) => {
        // It may belong to something that goes: an index which lists it may be attached to what nobody uses.
        if (running.has(manifest.manifest.digest)) return runs;
        return isLoose(manifest) && lastUse(manifest) < before && !isRunning(manifest, running) ? gone : undefined;
      });
      return { tags, manifests, quotas: [] };
    },
  };
}

/** Whether an image runs, or one that an index lists. */
function isRunning(view: ManifestView, running: ReadonlySet<string>, seen: Set<ManifestView> = new Set()): boolean {
  if (seen.has(view)) return false;
  seen.add(view);
  return running.has(view.manifest.digest) || view.children.some((child) => isRunning(child, running, seen));
}

/** When a manifest, or something that belongs to it, was pushed or pulled last. */
function lastUse(view: ManifestView, seen: Set<ManifestView> = new Set()): number {
  if (seen.has(view)) return 0;
  seen.add(view);
  const { pushedAt, pulledAt } = view.manifest;
  const parts = [...view.children, ...view.referrers].map((part) => lastUse(part, seen));
  return Math.max(pushedAt, pulledAt ?? 0, ...parts);
}

/** Times at which something of a repository was used last: between two of them, eviction takes the same. */
export function usesOf({ manifests, tags }: RepositoryView): readonly number[] {
  return [
    ...manifests.map((manifest) => lastUse(manifest)),
    ...tags.map(({ tag }) => Math.max(tag.pushedAt, tag.pulledAt ?? 0)),
  ];
}
