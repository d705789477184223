import { describeHold } from '../immutable/judge.ts';
import type { ImmutableRules } from '../immutable/compile.ts';
import type { Decision, Decisions, RetentionPolicy } from './policy.ts';
import type { ManifestView, RepositoryView, TagView } from './repository-view.ts';

/** What happens to a tag or a manifest, and why. */
export interface Verdict {
  /** `skip`: a rule would delete it, and an immutable tag forbids that. */
  readonly action: 'keep' | 'delete' | 'skip';
  /** The rule that decided; absent where none did. */
  readonly rule?: string;
  /** Full sentences. */
  readonly reason: string;
}

/** Where decisions stand before links between manifests are looked at, by the places of tags and manifests. */
export interface FirstVerdicts {
  /** Of tags that are attached to nothing, and of attached ones that stay whatever happens to what they are attached to. */
  readonly tags: (Verdict | undefined)[];
  /** Of manifests for which a policy or an immutable tag decided; the others follow their tags and links. */
  readonly manifests: readonly (Verdict | undefined)[];
}

/** What is so where nothing was decided. */
export const undecided: Verdict = { action: 'keep', reason: 'No rule wants it to go.' };

/** What judging a repository needs besides its view. */
export interface JudgeContext {
  readonly policy: RetentionPolicy;
  readonly immutable: ImmutableRules | undefined;
  readonly untaggedGrace: number;
  readonly now: number;
}

/** Turns what a policy wants into verdicts: immutable tags stay, and untagged manifests that are too young. */
export function firstVerdicts(view: RepositoryView, decisions: Decisions, context: JudgeContext): FirstVerdicts {
  const manifests = view.manifests.map((manifest) => {
    const decision = decisions.manifests[manifest.index];
    const tagged = manifest.tags.length > 0 || manifest.attachments.length > 0;
    return decision === undefined || tagged ? undefined : untaggedVerdict(manifest, decision, context);
  });
  const tags = view.tags.map((tag) => {
    const decision = decisions.tags[tag.index] ?? decisions.manifests[tag.manifest.index];
    return tagVerdict(view.repository, tag, decision, context);
  });
  if (context.policy.unit === 'image') for (const manifest of view.manifests) holdTogether(manifest, tags);
  return { tags, manifests };
}

function untaggedVerdict(
  { manifest }: ManifestView,
  decision: Decision,
  { untaggedGrace, now }: JudgeContext,
): Verdict {
  if (decision.action === 'delete' && untaggedGrace > 0 && now - manifest.pushedAt < untaggedGrace) {
    return {
      action: 'keep',
      rule: decision.rule,
      reason: 'It was pushed just now, and a tag or an index may yet come.',
    };
  }
  return decision;
}

function tagVerdict(
  repository: string,
  view: TagView,
  decision: Decision | undefined,
  { immutable, now }: JudgeContext,
): Verdict | undefined {
  const hold = immutable?.holdOf(repository, view.tag.name, view.tag.pushedAt, now);
  if (decision?.action === 'keep') return decision;
  if (view.attachedTo !== undefined) {
    // No rule deletes it; but what it is attached to may go, and it must not go along.
    if (hold === undefined) return undefined;
    const reason = `What it is attached to goes, but it is ${describeHold(hold)}.`;
    return { action: 'skip', rule: hold.rule, reason };
  }
  if (decision === undefined) return undecided;
  if (hold === undefined) return decision;
  const reason = `Rule "${decision.rule}" would delete it, but it is ${describeHold(hold)}.`;
  return { action: 'skip', rule: hold.rule, reason };
}

/** Where an image goes as one, a tag that must stay keeps the other tags too. */
function holdTogether(manifest: ManifestView, verdicts: (Verdict | undefined)[]): void {
  const holder = manifest.tags.find(({ index }) => verdicts[index]?.action === 'skip');
  if (holder === undefined) return;
  const rule = verdicts[holder.index]?.rule ?? '';
  for (const { index } of manifest.tags) {
    if (verdicts[index]?.action !== 'delete') continue;
    const reason = `It is one image with tag ${holder.tag.name}, which rule "${rule}" holds.`;
    verdicts[index] = { action: 'skip', rule, reason };
  }
}
