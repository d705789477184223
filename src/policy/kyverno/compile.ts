import { createHash } from 'node:crypto';
import { byPlace, type ConfigMistake, type Finding } from '../../codec/yaml/mistake.ts';
import type { ResourcePolicy, ResourceRule } from '../resource/policy.ts';
import { autogenAnnotation, autogenKinds, unknownControllers } from './autogen/controllers.ts';
import { extendRule } from './autogen/extend-rule.ts';
import type { KyvernoPolicy, KyvernoRule } from './document/policy/model.ts';
import type { KyvernoReading, ReadKyvernoException, ReadKyvernoPolicy } from './document/read-documents.ts';
import { type CompiledException, compileException } from './exception/compile-exceptions.ts';
import { compileRule, type PolicyParts } from './rule/compile-rule.ts';
import type { KyvernoSettings } from './rule/model.ts';
import { type RuleTools, ruleTools } from './rule/tools.ts';

/** Something that is wrong, and in which of the texts. */
export interface KyvernoMistake extends ConfigMistake {
  /** Index of the reading. */
  readonly reading: number;
}

/** What was made of texts with policies. */
export interface CompiledKyvernoPolicies {
  readonly policies: readonly ResourcePolicy[];
  /** Of reading and compiling, in the order of the texts. */
  readonly mistakes: readonly KyvernoMistake[];
  /** What is allowed and is hardly meant, of policies that are there. */
  readonly advice: readonly KyvernoMistake[];
}

/**
 * Compiles policies of Kyverno, with the exceptions that stand beside them. A policy of which any rule is wrong is not there at all,
 * unless the rule only does what is not supported and the settings say to leave such rules out; what is wrong is always told.
 */
export function compileKyvernoPolicies(
  readings: readonly KyvernoReading[],
  settings: KyvernoSettings,
): CompiledKyvernoPolicies {
  const tools = ruleTools(settings);
  const mistakes: KyvernoMistake[] = [];
  const advice: KyvernoMistake[] = [];
  const tellIn = (reading: number) => (mistake: ConfigMistake) => void mistakes.push({ ...mistake, reading });
  const exceptions = readings.flatMap((each, at) => compileExceptions(each.exceptions, tools, tellIn(at)));
  const policies = new Map<string, ResourcePolicy>();
  for (const [reading, { policies: read, mistakes: broken }] of readings.entries()) {
    const tell = tellIn(reading);
    for (const each of broken) tell(each);
    for (const each of read) {
      const id = idOf(each.policy);
      if (policies.has(id)) {
        tell(each.mistakeAt(['metadata', 'name'], 'is the name of a policy before; each has its own'));
        continue;
      }
      const advise = (advised: ConfigMistake): void => void advice.push({ ...advised, reading });
      const made = compilePolicy(each, { id, policy: each.policy, tools, exceptions }, tell, advise);
      if (made !== undefined) policies.set(id, made);
    }
  }
  const inOrder = (a: KyvernoMistake, b: KyvernoMistake): number => a.reading - b.reading || byPlace(a, b);
  return { policies: [...policies.values()], mistakes: mistakes.sort(inOrder), advice: advice.sort(inOrder) };
}

function idOf({ kind, metadata }: KyvernoPolicy): string {
  return kind === 'Policy' ? `${metadata.namespace ?? 'default'}/${metadata.name}` : metadata.name;
}

