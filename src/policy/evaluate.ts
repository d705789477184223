import type { CompiledPolicy } from './compile.ts';
import { type Evidence, type EvidenceKind, evidenceKinds } from './evidence.ts';
import { exceptionsOf } from './exception.ts';
import { denialMessage } from './explain/denial-message.ts';
import { describeFact } from './explain/describe-fact.ts';
import { helpOf } from './explain/help-of.ts';
import { judgeRule, type JudgedRule } from './judge-rule.ts';
import type { RuleInput } from './rule/check-rule.ts';
import { prepareFindings, type PreparedFinding } from './rule/prepare-findings.ts';
import type { Decision, Fact, UsedException, Verdict } from './verdict.ts';

/**
 * What a policy says of a subject, from what is known of it. It is the same whenever it is asked with the same evidence before
 * `validUntil`, and does not hang on the order of any list.
 */
export function evaluate(compiled: CompiledPolicy, evidence: Evidence): Verdict {
  const { subject, now } = evidence;
  const input: RuleInput = { subject, evidence, findings: findingsOf(evidence), describe: describer() };
  const find = exceptionsOf(compiled.exceptions, subject);
  const judged = compiled.rules.filter(({ covers }) => covers(subject)).map((rule) => judgeRule(rule, input, find));
  const denying = judged.filter(({ verdict }) => verdict.action === 'deny');
  const violated = denying.filter(({ verdict }) => verdict.outcome === 'violated');
  const undecided = denying.filter(({ verdict }) => verdict.outcome === 'undecided');
  const closed = undecided.filter((each) => each.compiled.unknown === 'deny');
  const decision: Decision = violated.length > 0 ? 'deny' : closed.length > 0 ? 'undecided' : 'allow';
  const deciding = decision === 'deny' ? violated : closed;
  const validUntil = earliest(judged, now);
  return {
    decision,
    rules: judged.map(({ verdict }) => verdict),
    message:
      decision === 'allow' ? '' : denialMessage(decision, subject, deciding.map(toldOf), compiled.policy.exceptionHelp),
    warnings: judged
      .filter(
        ({ verdict: { action, outcome } }) => action === 'warn' && (outcome === 'violated' || outcome === 'undecided'),
      )
      .map(({ verdict }) => verdict.sentence),
    exceptions: usedExceptions(judged),
    opened: denying.filter(isOpened).map(({ verdict }) => verdict.rule),
    pin: subject.pins === true && judged.some(({ compiled: { rule } }) => rule.kind === 'digest' && rule.pin),
    pending: pendingOf(undecided),
    ...(validUntil === undefined ? {} : { validUntil }),
    policyHash: compiled.hash,
  };
}

/** Whether a rule that might be broken lets pass all the same, by choice: who looks for what came in that way finds it by this. */
function isOpened({ verdict: { outcome, facts }, compiled: { unknown } }: JudgedRule): boolean {
  if (outcome === 'undecided') return unknown === 'allow';
  return outcome === 'passed' && facts.some(({ kind }) => kind === 'incomplete');
}

function toldOf({ verdict, compiled }: JudgedRule): { readonly sentence: string; readonly help: string | undefined } {
  return { sentence: verdict.sentence, help: helpOf(compiled.rule, verdict) };
}

function describer(): (fact: Fact) => string {
  const told = new Map<Fact, string>();
  return (fact) => {
    let text = told.get(fact);
    if (text === undefined) told.set(fact, (text = describeFact(fact)));
    return text;
  };
}

function findingsOf({ vulnerabilities }: Evidence): () => readonly PreparedFinding[] {
  let prepared: readonly PreparedFinding[] | undefined;
  return () => (prepared ??= vulnerabilities?.state === 'known' ? prepareFindings(vulnerabilities.value) : []);
}

function usedExceptions(judged: readonly JudgedRule[]): UsedException[] {
  const used = new Map(judged.flatMap((each) => each.used).map((exception) => [exception.name, exception]));
  return [...used.keys()].sort().flatMap((key) => {
    const exception = used.get(key);
    if (exception === undefined) return [];
    const { name, owner, reason, until } = exception;
    return [{ name, owner, reason, until }];
  });
}

function pendingOf(undecided: readonly JudgedRule[]): EvidenceKind[] {
  const pending = new Set<EvidenceKind>();
  for (const { verdict } of undecided) {
    for (const fact of verdict.facts) if (fact.kind === 'unknown' && fact.state === 'pending') pending.add(fact.what);
  }
  return evidenceKinds.filter((kind) => pending.has(kind));
}

function earliest(judged: readonly JudgedRule[], now: number): number | undefined {
  let first: number | undefined;
  const consider = (time: number): void => {
    if (time > now && (first === undefined || time < first)) first = time;
  };
  for (const { used, changesAt } of judged) {
    changesAt.forEach(consider);
    for (const { until } of used) consider(until);
  }
  return first;
}
