import { parseDuration } from '../duration.ts';
import { matchesAny } from '../../../base/name-pattern.ts';
import { checkRuleList, compileNames, compileScope, includes, type CompiledScope } from '../scope.ts';
import type { ImmutableRule, TagHold } from './model.ts';

/** Rules of immutability, ready to be used. */
export interface ImmutableRules {
  /**
   * The rule that holds a tag at a time, for longest where several do, and the first in the list where these are alike;
   * undefined when the tag is free. Pure, and cheap enough for a database transaction.
   */
  holdOf(repository: string, tag: string, pushedAt: number, now: number): TagHold | undefined;
}

interface CompiledRule {
  readonly scope: CompiledScope;
  readonly length: number;
  matches(tag: string): boolean;
}

/** Compiles rules of immutability. @throws RuleError RULE_INVALID, DURATION_INVALID, LIMIT_EXCEEDED; PatternError */
export function compileImmutableRules(rules: readonly ImmutableRule[]): ImmutableRules {
  checkRuleList(rules);
  const compiled = rules.map(compileRule);
  return {
    holdOf(repository, tag, pushedAt, now) {
      let longest: CompiledRule | undefined;
      for (const rule of compiled) {
        if (rule.length <= (longest?.length ?? -1) || now - pushedAt >= rule.length) continue;
        if (rule.scope.covers(repository) && rule.matches(tag)) longest = rule;
      }
      if (longest === undefined) return undefined;
      const rule = longest.scope.name;
      return longest.length === Infinity ? { rule } : { rule, until: pushedAt + longest.length };
    },
  };
}

function compileRule(rule: ImmutableRule): CompiledRule {
  const tags = compileNames(rule, 'tags', rule.tags);
  const except = compileNames(rule, 'except', rule.except) ?? [];
  return {
    scope: compileScope(rule),
    length: rule.until === undefined ? Infinity : parseDuration(rule.until),
    matches: (tag) => includes(tags, tag) && !matchesAny(except, tag),
  };
}
