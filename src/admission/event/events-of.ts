import { printable } from '../../base/printable.ts';
import { memberOf, type JsonValue } from '../../lang/jmespath/value.ts';
import { redactText } from '../../net/redact.ts';
import type { RuleResult } from '../../policy/resource/verdict.ts';
import { reportTargetOf } from '../report/report-target.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { eventLimits as limits } from './limits.ts';
import type { EventReference, FindPolicy, PolicyEvent } from './model.ts';

type Subject = JudgedReview['subject'];

/**
 * What is to be told of a review: for each policy that was broken or could not be decided, one event. It is about the object where that is
 * there; of an object that was denied and never was, it is about the policy, or about its namespace. What is let through is told once,
 * after its last review. Rules that policies skip by themselves are no news.
 */
export function eventsOf(
  { subject, verdict, phase, dryRun }: JudgedReview,
  findPolicy: FindPolicy,
): readonly PolicyEvent[] {
  if (dryRun || subject.dryRun === true || (verdict.allowed && phase !== 'validate')) return [];
  const groups = new Map<string, RuleResult[]>();
  for (const result of verdict.results) {
    if (result.outcome !== 'failed' && result.outcome !== 'undecided') continue;
    const key = `${result.outcome} ${result.policy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  const own = existing(subject, verdict.allowed);
  return [...groups.values()].slice(0, limits.perReview).map((results) => {
    const { policy, outcome } = results[0] as RuleResult;
    const isDenied = results.some(({ denies }) => denies);
    const regarding = own ?? findPolicy(policy) ?? placeOf(subject);
    const reason = outcome === 'failed' ? 'PolicyViolation' : 'PolicyError';
    const action = isDenied ? 'Denied' : 'Admitted';
    const { namespace, kind, group } = subject;
    const rules = results.map(({ rule }) => rule);
    return {
      key: JSON.stringify([reason, action, policy, rules, group, kind, namespace, own?.uid ?? calledBy(subject)]),
      reason,
      action,
      regarding,
      ...(own === undefined ? { related: referenceOf(subject) } : {}),
      note: noteOf(subject, policy, results, isDenied),
    };
  });
}

/** The object, where it is there whatever comes of the review. */
function existing({ oldObject, ...subject }: Subject, allowed: boolean): EventReference | undefined {
  const object = oldObject ?? (allowed || subject.operation === 'DELETE' ? subject.object : undefined);
  if (object === undefined) return undefined;
  const target = reportTargetOf({ ...subject, object });
  if (target === undefined) return undefined;
  const { apiVersion, kind, name, namespace, uid } = target;
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }), uid };
}

function placeOf(subject: Subject): EventReference {
  const { namespace } = subject;
  return namespace === '' ? referenceOf(subject) : { apiVersion: 'v1', kind: 'Namespace', name: namespace };
}

function referenceOf(subject: Subject): EventReference {
  const { group, version, kind, namespace } = subject;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { apiVersion, kind, name: calledBy(subject), ...(namespace === '' ? {} : { namespace }) };
}

/** The name; for names that are made up anew each time, what they begin with, so that a loop of them is one thing. */
function calledBy({ name, object }: Subject): string {
  const prefix: JsonValue = memberOf(memberOf(object, 'metadata'), 'generateName');
  return printable(typeof prefix === 'string' && prefix !== '' ? prefix : name, 253);
}

/** Within the bytes that an event may have. Of Secrets, nothing that a rule says is told: it may quote them. */
function noteOf(subject: Subject, policy: string, results: readonly RuleResult[], isDenied: boolean): string {
  const { kind, group, namespace } = subject;
  const isSecret = group === '' && kind === 'Secret';
  const place = [kind, ...(namespace === '' ? [] : [namespace]), calledBy(subject)].join('/');
  const told = results.map(({ rule, message }) => {
    const text = isSecret ? '' : printable(redactText(message.trim().replaceAll(/\s+/g, ' ')), limits.message);
    return text === '' ? printable(rule) : `${printable(rule)}: ${text}`;
  });
  const text = `${place} ${isDenied ? 'was denied' : 'was let through'} by policy ${printable(policy, 253)}: ${told.join('; ')}`;
  return cutBytes(text, limits.note);
}

/** A text of at most so many bytes in UTF-8, and no part of a character. */
function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()}...`;
}
