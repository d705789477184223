import { RuleError } from '../../error.ts';
import { compileScope, type CompiledScope } from '../../scope.ts';
import type { Decision } from '../policy.ts';
import type { RepositoryView } from '../repository-view.ts';
import { allOf, byPullTime, byPushTime, byRank, compileSelection, type Condition } from './condition.ts';
import type { DeleteRule, KeepRule } from './model.ts';

/** A rule about tags, ready to be used. */
export interface CompiledTagRule {
  readonly scope: CompiledScope;
  readonly action: 'keep' | 'delete';
  /** Decides over the tags of a repository, where nothing is decided yet in `decisions`, by the places of the tags. */
  apply(view: RepositoryView, now: number, decisions: (Decision | undefined)[]): void;
}

/** Compiles a rule about tags. @throws RuleError RULE_INVALID, DURATION_INVALID, LIMIT_EXCEEDED; PatternError */
export function compileTagRule(rule: KeepRule | DeleteRule): CompiledTagRule {
  const selects = compileSelection(rule);
  const conditions = rule.kind === 'keep' ? keepConditions(rule) : deleteConditions(rule);
  const { action, name } = { action: rule.kind, name: rule.name };
  // What is attached goes with what it is attached to, so no rule deletes it by itself or counts it; keeping it is harmless.
  const takesAttached = rule.kind === 'keep' && rule.newest === undefined;
  return {
    scope: compileScope(rule),
    action,
    apply(view, now, decisions) {
      const selected = view.tags.filter((tag) => (takesAttached || !tag.attachedTo) && selects(tag.tag.name));
      const test = allOf(conditions.map((condition) => condition(selected, now)));
      for (const tag of selected) {
        if (decisions[tag.index] !== undefined) continue;
        const reason = test(tag);
        if (reason === undefined) continue;
        decisions[tag.index] = { action, rule: name, reason: reason === '' ? 'The rule keeps this tag.' : reason };
      }
    },
  };
}

function keepConditions(rule: KeepRule): readonly Condition[] {
  const conditions: Condition[] = [];
  if (rule.newest !== undefined) conditions.push(byRank(rule, rule.newest, rule.orderBy ?? 'push', true));
  if (rule.pushedWithin !== undefined) conditions.push(byPushTime(rule.pushedWithin, true));
  if (rule.pulledWithin !== undefined) conditions.push(byPullTime(rule.pulledWithin, true));
  if (rule.orderBy !== undefined && rule.newest === undefined) throw uselessOrder(rule, 'newest');
  return conditions;
}

function deleteConditions(rule: DeleteRule): readonly Condition[] {
  const conditions: Condition[] = [];
  if (rule.olderThan !== undefined) conditions.push(byPushTime(rule.olderThan, false));
  if (rule.notPulledFor !== undefined) conditions.push(byPullTime(rule.notPulledFor, false));
  if (rule.beyondNewest !== undefined) conditions.push(byRank(rule, rule.beyondNewest, rule.orderBy ?? 'push', false));
  if (rule.orderBy !== undefined && rule.beyondNewest === undefined) throw uselessOrder(rule, 'beyondNewest');
  if (conditions.length === 0) {
    throw new RuleError(
      'RULE_INVALID',
      `Rule "${rule.name}" would delete every tag at once; give it olderThan, notPulledFor or beyondNewest`,
    );
  }
  return conditions;
}

function uselessOrder(rule: KeepRule | DeleteRule, field: string): RuleError {
  return new RuleError(
    'RULE_INVALID',
    `Rule "${rule.name}" has an orderBy that orders nothing; add ${field}, or leave it out`,
  );
}
