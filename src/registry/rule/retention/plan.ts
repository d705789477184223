import type { Digest } from '../../../oci/digest.ts';
import type { ImmutableRules } from '../immutable/compile.ts';
import { Contents } from './contents.ts';
import type { QuotaGoal, RetentionPolicy } from './policy.ts';
import { viewRepository, type RepositoryView } from './repository-view.ts';
import { settle, type Settled } from './settle.ts';
import type { RepositorySnapshot } from './snapshot.ts';
import { firstVerdicts, type Verdict } from './verdict.ts';

/** What happens to one tag, or to one manifest. */
export interface PlanEntry extends Verdict {
  readonly repository: string;
  /** Absent for a manifest. */
  readonly tag?: string;
  readonly digest: Digest;
  /**
   * Bytes of this repository that go with it: a manifest's own and those of its blobs that nothing uses any more, each blob
   * with the first manifest that used it. A tag by itself takes nothing.
   */
  readonly bytes: number;
}

/** A quota that the repository is over even after the plan. */
export interface UnmetQuota {
  readonly rule: string;
  readonly measure: 'tags' | 'bytes';
  readonly used: number;
  readonly limit: number;
  /** One sentence. */
  readonly message: string;
}

/** How many entries of a plan have each action. */
export interface ActionCounts {
  readonly keep: number;
  readonly delete: number;
  readonly skip: number;
}

/** Everything that retention would do in one repository. */
export interface Plan {
  readonly repository: string;
  /** Every tag by its name, then every manifest by its digest. */
  readonly entries: readonly PlanEntry[];
  readonly tags: ActionCounts;
  readonly manifests: ActionCounts;
  /** What would be freed in this repository; other repositories may use some of it still. */
  readonly bytes: number;
  readonly unmet: readonly UnmetQuota[];
}

/** What a plan heeds besides the policy. */
export interface PlanOptions {
  /** Immutable tags stay until their rule lets go. */
  readonly immutable?: ImmutableRules | undefined;
  /**
   * An untagged manifest stays this many milliseconds after its push whatever a policy says, since what a client pushes
   * first is untagged until the index or the tag follows. An hour when left out; 0 turns this off.
   */
  readonly untaggedGrace?: number | undefined;
}

const defaultGrace = 3_600_000;

/**
 * Plans retention in one repository at a time in milliseconds since 1970: says of everything in it whether it goes or stays,
 * which rule decided, and why. Changes nothing, reads no clock, and gives the same plan for the same content in any order.
 *
 * A manifest that stays keeps what it lists and what is attached to it, and no tag of the plan that stays names a manifest
 * that goes.
 */
export function planRetention(
  policy: RetentionPolicy,
  snapshot: RepositorySnapshot,
  now: number,
  options: PlanOptions = {},
): Plan {
  const view = viewRepository(snapshot);
  const decisions = policy.covers(view.repository) ? policy.decide(view, now) : { tags: [], manifests: [], quotas: [] };
  const untaggedGrace = options.untaggedGrace ?? defaultGrace;
  const context = { policy, immutable: options.immutable, untaggedGrace, now };
  const settled = settle(view, policy, firstVerdicts(view, decisions, context));
  return writePlan(view, settled, decisions.quotas);
}

function writePlan(view: RepositoryView, settled: Settled, quotas: readonly QuotaGoal[]): Plan {
  const { repository } = view;
  const entries: PlanEntry[] = [];
  const tags = { keep: 0, delete: 0, skip: 0 };
  const manifests = { keep: 0, delete: 0, skip: 0 };
  let counted = 0;
  for (const { index, tag, attachedTo } of view.tags) {
    const verdict = settled.tags[index] as Verdict;
    entries.push({ repository, tag: tag.name, digest: tag.digest, ...verdict, bytes: 0 });
    tags[verdict.action] += 1;
    if (verdict.action !== 'delete' && attachedTo === undefined) counted += 1;
  }
  for (const { name, digest } of view.lost) {
    const reason = 'Its manifest was not there to be judged.';
    entries.push({ repository, tag: name, digest, action: 'keep', reason, bytes: 0 });
    tags.keep += 1;
  }
  if (view.lost.length > 0) entries.sort((a, b) => compareTags(a, b));
  const stays = new Contents();
  for (const manifest of view.manifests) {
    if (settled.manifests[manifest.index]?.action !== 'delete') stays.add(manifest);
  }
  let bytes = 0;
  const freedBlobs = new Set<Digest>();
  for (const { index, manifest } of view.manifests) {
    const verdict = settled.manifests[index] as Verdict;
    let freed = 0;
    if (verdict.action === 'delete') {
      freed = manifest.size;
      for (const blob of manifest.blobs ?? []) {
        if (stays.hasBlob(blob.digest) || freedBlobs.has(blob.digest)) continue;
        freedBlobs.add(blob.digest);
        freed += blob.size;
      }
    }
    entries.push({ repository, digest: manifest.digest, ...verdict, bytes: freed });
    manifests[verdict.action] += 1;
    bytes += freed;
  }
  const unmet = quotas.flatMap((quota) => unmetQuotas(quota, counted, stays.bytes));
  return { repository, entries, tags, manifests, bytes, unmet };
}

function compareTags(a: PlanEntry, b: PlanEntry): number {
  return (a.tag ?? '') < (b.tag ?? '') ? -1 : 1;
}

function unmetQuotas({ rule, maxTags, maxBytes }: QuotaGoal, tags: number, bytes: number): UnmetQuota[] {
  const found: UnmetQuota[] = [];
  for (const [measure, used, limit] of [
    ['tags', tags, maxTags],
    ['bytes', bytes, maxBytes],
  ] as const) {
    if (limit === undefined || used <= limit) continue;
    const message = `Rule "${rule}" lets ${limit} ${measure} be here, and ${used} stay since something else keeps them.`;
    found.push({ rule, measure, used, limit, message });
  }
  return found;
}
