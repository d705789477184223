import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import { evaluateCondition } from '../condition/evaluate-condition.ts';
import type { Condition, ConditionBlock, Conditions } from '../document/conditions/model.ts';
import type { RuleCompiler } from './compiler.ts';
import { NeedsLookup, type RuleScope } from './model.ts';

/** Whether conditions hold, and what they say of it themselves. */
export interface ConditionsResult {
  readonly holds: boolean;
  /** Messages of those that held, or of those that did not: what decided it. */
  readonly messages: readonly string[];
}

/** Conditions ready to be evaluated. @throws LangError, NeedsLookup */
export type CompiledConditions = (scope: RuleScope) => ConditionsResult;

/** One condition: whether it holds. */
interface CompiledCondition {
  readonly holds: (scope: RuleScope) => boolean;
  readonly message: ((scope: RuleScope) => string) | undefined;
}

/**
 * Compiles conditions in any of their forms (Kyverno, "Preconditions"): one of `any`, and each of `all`; a list is each of it. Without
 * any at all, they hold.
 */
export function compileConditions(
  conditions: Conditions | undefined,
  path: ConfigPath,
  compiler: RuleCompiler,
): CompiledConditions {
  const blocks = blocksOf(conditions, path).map(([block, own]) => compileBlock(block, own, compiler));
  return (scope) => {
    const messages: string[] = [];
    for (const block of blocks) {
      const result = block(scope);
      if (!result.holds) return result;
      messages.push(...result.messages);
    }
    return { holds: true, messages };
  };
}

function blocksOf(
  conditions: Conditions | undefined,
  path: ConfigPath,
): readonly (readonly [ConditionBlock, { readonly any: ConfigPath; readonly all: ConfigPath }])[] {
  if (conditions === undefined) return [];
  const placesIn = (own: ConfigPath) => ({ any: [...own, 'any'], all: [...own, 'all'] });
  if (!Array.isArray(conditions)) return [[conditions as ConditionBlock, placesIn(path)]];
  const list = conditions as readonly (Condition | ConditionBlock)[];
  if (list.some((each) => 'any' in each || 'all' in each)) {
    return (list as readonly ConditionBlock[]).map((each, at) => [each, placesIn([...path, at])] as const);
  }
  return [[{ all: list as readonly Condition[] }, { any: path, all: path }]];
}

function compileBlock(
  { any, all = [] }: ConditionBlock,
  paths: { readonly any: ConfigPath; readonly all: ConfigPath },
  compiler: RuleCompiler,
): CompiledConditions {
  const each = all.map((condition, at) => compileCondition(condition, [...paths.all, at], compiler));
  const some = any?.map((condition, at) => compileCondition(condition, [...paths.any, at], compiler));
  return (scope) => {
    const met = some?.find(({ holds }) => holds(scope));
    if (some !== undefined && met === undefined) return { holds: false, messages: messagesOf(some, scope) };
    const unmet = each.find(({ holds }) => !holds(scope));
    if (unmet !== undefined) return { holds: false, messages: messagesOf([unmet], scope) };
    return { holds: true, messages: messagesOf([...(met === undefined ? [] : [met]), ...each], scope) };
  };
}

function compileCondition(
  { key = null, operator, value = null, message }: Condition,
  path: ConfigPath,
  compiler: RuleCompiler,
): CompiledCondition {
  if (operator === undefined) compiler.mistake([...path, 'operator'], 'is missing; add it');
  const [wanted, found] = [compiler.template(value, [...path, 'value']), compiler.template(key, [...path, 'key'])];
  const { style } = compiler.tools.settings;
  return {
    holds: (scope) =>
      operator !== undefined &&
      evaluateCondition(operator, found.fill(scope.search), wanted.fill(scope.search), style, scope.step),
    message: message === undefined ? undefined : compileMessage(message, [...path, 'message'], compiler),
  };
}

function messagesOf(conditions: readonly CompiledCondition[], scope: RuleScope): readonly string[] {
  return conditions.flatMap(({ message }) => message?.(scope) ?? []);
}

/** A text for people: as it is written where a variable of it has no value, since what is told decides nothing. */
export function compileMessage(text: string, path: ConfigPath, compiler: RuleCompiler): (scope: RuleScope) => string {
  const { isFixed, fill } = compiler.template(text, path);
  if (isFixed) return () => text;
  return (scope) => {
    try {
      const made = fill(scope.search);
      return typeof made === 'string' ? made : JSON.stringify(made);
    } catch (error) {
      if (error instanceof LangError && !(error instanceof NeedsLookup)) return text;
      throw error;
    }
  };
}
