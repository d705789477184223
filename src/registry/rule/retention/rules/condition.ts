import { formatAge, formatDuration } from '../../../../base/time-text.ts';
import { parseDuration } from '../../duration.ts';
import { RuleError } from '../../error.ts';
import { matchesAny } from '../../../../base/name-pattern.ts';
import { compileNames, includes } from '../../scope.ts';
import { lastUse, pullKnown } from '../policy.ts';
import type { TagView } from '../repository-view.ts';
import type { DeleteRule, KeepRule, TagOrder } from './model.ts';
import { newestFirst } from './rank.ts';

/** Says in a sentence why a tag meets a condition, or undefined when it does not. */
export type TagTest = (view: TagView) => string | undefined;

/** A condition that a rule sets, ready for one repository at one time. */
export type Condition = (tags: readonly TagView[], now: number) => TagTest;

/** The names that a rule is about. @throws RuleError RULE_INVALID, LIMIT_EXCEEDED; PatternError */
export function compileSelection(rule: KeepRule | DeleteRule): (tag: string) => boolean {
  const tags = compileNames(rule, 'tags', rule.tags);
  const except = compileNames(rule, 'except', rule.except) ?? [];
  return (tag) => includes(tags, tag) && !matchesAny(except, tag);
}

/** Pushed within, or longer ago than, a time. @throws RuleError DURATION_INVALID */
export function byPushTime(length: string, within: boolean): Condition {
  const limit = parseDuration(length);
  const clause = comparison(limit, within);
  return (_, now) => (view) => {
    const age = now - view.tag.pushedAt;
    return age > limit === within ? undefined : `Pushed ${formatAge(age)} ago, ${clause}.`;
  };
}

/** Used within, or longer ago than, a time. @throws RuleError DURATION_INVALID */
export function byPullTime(length: string, within: boolean): Condition {
  const limit = parseDuration(length);
  const clause = comparison(limit, within);
  return (_, now) => (view) => {
    const age = now - lastUse(view);
    if (age > limit === within) return undefined;
    if (!pullKnown(view)) return `No pull is known, and it was pushed ${formatAge(age)} ago, ${clause}.`;
    const use = lastUse(view) === view.tag.pushedAt ? 'pushed' : 'pulled';
    return `Last ${use} ${formatAge(age)} ago, ${clause}.`;
  };
}

/** Among the newest so many, or beyond them. @throws RuleError RULE_INVALID */
export function byRank(rule: { readonly name: string }, count: number, order: TagOrder, within: boolean): Condition {
  if (!Number.isSafeInteger(count) || count < 0 || (within && count === 0)) {
    const least = within ? 1 : 0;
    throw new RuleError(
      'RULE_INVALID',
      `Rule "${rule.name}" counts ${count} tags; write a whole number from ${least} on`,
    );
  }
  const name = { push: 'push', pull: 'last use', semver: 'version' }[order];
  return (tags) => {
    const ranks: number[] = [];
    for (const [place, view] of newestFirst(tags, order).entries()) ranks[view.index] = place + 1;
    return (view) => {
      const rank = ranks[view.index];
      if (rank === undefined || rank <= count !== within) return undefined;
      return `Number ${rank} by ${name}, ${within ? 'among' : 'beyond'} the newest ${count}.`;
    };
  };
}

/** All conditions of a rule at once: their sentences, or undefined when one of them does not hold. */
export function allOf(tests: readonly TagTest[]): TagTest {
  return (view) => {
    let reason = '';
    for (const test of tests) {
      const sentence = test(view);
      if (sentence === undefined) return undefined;
      reason = reason === '' ? sentence : `${reason} ${sentence}`;
    }
    return reason;
  };
}

function comparison(limit: number, within: boolean): string {
  return `${within ? 'within' : 'longer than'} ${formatDuration(limit)}`;
}
