import { policyLimits } from '../limits.ts';
import { printable } from '../../base/printable.ts';
import type { ResourceSubject } from './model.ts';
import type { RuleResult } from './verdict.ts';

/**
 * What whoever is denied reads, in the form that users of Kyverno know (and parse): the object, then policies, rules, and what each says
 * (research: kyverno.io/docs, "Troubleshooting"; the messages themselves say more).
 */
export function denialText({ kind, namespace, name }: ResourceSubject, denying: readonly RuleResult[]): string {
  const place = [kind, ...(namespace === '' ? [] : [namespace]), name].map((part) => printable(part)).join('/');
  const lines = [`resource ${place} was blocked due to the following policies`, ''];
  let policy: string | undefined;
  for (const each of denying) {
    if (each.policy !== policy) lines.push(`${(policy = each.policy)}:`);
    lines.push(`  ${each.rule}: ${quoted(each.message)}`);
  }
  return `\n\n${lines.join('\n')}`;
}

/** Sentences for whoever asks, about rules that only warn and those that could not be decided and let it pass. */
export function warningTexts(results: readonly RuleResult[]): string[] {
  return results
    .filter(({ outcome, action, denies }) => {
      if (outcome === 'failed') return action === 'warn';
      return outcome === 'undecided' && !denies && action !== 'audit';
    })
    .map(({ policy, rule, message }) => `policy ${policy}.${rule}: ${oneLine(message)}`);
}

/** A text on one line of YAML: single quotes, which are doubled within (YAML 1.2, 7.3.2). */
function quoted(text: string): string {
  return `'${oneLine(text).replaceAll("'", "''")}'`;
}

/** Policies have messages of several lines, and `printable` would leave marks where they end. */
function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s+/g, ' '), policyLimits.message);
}
