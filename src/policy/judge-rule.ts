import type { CompiledRule } from './compile.ts';
import type { FindExceptions } from './exception.ts';
import { ruleSentence } from './explain/rule-sentence.ts';
import { policyLimits } from './limits.ts';
import type { PolicyException } from './model.ts';
import { type Assessment, passed, type RuleInput } from './rule/check-rule.ts';
import type { Fact, Outcome, RuleVerdict } from './verdict.ts';

/** What came of a rule. */
export interface JudgedRule {
  readonly compiled: CompiledRule;
  readonly verdict: RuleVerdict;
  readonly used: readonly PolicyException[];
  /** Times at which it may be otherwise, in milliseconds since 1970. */
  readonly changesAt: readonly number[];
}

/** Judges a subject that a rule covers, and applies exceptions. */
export function judgeRule(compiled: CompiledRule, input: RuleInput, find: FindExceptions): JudgedRule {
  const { rule } = compiled;
  const applies = rule.kind === 'source' || input.subject.kind === 'image';
  const assessment = applies ? compiled.check(input) : passed;
  const parted = applyExceptions(rule.name, assessment, input.evidence.now, find);
  const { outcome, facts } = decide(applies, assessment, parted);
  const exceptions = [...parted.used].sort(byName);
  const ended = outcome === 'violated' || outcome === 'undecided' ? [...parted.ended].sort(byName) : [];
  return {
    compiled,
    verdict: {
      rule: rule.name,
      kind: rule.kind,
      action: rule.action,
      outcome,
      facts: facts.slice(0, policyLimits.facts),
      total: facts.length,
      sentence: ruleSentence(rule, outcome, facts, { used: exceptions, ended, describe: input.describe }),
      exceptions: exceptions.map(({ name }) => name),
      ended: ended.map(({ name }) => name),
    },
    used: exceptions,
    changesAt: assessment.changesAt,
  };
}

/** What is left of a rule's facts, and what exceptions took. */
interface PartedFacts {
  readonly violations: readonly Fact[];
  readonly unknown: readonly Fact[];
  readonly excepted: readonly Fact[];
  readonly used: ReadonlySet<PolicyException>;
  /** Exceptions that would have taken what is left. */
  readonly ended: ReadonlySet<PolicyException>;
}

function applyExceptions(
  rule: string,
  { violations, unknown, findings = [] }: Assessment,
  now: number,
  find: FindExceptions,
): PartedFacts {
  const excepted: Fact[] = [];
  const used = new Set<PolicyException>();
  const ended = new Set<PolicyException>();
  const isLeft = (fact: Fact, finding?: (typeof findings)[number]): boolean => {
    const about = find(rule, finding);
    if (about.length === 0) return true;
    const best = about.filter(({ until }) => now < until).sort(lastsLonger)[0];
    if (best === undefined) {
      for (const exception of about) ended.add(exception);
      return true;
    }
    used.add(best);
    excepted.push(fact);
    return false;
  };
  return {
    violations: violations.filter((fact, index) => isLeft(fact, findings[index])),
    unknown: unknown.filter((fact) => isLeft(fact)),
    excepted,
    used,
    ended,
  };
}

function decide(
  applies: boolean,
  { support }: Assessment,
  { violations, unknown, excepted }: PartedFacts,
): { readonly outcome: Outcome; readonly facts: readonly Fact[] } {
  if (!applies) return { outcome: 'notApplicable', facts: [] };
  if (violations.length > 0) return { outcome: 'violated', facts: violations };
  if (unknown.length > 0) return { outcome: 'undecided', facts: unknown };
  return excepted.length > 0 ? { outcome: 'excepted', facts: excepted } : { outcome: 'passed', facts: support };
}

/** Of several exceptions the one that lasts counts, so that a verdict holds as long as it can. */
function lastsLonger(a: PolicyException, b: PolicyException): number {
  return b.until - a.until || byName(a, b);
}

function byName(a: PolicyException, b: PolicyException): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