function compilePolicy(
  { policy, mistakeAt }: ReadKyvernoPolicy,
  parts: PolicyParts,
  tell: (mistake: ConfigMistake) => void,
  advise: (advice: ConfigMistake) => void,
): ResourcePolicy | undefined {
  const { spec } = policy;
  const { settings } = parts.tools;
  const rules: ResourceRule[] = [];
  let isWhole = true;
  for (const name of unknownControllers(policy)) {
    tell(
      mistakeAt(['metadata', 'annotations', autogenAnnotation], `names ${JSON.stringify(name)}, which makes no pods`),
    );
    isWhole = false;
  }
  const kinds = autogenKinds(policy);
  const extensions = spec.rules.flatMap((rule, at) => extendRule(rule, kinds).map((each) => [each, at] as const));
  const names = new Set(extensions.map(([{ name }]) => name));
  // Kyverno once wrote what it made of rules into policies; those are made anew.
  const own = [...spec.rules.entries()].flatMap(([at, rule]) => (names.has(rule.name) ? [] : [[rule, at] as const]));
  const wrong = new Set<number>();
  for (const [rule, at] of [...own, ...extensions]) {
    if (wrong.has(at)) continue;
    const { rule: made, findings, advice } = compileRule(rule, parts);
    if (findings.length === 0) {
      rules.push(made);
      // Of what it is extended to, the same would be said again.
      if (rule === spec.rules[at]) {
        for (const { path, sentence } of advice) advise(mistakeAt(['spec', 'rules', at, ...path], sentence));
      }
      continue;
    }
    wrong.add(at);
    for (const { path, sentence } of findings) tell(mistakeAt(['spec', 'rules', at, ...path], sentence));
    if (settings.unsupported !== 'leaveOut' || !isOnlyUnsupported(rule, findings)) isWhole = false;
  }
  if (!isWhole || rules.length === 0) return undefined;
  const { webhookConfiguration, failurePolicy, webhookTimeoutSeconds } = spec;
  const seconds = webhookConfiguration?.timeoutSeconds ?? webhookTimeoutSeconds;
  return {
    id: parts.id,
    dialect: 'kyverno',
    hash: hashOf(policy, parts),
    unknown: (webhookConfiguration?.failurePolicy ?? failurePolicy) === 'Ignore' ? 'allow' : 'deny',
    admission: spec.admission !== false,
    background: spec.background !== false,
    ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
    firstRuleOnly: spec.applyRules === 'One',
    matchConditions: webhookConfiguration?.matchConditions ?? [],
    rules,
  };
}

/** Whether a rule as a whole does what nothing here does: no part of it that was meant to be asked is lost without it. */
function isOnlyUnsupported(rule: KyvernoRule, findings: readonly Finding[]): boolean {
  const { mutate, generate, validate } = rule;
  const forms = [validate?.podSecurity, validate?.manifests, validate?.assert];
  if ([mutate, generate, ...forms].every((each) => each === undefined)) return false;
  return findings.every(({ sentence }) => sentence.startsWith('is not supported'));
}

function compileExceptions(
  read: readonly ReadKyvernoException[],
  tools: RuleTools,
  tell: (mistake: ConfigMistake) => void,
): readonly CompiledException[] {
  return read.flatMap(({ exception, mistakeAt }) => {
    const { exceptionNamespace } = tools.settings;
    if (exceptionNamespace === undefined || exception.metadata.namespace !== exceptionNamespace) {
      const where = exceptionNamespace === undefined ? 'none do' : `those of namespace ${exceptionNamespace} alone do`;
      tell(mistakeAt(['metadata', 'namespace'], `is of an exception that does not count: ${where}`));
      return [];
    }
    const { compiled, findings } = compileException({ exception, mistakeAt }, tools);
    for (const { path, sentence } of findings) tell(mistakeAt(path, sentence));
    return findings.length === 0 ? [compiled] : [];
  });
}

/** Whatever a verdict of the policy hangs on: what it says, how that is read, and its exceptions. */
function hashOf({ kind, metadata, spec }: KyvernoPolicy, { tools, exceptions }: PolicyParts): string {
  const annotation = metadata.annotations?.[autogenAnnotation] ?? null;
  const parts = [kind, metadata.namespace ?? null, metadata.name, annotation, spec, tools.settings];
  const excepted = exceptions.map(({ document }) => document);
  return createHash('sha256')
    .update(JSON.stringify([parts, excepted]))
    .digest('hex');
}
