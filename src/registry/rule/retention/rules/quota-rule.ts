import { RuleError } from '../../error.ts';
import { compileScope, type CompiledScope } from '../../scope.ts';
import { Contents } from '../contents.ts';
import type { Decision, QuotaGoal } from '../policy.ts';
import { compareText, type ManifestView, type TagView } from '../repository-view.ts';
import type { QuotaRule } from './model.ts';
import { newestFirst } from './rank.ts';

/** What is decided so far, by the places of tags and manifests. */
export interface OpenDecisions {
  readonly tags: (Decision | undefined)[];
  readonly manifests: (Decision | undefined)[];
}

/** A quota, ready to be used. */
export interface CompiledQuotaRule {
  readonly scope: CompiledScope;
  readonly goal: QuotaGoal;
  /**
   * Decides over what is beyond the quota among the tags and loose manifests that other rules let stay, where no other quota
   * decided before.
   */
  apply(tags: readonly TagView[], loose: readonly ManifestView[], decisions: OpenDecisions): void;
}

/** Compiles a quota. @throws RuleError RULE_INVALID, LIMIT_EXCEEDED; PatternError */
export function compileQuotaRule(rule: QuotaRule): CompiledQuotaRule {
  const { name, maxTags, maxBytes } = rule;
  if (maxTags === undefined && maxBytes === undefined) {
    throw new RuleError('RULE_INVALID', `Rule "${name}" limits nothing; give it maxTags or maxBytes`);
  }
  for (const limit of [maxTags, maxBytes]) {
    if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 0)) {
      throw new RuleError('RULE_INVALID', `Rule "${name}" has the limit ${limit}; write a whole number from 0 on`);
    }
  }
  return {
    scope: compileScope(rule),
    goal: { rule: name, maxTags, maxBytes },
    apply: (tags, loose, decisions) => cut(rule, newestFirst(tags, rule.orderBy ?? 'push'), loose, decisions),
  };
}

/** Walks from the newest tag to the oldest and on to the untagged: from where a limit is passed, all goes. */
function cut(
  { name, maxTags, maxBytes }: QuotaRule,
  tags: readonly TagView[],
  loose: readonly ManifestView[],
  decisions: OpenDecisions,
): void {
  const contents = new Contents();
  let over = false;
  for (const [place, view] of tags.entries()) {
    if (maxTags !== undefined && place >= maxTags) {
      const reason = `Number ${place + 1} of the tags, beyond the ${maxTags} that may be here.`;
      decisions.tags[view.index] ??= decide(name, reason);
      continue;
    }
    if (maxBytes === undefined) continue;
    if (!over) {
      contents.addWhole(view.manifest);
      over = contents.bytes > maxBytes;
    }
    if (!over) continue;
    const reason = `With what is newer it takes more than the ${maxBytes} bytes that may be here.`;
    decisions.tags[view.index] ??= decide(name, reason);
  }
  if (maxBytes === undefined) return;
  for (const view of loose.toSorted(newestManifestFirst)) {
    contents.addWhole(view);
    over ||= contents.bytes > maxBytes;
    if (!over) continue;
    const reason = `No tag names it. With the tags it takes more than the ${maxBytes} bytes that may be here.`;
    decisions.manifests[view.index] ??= decide(name, reason);
  }
}

function decide(rule: string, reason: string): Decision {
  return { action: 'delete', rule, reason };
}

function newestManifestFirst({ manifest: a }: ManifestView, { manifest: b }: ManifestView): number {
  return b.pushedAt - a.pushedAt || compareText(a.digest, b.digest);
}
