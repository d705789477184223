import type { Rule } from '../model.ts';
import type { RuleVerdict } from '../verdict.ts';

/**
 * What the policy says to do about a rule; undefined where it says nothing, and where nothing could be looked at: that mends what is wrong
 * with an image, of which nothing is known then.
 */
export function helpOf(
  { help }: Pick<Rule, 'help'>,
  { outcome, facts }: Pick<RuleVerdict, 'outcome' | 'facts'>,
): string | undefined {
  return outcome === 'undecided' && facts.every(({ kind }) => kind === 'unknown') ? undefined : help;
}
