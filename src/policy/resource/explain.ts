import { policyLimits } from '../limits.ts';
import { printable } from '../../base/printable.ts';
import { memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from './model.ts';
import type { RuleResult } from './verdict.ts';

/**
 * What whoever is denied reads, in the form that users of Kyverno know (and parse): the object, then in YAML policies, rules, and what
 * each says (research: kyverno.io/docs, "Troubleshooting"; the messages themselves say more).
 */
export function denialText(subject: ResourceSubject, denying: readonly RuleResult[]): string {
  const { kind, namespace } = subject;
  const place = [kind, ...(namespace === '' ? [] : [namespace]), shownName(subject)]
    .map((part) => printable(part, longName))
    .join('/');
  const lines = [`resource ${place} was blocked due to the following policies`, ''];
  const told = denying.slice(0, policyLimits.toldRules);
  let policy: string | undefined;
  for (const each of told) {
    if (each.policy !== policy) lines.push(`${key((policy = each.policy))}:`);
    lines.push(`  ${key(each.rule)}: ${quoted(each.message)}`);
  }
  const more = denying.length - told.length;
  if (more > 0) lines.push(`# and ${more} more ${more === 1 ? 'rule' : 'rules'}`);
  return `\n\n${lines.join('\n')}\n`;
}

/** The name; of what is yet to get one, what that begins with: `app-*` (Kubernetes, "Object Names", `generateName`). */
function shownName({ name, object }: ResourceSubject): string {
  const metadata = memberOf(object, 'metadata');
  const textOf = (member: string): string => {
    const value = memberOf(metadata, member);
    return typeof value === 'string' ? value : '';
  };
  if (name !== '') return name;
  const prefix = textOf('generateName');
  return textOf('name') || (prefix === '' ? '' : `${prefix}*`);
}

/** Names of Kubernetes have 253 characters at most. */
const longName = 253;
/** What the API server passes on of one warning for certain (Kubernetes, "Dynamic Admission Control"), and of all. */
const warningLimits = { each: 256, all: 4096 } as const;

/**
 * Sentences for whoever asks, about rules that only warn, those that could not be decided and let it pass, and images that rules leave out.
 *
 * @param notes on how images were judged; they come last
 */
export function warningTexts(results: readonly RuleResult[], notes: readonly string[] = []): string[] {
  const rules = results.flatMap(({ policy, rule, ...result }) =>
    [...(isWorthWarning(result) ? [result.message] : []), ...(result.notes ?? [])].map(
      (message) => `policy ${printable(policy, longName)}.${printable(rule)}: ${oneLine(message)}`,
    ),
  );
  const texts = [...rules, ...notes.map(oneLine)].map((text) =>
    text.length > warningLimits.each ? `${text.slice(0, warningLimits.each - 3)}...` : text,
  );
  const told: string[] = [];
  let length = 0;
  for (const text of texts) {
    length += text.length;
    if (length > warningLimits.all) break;
    told.push(text);
  }
  return told;
}

function isWorthWarning({ outcome, denies, action }: Pick<RuleResult, 'outcome' | 'denies' | 'action'>): boolean {
  if (outcome === 'failed') return action === 'warn';
  return outcome === 'undecided' && !denies && action !== 'audit';
}

/** A name as YAML reads it back; those of Kubernetes stand for themselves. */
function key(name: string): string {
  return /^[a-z][a-z0-9.-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(name) ? name : quoted(name);
}

/** A text on one line of YAML: single quotes, which are doubled within (YAML 1.2, 7.3.2). */
function quoted(text: string): string {
  return `'${oneLine(text).replaceAll("'", "''")}'`;
}

/** Policies have messages of several lines, and `printable` would leave marks where they end. */
function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s+/g, ' '), policyLimits.message);
}
