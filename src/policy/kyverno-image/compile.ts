import { printable } from '../../base/printable.ts';
import { errorMessage } from '../../base/error.ts';
import { byPlace, type ConfigMistake, type Finding } from '../../codec/yaml/mistake.ts';
import { LangError } from '../../lang/error.ts';
import { PolicyError } from '../error.ts';
import { hashOf } from '../resource/hash-of.ts';
import type { ReadDocument, ReadingOf } from '../resource/read-documents.ts';
import type { ResourcePolicy, ResourceRule } from '../resource/policy.ts';
import { autogenForms, unknownControllers } from './autogen/controllers.ts';
import { extendSpec } from './autogen/extend-spec.ts';
import { checkSpec } from './check-spec.ts';
import { compileRule } from './compile-rule.ts';
import type { ImageValidatingPolicy, ImageValidatingSpec } from './document/image-validating-policy/model.ts';
import type { CelPolicyException } from './document/policy-exception/model.ts';
import { checkException, type CompiledException, compileException } from './exception/compile-exception.ts';
import { judgeObject } from './judge/judge-object.ts';
import type { ImageValidationRule } from './judge/model.ts';
import { registeredKinds } from './registered-kinds.ts';
import type { KyvernoImageSettings } from './settings.ts';

/** Something that is wrong, and in which of the texts. */
export interface KyvernoImageMistake extends ConfigMistake {
  /** Index of the reading. */
  readonly reading: number;
}

/** What was made of texts with policies. */
export interface CompiledKyvernoImages {
  readonly policies: readonly ResourcePolicy[];
  /** Of reading and compiling, in the order of the texts. */
  readonly mistakes: readonly KyvernoImageMistake[];
}

type Document = ImageValidatingPolicy | CelPolicyException;
type Reading = ReadingOf<Document>;

interface Placed<Kind extends Document> {
  readonly read: ReadDocument<Kind>;
  readonly reading: number;
}

/**
 * Compiles Kyverno's policies in CEL about images, with the exceptions that stand beside them. A policy of which any part is wrong is not
 * there at all; what is wrong is always told.
 */
export function compileKyvernoImages(
  readings: readonly Reading[],
  settings: KyvernoImageSettings,
): CompiledKyvernoImages {
  const mistakes: KyvernoImageMistake[] = [];
  for (const [reading, { mistakes: broken }] of readings.entries()) {
    for (const each of broken) mistakes.push({ ...each, reading });
  }
  const tell = ({ read, reading }: Placed<Document>, findings: readonly Finding[]): void => {
    const told = new Set<string>();
    for (const { path, sentence } of findings) {
      const mistake = read.mistakeAt(path, sentence);
      // Forms of one policy have the same mistakes.
      if (told.has(`${mistake.path} ${sentence}`)) continue;
      told.add(`${mistake.path} ${sentence}`);
      mistakes.push({ ...mistake, reading });
    }
  };
  const all = readings.flatMap(({ documents }, reading) => documents.map((read) => ({ read, reading })));
  const exceptions = all.flatMap((each): readonly Placed<CelPolicyException>[] => {
    if (each.read.document.kind !== 'PolicyException') return [];
    const found = checkException(each.read.document, settings);
    tell(each, found);
    return found.length === 0 ? [each as Placed<CelPolicyException>] : [];
  });
  const policies = new Map<string, ResourcePolicy>();
  for (const each of all) {
    const { document } = each.read;
    if (document.kind === 'PolicyException') continue;
    const id = idOf(document);
    if (policies.has(id)) {
      tell(each, [{ path: ['metadata', 'name'], sentence: 'is the name of a policy before; each has its own' }]);
      continue;
    }
    const own = exceptions.filter(({ read }) => isAbout(read.document, document));
    const { policy, findings, wrong } = compilePolicy(id, document, own, settings);
    tell(each, findings);
    for (const [at, found] of wrong) tell(at, found);
    if (policy !== undefined) policies.set(id, policy);
  }
  return {
    policies: [...policies.values()],
    mistakes: mistakes.sort((a, b) => a.reading - b.reading || byPlace(a, b)),
  };
}

