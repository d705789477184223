import { formatTime } from '../../base/time-text.ts';
import { policyLimits } from '../limits.ts';
import type { PolicyException, Rule } from '../model.ts';
import type { Fact, Outcome } from '../verdict.ts';
import { describeFact, told } from './describe-fact.ts';

/** Exceptions that have to do with a rule's outcome. */
export interface ConcernedExceptions {
  readonly used: readonly PolicyException[];
  readonly ended: readonly PolicyException[];
}

/** The sentence about one rule, with the rule's name and the worst facts; empty when there is nothing to tell. */
export function ruleSentence(
  rule: Rule,
  outcome: Outcome,
  facts: readonly Fact[],
  { used, ended }: ConcernedExceptions,
): string {
  if (outcome === 'passed' || outcome === 'notApplicable') return '';
  const shown = facts.slice(0, policyLimits.toldFacts).map(describeFact);
  const more = facts.length - shown.length;
  const list = `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  const how = outcome === 'violated' ? 'is broken' : outcome === 'undecided' ? 'cannot be decided' : 'is lifted';
  const notes = [
    ...used
      .slice(0, policyLimits.toldFacts)
      .map((each) => `${exceptionText(each)} holds until ${formatTime(each.until)}`),
    ...ended
      .slice(0, policyLimits.toldFacts)
      .map((each) => `${exceptionText(each)} ended on ${formatTime(each.until)}`),
  ];
  return [`Rule "${told(rule.name)}" ${how}: ${list}`, ...notes].map((part) => `${part}.`).join(' ');
}

function exceptionText({ name, owner }: PolicyException): string {
  return `The exception "${told(name)}" of ${told(owner)}`;
}
