import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { ResourceRule } from '../../resource/policy.ts';
import { compileContext } from '../context/compile-context.ts';
import type { MatchBlock } from '../document/match/model.ts';
import type { KyvernoPolicy, KyvernoRule } from '../document/policy/model.ts';
import type { CompiledException } from '../exception/compile-exceptions.ts';
import { compileExtraction } from '../extract/compile-extraction.ts';
import { compileCelPreconditions } from '../validate/cel.ts';
import { compileValidation } from '../validate/compile-validation.ts';
import { compileVerification } from '../verify/compile-verification.ts';
import { RuleCompiler } from './compiler.ts';
import { compileConditions } from './conditions.ts';
import { judgeRule } from './judge-rule.ts';
import { kindsOf } from './kinds.ts';
import { filtersOf } from './looked-up.ts';
import { operationsOf } from './operations.ts';
import type { RuleTools } from './tools.ts';
import { validationBody } from './validation-body.ts';

/** What all rules of a policy have in common. */
export interface PolicyParts {
  readonly id: string;
  readonly policy: KyvernoPolicy;
  readonly tools: RuleTools;
  readonly exceptions: readonly CompiledException[];
}

/** What rules may do that nothing here carries out. */
const unsupported = {
  mutate: 'is not supported: objects are judged, and only names of images are changed; remove the rule',
  generate: 'is not supported: nothing is made in the cluster; remove the rule',
} as const;

/** A rule that is ready to judge. Paths begin at the rule. */
export interface CompiledRule {
  readonly rule: ResourceRule;
  /** What makes it useless. */
  readonly findings: readonly Finding[];
  /** What is allowed and is hardly meant. */
  readonly advice: readonly Finding[];
}

/** Whether a block says who asks. */
function namesUsers(block: MatchBlock): boolean {
  return filtersOf(block).some(
    (each) => each.roles !== undefined || each.clusterRoles !== undefined || each.subjects !== undefined,
  );
}

/** Compiles one rule; what is wrong with it is told, with paths that begin at the rule. */
export function compileRule(rule: KyvernoRule, parts: PolicyParts): CompiledRule {
  const { id, policy, tools } = parts;
  const namespace = policy.kind === 'Policy' ? (policy.metadata.namespace ?? 'default') : undefined;
  const compiler = new RuleCompiler(tools, namespace);
  for (const name of ['mutate', 'generate'] as const) {
    if (rule[name] !== undefined) compiler.mistake([name], unsupported[name]);
  }
  const { settings } = tools;
  const extraction = compileExtraction(rule, settings);
  const verification = rule.verifyImages === undefined ? undefined : compileVerification(rule, id, settings);
  compiler.findings.push(...extraction.mistakes, ...(verification?.mistakes ?? []));
  const validation = rule.validate === undefined ? undefined : compileValidation(rule, rule.validate, compiler);
  if (rule.celPreconditions !== undefined && rule.validate?.cel === undefined) {
    compiler.mistake(['celPreconditions'], 'is for rules with validate.cel alone; write preconditions');
  }
  const judge = judgeRule({
    rule,
    spec: policy.spec,
    namespace,
    tools,
    imagesOf: extraction.imagesOf,
    context: compileContext(rule.context, ['context'], compiler),
    preconditions: compileConditions(rule.preconditions, ['preconditions'], compiler),
    celPreconditions:
      rule.celPreconditions === undefined
        ? undefined
        : compileCelPreconditions(rule.celPreconditions, ['celPreconditions'], compiler),
    exceptions: parts.exceptions.flatMap(({ from }) => from(id, rule.name) ?? []),
    body: verification?.body ?? (validation === undefined ? undefined : validationBody(rule, validation, settings)),
  });
  return {
    rule: {
      name: rule.name,
      kinds: kindsOf(rule.match),
      operations: operationsOf(rule),
      ...(namesUsers(rule.match) || (rule.exclude !== undefined && namesUsers(rule.exclude)) ? { users: true } : {}),
      // A rule about the object alone changes nothing of it.
      ...(rule.verifyImages === undefined ? { pins: false } : {}),
      mentionsImages: mentionsImages(rule),
      judge,
    },
    findings: compiler.findings,
    advice: verification?.advice ?? [],
  };
}

/** Whether anything that decides says `image`; what people are told decides nothing. */
function mentionsImages({ verifyImages, validate, context, preconditions, celPreconditions }: KyvernoRule): boolean {
  const parts = [verifyImages === undefined ? [] : 'images', validate, context, preconditions, celPreconditions];
  const text = JSON.stringify(parts, (name, value: unknown) => (name === 'message' ? undefined : value));
  return /image/i.test(text);
}
