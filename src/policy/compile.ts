import { errorMessage, isSeaworthyError } from '../base/error.ts';
import { checkPolicy } from './check-policy.ts';
import { PolicyError } from './error.ts';
import { type CompiledExceptions, compileExceptions } from './exception.ts';
import type { ExpressionRule, Policy, Rule, Signer, UnknownAction } from './model.ts';
import { policyHash } from './policy-hash.ts';
import { compileAge } from './rule/age.ts';
import { compileAttestation } from './rule/attestation.ts';
import type { CheckRule } from './rule/check-rule.ts';
import { compileConfig } from './rule/config.ts';
import { compileDigest } from './rule/digest.ts';
import { compileEndOfLife } from './rule/end-of-life.ts';
import { compileExpression, compileExpressionCondition } from './rule/expression.ts';
import { needsOf, needsOfExpression, type RuleNeeds } from './rule/needs.ts';
import { compileSbom } from './rule/sbom.ts';
import { compileSignatures } from './rule/signatures.ts';
import { compileSource } from './rule/source.ts';
import { compileVulnerabilities } from './rule/vulnerabilities.ts';
import { compileScope, type Covers } from './scope.ts';

/** A policy that is ready to judge; made once, and used for any number of subjects. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** SHA-256 of what it means, in hexadecimal. */
  readonly hash: string;
  /** By name, so that verdicts do not hang on the order of files. */
  readonly rules: readonly CompiledRule[];
  readonly exceptions: CompiledExceptions;
}

/** A rule that is ready to judge. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly unknown: UnknownAction;
  readonly covers: Covers;
  readonly needs: RuleNeeds;
  readonly check: CheckRule;
}

/** Compiles a policy. @throws PolicyError when it cannot be meant as it is; what dialects read is right already */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const [finding] = checkPolicy(policy);
  if (finding !== undefined) {
    throw new PolicyError('POLICY_INVALID', `The policy's ${finding.path.join('.')} ${finding.sentence}`);
  }
  const rules = [...policy.rules].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    policy,
    hash: policyHash(policy),
    rules: rules.map((rule) => attempt(`rule "${rule.name}"`, () => compileRule(rule, policy))),
    exceptions: attempt('exceptions', () => compileExceptions(policy.exceptions)),
  };
}

function compileRule(rule: Rule, { unknown, signers }: Policy): CompiledRule {
  const common = { rule, unknown: rule.unknown ?? unknown, covers: compileScope(rule.match) };
  if (rule.kind !== 'expression') return { ...common, needs: needsOf(rule), check: compileCheck(rule, signers) };
  const condition = compileExpressionCondition(rule);
  return {
    ...common,
    needs: needsOfExpression(rule, signers, condition),
    check: compileExpression(rule, signers, condition),
  };
}

function compileCheck(rule: Exclude<Rule, ExpressionRule>, signers: readonly Signer[]): CheckRule {
  switch (rule.kind) {
    case 'vulnerabilities':
      return compileVulnerabilities(rule);
    case 'signatures':
      return compileSignatures(rule, signers);
    case 'sbom':
      return compileSbom(rule);
    case 'attestation':
      return compileAttestation(rule, signers);
    case 'source':
      return compileSource(rule);
    case 'age':
      return compileAge(rule);
    case 'endOfLife':
      return compileEndOfLife();
    case 'digest':
      return compileDigest(rule);
    default:
      return compileConfig(rule);
  }
}

function attempt<Value>(what: string, act: () => Value): Value {
  try {
    return act();
  } catch (cause) {
    if (!isSeaworthyError(cause)) throw cause;
    throw new PolicyError('POLICY_INVALID', `The policy's ${what} cannot be used: ${errorMessage(cause)}`, { cause });
  }
}
