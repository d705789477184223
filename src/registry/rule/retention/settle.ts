import type { RetentionPolicy } from './policy.ts';
import type { ManifestView, RepositoryView, TagView } from './repository-view.ts';
import { undecided, type FirstVerdicts, type Verdict } from './verdict.ts';

/** What happens to everything in a repository, by the places of tags and manifests. */
export interface Settled {
  readonly tags: readonly Verdict[];
  readonly manifests: readonly Verdict[];
}

/** Why a manifest stays although no tag and no rule asks for it: what holds it, or `itself`. */
type Holder = { readonly kind: 'index' | 'subject'; readonly view: ManifestView } | 'itself';

/** Where the decision about each manifest stands, by its place. */
interface State {
  readonly view: RepositoryView;
  readonly policy: RetentionPolicy;
  readonly first: FirstVerdicts;
  /** What must stay. */
  readonly stays: (Holder | undefined)[];
  /** What would go by itself. */
  readonly wanted: (Verdict | undefined)[];
}

/**
 * Carries decisions along the links between manifests. What an index lists stays with the index, and what is attached
 * stays with its subject; what only belonged to something that goes, goes with it. Whatever is left undecided stays.
 */
export function settle(view: RepositoryView, policy: RetentionPolicy, first: FirstVerdicts): Settled {
  const state: State = { view, policy, first, stays: [], wanted: [] };
  const from: ManifestView[] = [];
  for (const manifest of view.manifests) {
    const verdict = ownVerdict(manifest, policy, first);
    const kept = verdict !== undefined && verdict.action !== 'delete';
    state.stays.push(kept ? 'itself' : undefined);
    state.wanted.push(kept ? undefined : verdict);
    if (kept && (manifest.children.length > 0 || manifest.referrers.length > 0)) from.push(manifest);
  }
  spread(state.stays, from);
  let goes = follow(state);
  // Links in a circle, which digests cannot make but a damaged database can, leave something that neither stays nor goes.
  const left = view.manifests.filter(({ index }) => state.stays[index] === undefined && goes[index] === undefined);
  if (left.length > 0) {
    for (const { index } of left) state.stays[index] = 'itself';
    spread(state.stays, left);
    goes = follow(state);
  }
  const manifests = view.manifests.map((manifest) => goes[manifest.index] ?? stayVerdict(manifest, state));
  return { tags: view.tags.map((tag) => tagVerdict(tag, state, manifests)), manifests };
}

/** What is decided for a manifest by itself; undefined when that depends on what it belongs to. */
function ownVerdict(manifest: ManifestView, policy: RetentionPolicy, first: FirstVerdicts): Verdict | undefined {
  let going: Verdict | undefined;
  for (const { index } of manifest.tags) {
    const verdict = first.tags[index];
    if (verdict?.action !== 'delete') return verdict;
    going ??= verdict;
  }
  for (const { index } of manifest.attachments) {
    const verdict = first.tags[index];
    if (verdict !== undefined) return verdict;
  }
  if (going !== undefined) return going;
  const decided = first.manifests[manifest.index];
  if (decided !== undefined) return decided;
  const belongs = manifest.subjects.length > 0 || (policy.childrenFollow && manifest.parents.length > 0);
  return belongs ? undefined : undecided;
}

/** Marks as staying all that is listed by, or attached to, what stays. */
function spread(stays: (Holder | undefined)[], from: readonly ManifestView[]): void {
  const open = [...from];
  const hold = (dependents: readonly ManifestView[], holder: Holder): void => {
    for (const dependent of dependents) {
      if (stays[dependent.index] !== undefined) continue;
      stays[dependent.index] = holder;
      open.push(dependent);
    }
  };
  for (let view = open.pop(); view !== undefined; view = open.pop()) {
    if (view.children.length > 0) hold(view.children, { kind: 'index', view });
    if (view.referrers.length > 0) hold(view.referrers, { kind: 'subject', view });
  }
}

