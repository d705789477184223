import type { StatementCondition } from '../../model.ts';
import type { Condition, ConditionBlock, Conditions } from '../document/conditions/model.ts';
import type { KyvernoStyle } from '../style.ts';

/** Conditions as blocks, each of which must hold: a list of conditions is the old form of `all`. */
export function blocksOf(conditions: Conditions): readonly ConditionBlock[] {
  if (!Array.isArray(conditions)) return [conditions as ConditionBlock];
  const list = conditions as readonly (Condition | ConditionBlock)[];
  if (list.length === 0) return [];
  return list.every(isBlock) ? list : [{ all: list as readonly Condition[] }];
}

function isBlock(given: Condition | ConditionBlock): given is ConditionBlock {
  return 'any' in given || 'all' in given;
}

/** Blocks as a condition of the model. */
export function kyvernoCondition(
  blocks: readonly ConditionBlock[],
  { keysArePatterns }: KyvernoStyle,
): Extract<StatementCondition, { readonly kyverno: unknown }> {
  return { kyverno: blocks, exact: keysArePatterns };
}
