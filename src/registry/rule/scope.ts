import { printable } from '../../base/printable.ts';
import { RuleError } from './error.ts';
import { ruleLimits } from './limits.ts';
import { compilePatterns, matchesAny, type NamePattern, type PatternSpec } from '../../base/name-pattern.ts';

/** What every rule has. */
export interface RuleScope {
  /** Named in every decision; unique in its list. */
  readonly name: string;
  /** Repositories that it is about; all when left out. */
  readonly repositories?: readonly PatternSpec[] | undefined;
  /** Repositories of these that it is not about. */
  readonly exceptRepositories?: readonly PatternSpec[] | undefined;
}

/** A rule's scope, ready to be used. */
export interface CompiledScope {
  readonly name: string;
  /** True when the rule is about the repository. */
  covers(repository: string): boolean;
}

/** Compiles the scope of a rule. @throws RuleError RULE_INVALID, LIMIT_EXCEEDED; PatternError */
export function compileScope(rule: RuleScope): CompiledScope {
  if (rule.name.trim() === '' || rule.name.length > ruleLimits.nameLength || printable(rule.name, 200) !== rule.name) {
    throw new RuleError(
      'RULE_INVALID',
      `A rule's name is "${printable(rule.name)}"; give it 1 to ${ruleLimits.nameLength} printable characters`,
    );
  }
  const repositories = compileNames(rule, 'repositories', rule.repositories);
  const except = compileNames(rule, 'exceptRepositories', rule.exceptRepositories);
  return {
    name: rule.name,
    covers: (repository) => includes(repositories, repository) && !matchesAny(except ?? [], repository),
  };
}

/**
 * Compiles one list of patterns of a rule; undefined stays undefined, which is every name. An empty list would be none,
 * which nobody means.
 *
 * @throws RuleError RULE_INVALID, LIMIT_EXCEEDED; PatternError
 */
export function compileNames(
  rule: { readonly name: string },
  field: string,
  specs: readonly PatternSpec[] | undefined,
): readonly NamePattern[] | undefined {
  if (specs === undefined) return undefined;
  if (specs.length === 0) {
    throw new RuleError('RULE_INVALID', `Rule "${rule.name}" has an empty list as ${field}; leave it out to mean all`);
  }
  return compilePatterns(specs);
}

/** True when a name is matched by a list, where no list is every name. */
export function includes(patterns: readonly NamePattern[] | undefined, name: string): boolean {
  return patterns === undefined || matchesAny(patterns, name);
}

/** Checks a list of rules as a whole: not too many, and no name twice. @throws RuleError RULE_INVALID, LIMIT_EXCEEDED */
export function checkRuleList(rules: readonly RuleScope[]): void {
  if (rules.length > ruleLimits.rules) {
    throw new RuleError('LIMIT_EXCEEDED', `There are ${rules.length} rules; keep them within ${ruleLimits.rules}`);
  }
  const names = new Set<string>();
  for (const { name } of rules) {
    if (names.has(name)) {
      throw new RuleError(
        'RULE_INVALID',
        `Two rules are named "${printable(name)}"; decisions name the rule, so rename one`,
      );
    }
    names.add(name);
  }
}
