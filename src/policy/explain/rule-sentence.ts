import { formatTime } from '../../base/time-text.ts';
import { policyLimits } from '../limits.ts';
import type { PolicyException, Rule } from '../model.ts';
import type { Fact, Outcome } from '../verdict.ts';
import { told } from './describe-fact.ts';

/** What else a sentence is made of. */
export interface SentenceParts {
  readonly used: readonly PolicyException[];
  readonly ended: readonly PolicyException[];
  /** Says what a fact is; several rules tell the same ones. */
  readonly describe: (fact: Fact) => string;
}

/** The sentence about one rule, with the rule's name and the worst facts; empty when there is nothing to tell. */
export function ruleSentence(
  rule: Rule,
  outcome: Outcome,
  facts: readonly Fact[],
  { used, ended, describe }: SentenceParts,
): string {
  if (outcome === 'passed' || outcome === 'notApplicable') return '';
  const shown = facts.slice(0, policyLimits.toldFacts).map(describe);
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
