import { checkRuleList, type CompiledScope } from '../../scope.ts';
import { isLoose, type Decision, type Decisions, type RetentionPolicy } from '../policy.ts';
import type { RepositoryView } from '../repository-view.ts';
import type { RetentionRule } from './model.ts';
import { compileQuotaRule, type CompiledQuotaRule } from './quota-rule.ts';
import { compileTagRule, type CompiledTagRule } from './tag-rule.ts';
import { compileUntaggedRule, type CompiledUntaggedRule } from './untagged-rule.ts';

interface CompiledRules {
  readonly tag: CompiledTagRule[];
  readonly untagged: CompiledUntaggedRule[];
  readonly quota: CompiledQuotaRule[];
}

/**
 * Compiles the lifecycle rules of this registry.
 *
 * @throws RuleError RULE_INVALID, DURATION_INVALID, LIMIT_EXCEEDED; PatternError
 */
export function compileRetentionRules(rules: readonly RetentionRule[]): RetentionPolicy {
  checkRuleList(rules);
  const compiled: CompiledRules = { tag: [], untagged: [], quota: [] };
  for (const rule of rules) {
    if (rule.kind === 'delete-untagged') compiled.untagged.push(compileUntaggedRule(rule));
    else if (rule.kind === 'quota') compiled.quota.push(compileQuotaRule(rule));
    else compiled.tag.push(compileTagRule(rule));
  }
  const all = [...compiled.tag, ...compiled.untagged, ...compiled.quota];
  return {
    unit: 'tag',
    childrenFollow: true,
    covers: (repository) => all.some(({ scope }) => scope.covers(repository)),
    decide: (view, now) => decide(compiled, view, now),
  };
}

function decide({ tag, untagged, quota }: CompiledRules, view: RepositoryView, now: number): Decisions {
  const here = ({ scope }: { readonly scope: CompiledScope }): boolean => scope.covers(view.repository);
  const kept: (Decision | undefined)[] = Array.from({ length: view.tags.length });
  const tags: (Decision | undefined)[] = Array.from({ length: view.tags.length });
  const manifests: (Decision | undefined)[] = Array.from({ length: view.manifests.length });
  for (const rule of tag.filter(here)) rule.apply(view, now, rule.action === 'keep' ? kept : tags);
  const loose = view.manifests.filter(isLoose);
  for (const rule of untagged.filter(here)) {
    for (const manifest of loose) manifests[manifest.index] ??= rule.apply(manifest, now);
  }
  const quotas = quota.filter(here);
  // What keep rules save is not counted, so that no keep rule can push something else beyond a quota.
  const leftTags = view.tags.filter(({ attachedTo, index }) => attachedTo === undefined && tags[index] === undefined);
  const leftManifests = loose.filter(({ index }) => manifests[index] === undefined);
  for (const rule of quotas) rule.apply(leftTags, leftManifests, { tags, manifests });
  // Keep wins.
  for (const [index, decision] of kept.entries()) if (decision !== undefined) tags[index] = decision;
  return { tags, manifests, quotas: quotas.map(({ goal }) => goal) };
}
