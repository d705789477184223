import type { Decision } from '../../policy/verdict.ts';

/** What several decisions come to: a denial is certain, whatever else could not be told. */
export function worstDecision(decisions: readonly Decision[]): Decision {
  return (['deny', 'undecided'] as const).find((each) => decisions.includes(each)) ?? 'allow';
}
