import { printable } from '../../base/printable.ts';
import type { Subject } from '../evidence.ts';
import { policyLimits } from '../limits.ts';
import { told } from './describe-fact.ts';

/** What is told of one rule. */
export interface ToldRule {
  readonly sentence: string;
  /** What the rule says to do. */
  readonly help: string | undefined;
}

/** The whole message for whoever is denied, or cannot be told yet: rules, facts, what to do, how to get an exception. */
export function denialMessage(
  decision: 'deny' | 'undecided',
  { repository, digest }: Subject,
  rules: readonly ToldRule[],
  exceptionHelp: string | undefined,
): string {
  const shown = rules.slice(0, policyLimits.toldRules);
  const more = rules.length - shown.length;
  const what = decision === 'deny' ? 'is denied' : 'cannot be let pass yet';
  return [
    `${told(repository)}${digest === undefined ? '' : `@${digest}`} ${what}.`,
    ...shown.map(({ sentence, help }) => (help === undefined ? sentence : `${sentence} ${sentenceOf(help)}`)),
    ...(more > 0 ? [`And ${more} more rules.`] : []),
    ...(exceptionHelp === undefined ? [] : [`For an exception: ${sentenceOf(exceptionHelp)}`]),
  ].join(' ');
}

/** The policy's own words are told whole. */
function sentenceOf(text: string): string {
  const clean = printable(text, policyLimits.text).trim();
  return /[.!?]$/.test(clean) ? clean : `${clean}.`;
}
