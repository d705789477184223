import { errorMessage } from '../../base/error.ts';
import { LangError } from '../../lang/error.ts';
import { coarseTime, nextCoarseTime } from '../condition/coarse-time.ts';
import { compileCondition } from '../condition/compile.ts';
import type { CompiledCondition, ConditionInput } from '../condition/model.ts';
import { policyLimits } from '../limits.ts';
import type { ExpressionRule, Signer } from '../model.ts';
import { assess, type Assessment, type CheckRule, type RuleInput } from './check-rule.ts';
import { NotKnown } from './evidence-values/known.ts';
import { hasGaps } from './evidence-values/scan.ts';
import { namedStatements } from './evidence-values/statements.ts';
import { evidenceVariables, expressionVariables, type ScanReading } from './evidence-values/variables.ts';

/** Compiles the condition of a rule about all that is known. @throws LangError */
export function compileExpressionCondition({ condition }: Pick<ExpressionRule, 'condition'>): CompiledCondition {
  return compileCondition(condition, expressionVariables);
}

/**
 * Compiles a rule about all that is known. What is not known decides nothing only where the expression cannot do without it; an
 * expression without an answer is broken.
 */
export function compileExpression(
  rule: ExpressionRule,
  signers: readonly Signer[],
  condition: CompiledCondition,
): CheckRule {
  const names = signers.map(({ name }) => name).sort();
  const isCel = 'cel' in rule.condition;
  const certain = certainReading(condition);
  return (input) => {
    const { now, context } = input.evidence;
    const changesAt = condition.usesTime ? [nextCoarseTime(now)] : [];
    const common = { now: coarseTime(now), ...(context === undefined ? {} : { context }) };
    const ask = (reading: ScanReading): Assessment =>
      judge(rule, condition, common, () =>
        isCel ? [evidenceVariables(input, names, rule.statements ?? {}, reading)] : statementChoices(rule, input),
      );
    const first = ask('asItIs');
    // What breaks it is known. What meets it may do so only since something was not looked at.
    const { vulnerabilities } = input.evidence;
    const isOpen = isCel && vulnerabilities?.state === 'known' && hasGaps(vulnerabilities.value);
    const isMet = first.violations.length + first.unknown.length === 0;
    return { ...(isOpen && isMet ? onlyWhereKnown(first, ask(certain)) : first), changesAt };
  };
}

/** An expression that looks at what could not be read says itself what becomes of that. */
function certainReading({ usesOf }: CompiledCondition): ScanReading {
  const used = usesOf('vulnerabilities');
  return used !== undefined && used !== 'all' && used.has('incomplete') ? 'certainButIncomplete' : 'certain';
}

function onlyWhereKnown(met: Assessment, { violations, unknown }: Assessment): Assessment {
  if (violations.length + unknown.length === 0) return met;
  if (unknown.length > 0) return assess({ unknown });
  const reason = 'it leaves open what the rule asks for';
  return assess({ unknown: [{ kind: 'unknown', what: 'vulnerabilities', state: 'unavailable', reason }] });
}

function judge(
  { message }: ExpressionRule,
  condition: CompiledCondition,
  common: Omit<ConditionInput, 'variables'>,
  choices: () => Iterable<ConditionInput['variables']>,
): Assessment {
  const violated = (reason: string): Assessment => {
    const why = message === undefined ? reason : message;
    return assess({ violations: [{ kind: 'expression', why }] });
  };
  try {
    for (const variables of choices()) {
      const reason = condition.whyNot({ ...common, variables });
      if (reason !== undefined) return violated(reason);
    }
    return assess({});
  } catch (error) {
    if (error instanceof NotKnown) return assess({ unknown: error.facts });
    if (!(error instanceof LangError)) throw error;
    const told = errorMessage(error);
    return assess({
      violations: [{ kind: 'expression', why: message === undefined ? told : `${message} (${told})` }],
    });
  }
}

/** Values for Kyverno's conditions, which take one predicate by each name: every way to choose one. @throws LangError, NotKnown */
function* statementChoices(
  { statements = {} }: ExpressionRule,
  { evidence }: RuleInput,
): Generator<ConditionInput['variables']> {
  const lists = Object.entries(statements).map(([name, statement]) => {
    const found = namedStatements(statement, evidence.attestations);
    if (found.length === 0) throw new LangError('EVALUATION', `There is no statement "${name}"`);
    return { name, found };
  });
  const count = lists.reduce((product, { found }) => product * found.length, 1);
  if (count > policyLimits.statementChoices) {
    throw new LangError(
      'LIMIT_EXCEEDED',
      `There are ${count} ways to choose from the statements, and no more than ${policyLimits.statementChoices} are tried`,
    );
  }
  for (let at = 0; at < count; at += 1) {
    let rest = at;
    const values: [string, unknown][] = [];
    for (const { name, found } of lists) {
      values.push([name, found[rest % found.length]?.predicate]);
      rest = Math.floor(rest / found.length);
    }
    yield Object.fromEntries(values);
  }
}