/** What goes: what was decided to go and is not held, and then all that belonged to it and to nothing that stays. */
function follow({ view, policy, stays, wanted }: State): (Verdict | undefined)[] {
  const goes: (Verdict | undefined)[] = Array.from({ length: stays.length });
  const order: ManifestView[] = [];
  for (const manifest of view.manifests) {
    const verdict = wanted[manifest.index];
    if (verdict === undefined || stays[manifest.index] !== undefined) continue;
    const named = manifest.tags.length > 0;
    goes[manifest.index] = named ? { ...verdict, reason: 'No tag names it any more.' } : verdict;
    order.push(manifest);
  }
  const release = (dependents: readonly ManifestView[], verdict: Verdict, reason: string): void => {
    for (const dependent of dependents) {
      const { index } = dependent;
      if (stays[index] !== undefined || goes[index] !== undefined) continue;
      goes[index] = { ...verdict, reason };
      order.push(dependent);
    }
  };
  // The list grows while it is walked, and the walk goes on to what was added.
  for (const { index, manifest, children, referrers } of order) {
    const verdict = goes[index] as Verdict;
    // What is a referrer too is no image of its own under any policy.
    const listed = policy.childrenFollow ? children : children.filter((child) => child.subjects.length > 0);
    release(listed, verdict, `The index that lists it, ${manifest.digest}, goes.`);
    release(referrers, verdict, `What it is attached to, ${manifest.digest}, goes.`);
  }
  return goes;
}

function stayVerdict(manifest: ManifestView, { first, stays, wanted }: State): Verdict {
  const holder = stays[manifest.index];
  if (typeof holder === 'object') return { action: 'keep', reason: holderReason(holder, wanted[manifest.index]) };
  const tags = [...manifest.tags, ...manifest.attachments].filter(({ index }) => {
    const verdict = first.tags[index];
    return verdict !== undefined && verdict.action !== 'delete';
  });
  const named = tags[0];
  if (named === undefined) return first.manifests[manifest.index] ?? undecided;
  const rule = first.tags[named.index]?.rule;
  const reason = `Tag ${named.tag.name}${tags.length > 1 ? ` and ${tags.length - 1} more name it` : ' names it'}.`;
  return rule === undefined ? { action: 'keep', reason } : { action: 'keep', rule, reason };
}

function holderReason({ kind, view }: Exclude<Holder, string>, wanted: Verdict | undefined): string {
  const { digest } = view.manifest;
  const held = kind === 'index' ? `index ${digest}, which stays, lists it` : `it is attached to ${digest}, which stays`;
  if (wanted === undefined) return `${held[0]?.toUpperCase()}${held.slice(1)}.`;
  return `Rule "${wanted.rule ?? ''}" would delete it, but ${held}.`;
}

/** What becomes of a tag: an attached one follows, and where an image goes as one, it also stays as one. */
function tagVerdict(tag: TagView, { policy, first }: State, manifests: readonly Verdict[]): Verdict {
  const own = first.tags[tag.index];
  if (tag.attachedTo !== undefined) {
    return attachedVerdict(tag.attachedTo, manifests[tag.attachedTo.index] as Verdict, own);
  }
  const whole = manifests[tag.manifest.index] as Verdict;
  if (policy.unit === 'image' && own?.action === 'delete' && whole.action !== 'delete') return whole;
  return own as Verdict;
}

/** What becomes of a tag that is attached to something: the same, unless a rule keeps it or it is immutable. */
function attachedVerdict({ manifest }: ManifestView, subject: Verdict, own: Verdict | undefined): Verdict {
  if (own?.action === 'keep') return own;
  if (subject.action !== 'delete') {
    return { action: 'keep', reason: `It is attached to ${manifest.digest}, which stays.` };
  }
  return own ?? { ...subject, reason: `It is attached to ${manifest.digest}, which goes.` };
}