function idOf({ kind, metadata }: ImageValidatingPolicy): string {
  return kind === 'ImageValidatingPolicy' ? metadata.name : `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

/** A namespaced policy is named with its namespace, so that an exception is from no other one. */
function isAbout({ spec }: CelPolicyException, policy: ImageValidatingPolicy): boolean {
  return spec.policyRefs.some(({ name, kind }) => kind === policy.kind && name === idOf(policy));
}

type Wrong = readonly (readonly [Placed<CelPolicyException>, readonly Finding[]])[];

function compilePolicy(
  id: string,
  policy: ImageValidatingPolicy,
  exceptions: readonly Placed<CelPolicyException>[],
  settings: KyvernoImageSettings,
): { readonly policy: ResourcePolicy | undefined; readonly findings: readonly Finding[]; readonly wrong: Wrong } {
  const { kind, metadata, spec } = policy;
  const findings: Finding[] = [...checkSpec(spec)];
  for (const [at, name] of unknownControllers(spec)) {
    const sentence = `is "${printable(name)}", which makes no pods`;
    findings.push({ path: ['spec', 'autogen', 'podControllers', 'controllers', at], sentence });
  }
  const namespace = kind === 'ImageValidatingPolicy' ? undefined : (metadata.namespace ?? 'default');
  const wrong: (readonly [Placed<CelPolicyException>, readonly Finding[]])[] = [];
  const forms = autogenForms(spec).map((form) => [`${form.prefix}${metadata.name}`, extendSpec(spec, form)] as const);
  const rules = ([[metadata.name, spec], ...forms] as const).map(([name, own], at): ResourceRule => {
    const rule = compileRule(name, own, { settings, namespace, findings });
    const excepted = exceptions.flatMap((each) => compiledException(each, rule, settings, at === 0 ? wrong : []));
    return ruleOf({ ...rule, exceptions: excepted }, own, findings);
  });
  if (findings.length > 0) return { policy: undefined, findings, wrong };
  const { webhookConfiguration, evaluation, failurePolicy } = spec;
  const seconds = webhookConfiguration?.timeoutSeconds;
  const isDocument = evaluation?.mode === 'JSON';
  const made: ResourcePolicy = {
    id,
    dialect: 'kyverno-cel',
    hash: hashOf([kind, id, spec, settings, exceptions.map(({ read }) => read.document)]),
    unknown: failurePolicy === 'Ignore' ? 'allow' : 'deny',
    admission: !isDocument && evaluation?.admission?.enabled !== false,
    background: !isDocument && evaluation?.background?.enabled !== false,
    ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
    firstRuleOnly: false,
    // They are Kyverno's own, whose functions the API server does not have.
    matchConditions: [],
    rules,
  };
  return { policy: made, findings, wrong };
}

function compiledException(
  placed: Placed<CelPolicyException>,
  { expressions }: Pick<ImageValidationRule, 'expressions'>,
  settings: KyvernoImageSettings,
  wrong: (readonly [Placed<CelPolicyException>, readonly Finding[]])[],
): readonly CompiledException[] {
  try {
    return [compileException(placed.read.document, expressions, settings)];
  } catch (error) {
    if (!(error instanceof LangError)) throw error;
    const sentence = `cannot be used: ${printable(errorMessage(error), 300)}`;
    wrong.push([placed, [{ path: ['spec', 'matchConditions'], sentence }]]);
    return [];
  }
}

/** What no part shows by itself about those who sign is found when a policy about images is made of them. */
function ruleOf(rule: ImageValidationRule, spec: ImageValidatingSpec, findings: Finding[]): ResourceRule {
  if (findings.length === 0 && rule.attestors.every(({ signer }) => signer !== undefined)) {
    try {
      rule.imagePolicy([]);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      findings.push({
        path: ['spec', 'attestors'],
        sentence: `cannot be used: ${printable(errorMessage(error), 300)}`,
      });
    }
  }
  return { name: rule.name, kinds: registeredKinds(spec.matchConstraints), judge: (input) => judgeObject(rule, input) };
}
