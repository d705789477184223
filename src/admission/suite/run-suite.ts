import { errorMessage } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import type { DialectSettings, PolicyText } from '../../policy/dialects/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { RuleResult } from '../../policy/resource/verdict.ts';
import { AdmissionError } from '../error.ts';
import { judgeResource, type ResourceJudgeParts } from '../resource/judge-resource.ts';
import type { ExpectedResult, Named, ResultWord } from './document/model.ts';
import { readObjects } from './document/read.ts';
import { exceptionNamespaceOf } from './exception-namespace.ts';
import { givenFacts } from './given-facts.ts';
import { givenImages } from './given-images.ts';
import { suiteLimits } from './limits.ts';
import type { Suite, SuiteOutcome, TestResult } from './model.ts';
import { unscoredPolicies } from './unscored-policies.ts';
import { formatName, nameOf, subjectOf } from './subject-of.ts';
import { nested, withContextValues } from './with-values.ts';

/** What suites are run with. */
export interface SuiteTools {
  readonly settings: DialectSettings;
  readonly clock: ResourceJudgeParts['clock'];
  readonly keys: ResourceJudgeParts['keys'];
  /** Who is asked about images of which a suite says nothing; nobody when left out. */
  readonly registry?: Pick<ResourceJudgeParts, 'names' | 'images'>;
}

/** Which expectations are looked at; by policy, rule and name of the object. */
export type TestFilter = (test: Pick<TestResult, 'policy' | 'rule'> & { readonly name: string }) => boolean;

/** Members of results that ask for what policies do to objects, which nothing here does. */
const undone = [
  'patchedResource',
  'patchedResources',
  'generatedResource',
  'cloneSourceResource',
  'resourceSpecs',
] as const;

/**
 * Runs a suite: asks its policies about its objects, with what it gives in place of a cluster and of registries, and compares what they say
 * with what it wants. What it does not give is an error of the results that need it.
 *
 * @throws OciError REFERENCE_INVALID, and the signal's reason
 */
export async function runSuite(
  suite: Suite,
  tools: SuiteTools,
  filter: TestFilter,
  signal: AbortSignal,
): Promise<SuiteOutcome> {
  const settings = await settingsFor(suite, tools);
  const { policies, mistakes } = await compileTexts([...suite.policies, ...suite.exceptions], settings);
  if (mistakes.length > 0) return { mistakes };
  const run = new SuiteRun(suite, { ...tools, settings }, policies, await unscoredPolicies(suite));
  const results: TestResult[] = [];
  for (const expected of suite.document.results) {
    for (const each of await run.expectation(expected, filter, signal)) results.push(each);
  }
  return { results };
}

/** Exceptions count in the one namespace that those of the suite are in. */
async function settingsFor({ exceptions }: Suite, { settings }: SuiteTools): Promise<DialectSettings> {
  const exceptionNamespace = await exceptionNamespaceOf(exceptions);
  if (exceptionNamespace === undefined) return settings;
  return { ...settings, kyverno: { ...settings.kyverno, exceptionNamespace } };
}

type Judged = { readonly results: readonly RuleResult[]; readonly isByNobody: boolean } | { readonly why: string };

class SuiteRun {
  readonly #suite: Suite;
  readonly #tools: SuiteTools;
  readonly #policies: readonly ResourcePolicy[];
  readonly #unscored: ReadonlySet<string>;
  readonly #parts: ResourceJudgeParts;
  readonly #judged = new Map<string, Promise<Judged>>();
  readonly #withValues = new Map<string, Promise<ResourcePolicy | undefined>>();

  constructor(suite: Suite, tools: SuiteTools, policies: readonly ResourcePolicy[], unscored: ReadonlySet<string>) {
    const { now, images = [] } = suite.document;
    const clock = now === undefined ? tools.clock : { ...tools.clock, now: () => now };
    this.#suite = suite;
    this.#tools = tools;
    this.#policies = policies;
    this.#unscored = unscored;
    this.#parts = { clock, facts: givenFacts(suite), keys: tools.keys, ...givenImages(images, clock, tools.registry) };
  }

  async expectation(expected: ExpectedResult, filter: TestFilter, signal: AbortSignal): Promise<readonly TestResult[]> {
    const { rule = '', resources = [], resource } = expected;
    const names = resource === undefined ? resources : [...resources, resource];
    const made: TestResult[] = [];
    const seen = new Set<string>();
    for (const name of names) {
      if (!filter({ policy: expected.policy, rule, name: name.split('/').at(-1) ?? '' })) continue;
      const objects = this.#suite.objects.filter((object) => isMeant(object, name, expected));
      if (objects.length === 0) made.push(failed(expected, name, 'There is no such object in resources'));
      for (const object of objects) {
        const told = formatName(nameOf(object));
        if (seen.has(told)) continue;
        seen.add(told);
        made.push(await this.#one(expected, object, told, signal));
      }
    }
    if (names.length > 0) return made;
    return [failed(expected, '', 'It names no object; write resources')];
  }

  async #one(expected: ExpectedResult, object: JsonObject, told: string, signal: AbortSignal): Promise<TestResult> {
    const wanted = expected.result ?? expected.status;
    const { checks, targetResources, context } = this.#suite.document;
    const [beyond] = [
      ...undone.filter((each) => expected[each] !== undefined),
      ...Object.entries({ checks, targetResources, context }).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      ),
    ];
    if (beyond !== undefined) return failed(expected, told, `What ${beyond} asks for is not supported`);
    if (wanted === undefined) return failed(expected, told, 'It says no result; write pass, fail, skip, error or warn');
    const policy = policyNamed(this.#policies, expected.policy);
    if (policy === undefined) return failed(expected, told, 'There is no such policy in policies');
    if (expected.rule !== undefined && !policy.rules.some(({ name }) => isRule(name, expected.rule))) {
      return failed(expected, told, 'The policy has no such rule');
    }
    const key = `${policy.id}\0${this.#suite.objects.indexOf(object)}`;
    let judged = this.#judged.get(key);
    if (judged === undefined) this.#judged.set(key, (judged = this.#judge(policy, object, signal)));
    const found = await judged;
    if ('why' in found) return failed(expected, told, found.why);
    const own = found.results.filter(({ rule }) => isRule(rule, expected.rule));
    const result = compared(expected, told, wanted, own, this.#styleOf(policy));
    const asksWho = policy.rules.some(({ name, users }) => users === true && own.some(({ rule }) => rule === name));
    if (!found.isByNobody || !asksWho) return result;
    return { ...result, reason: `${result.reason}; ${byNobody}` };
  }

  #styleOf({ id, dialect }: ResourcePolicy): FailureStyle {
    if (this.#unscored.has(id)) return 'warns';
    return dialect === 'kyverno' ? 'kyverno' : 'own';
  }

  async #judge(policy: ResourcePolicy, object: JsonObject, signal: AbortSignal): Promise<Judged> {
    const { values, user } = this.#suite;
    const { name } = nameOf(object);
    const own = values.policies?.find((each) => each.name === policy.id || `default/${each.name}` === policy.id);
    const forObject = own?.resources?.find((each) => each.name === name)?.values ?? {};
    const given: Named = { ...values.globalValues, ...forObject };
    const rules = own?.rules ?? [];
    if (values.subresources !== undefined) return { why: 'What subresources of the values ask for is not supported' };
    if (rules.some(({ foreachValues }) => foreachValues !== undefined)) {
      return { why: 'What foreachValues ask for is not supported; give values of the context' };
    }
    const subject = subjectOf(object, given, user, !policy.admission);
    if (typeof subject === 'string') return { why: `The values ${subject}` };
    const made = policy.dialect === 'kyverno' ? await this.#compiled(policy, given, rules) : policy;
    if (made === undefined) return { why: 'With these values, the policy cannot be read' };
    try {
      const question = {
        policies: [made],
        subject,
        gate: policy.admission ? 'admission' : 'audit',
        pins: true,
      } as const;
      const { results } = await judgeResource(this.#parts, question, signal);
      return { results, isByNobody: subject.user === undefined };
    } catch (error) {
      if (!(error instanceof AdmissionError)) throw error;
      return { why: errorMessage(error) };
    }
  }

  /** The policy with values in place of what its contexts would look up. */
  async #compiled(
    policy: ResourcePolicy,
    given: Named,
    rules: readonly { readonly name: string; readonly values?: Named }[],
  ): Promise<ResourcePolicy | undefined> {
    if (Object.keys(given).length === 0 && rules.length === 0) return policy;
    const key = JSON.stringify([policy.id, given, rules]);
    let made = this.#withValues.get(key);
    if (made === undefined) {
      const valuesOf = (rule: string): Readonly<Record<string, JsonValue>> =>
        nested({ ...rules.find(({ name }) => name === rule)?.values, ...given });
      this.#withValues.set(key, (made = this.#compileWith(policy, valuesOf)));
    }
    return await made;
  }

  async #compileWith(
    { id }: ResourcePolicy,
    valuesOf: (rule: string) => Readonly<Record<string, JsonValue>>,
  ): Promise<ResourcePolicy | undefined> {
    const texts: PolicyText[] = [];
    for (const { file, text } of this.#suite.policies) {
      const { document = [] } = await readObjects(text);
      const documents = (document as readonly JsonObject[]).map((each) =>
        JSON.stringify(withContextValues(each, valuesOf)),
      );
      texts.push({ file, text: documents.join('\n---\n') });
    }
    const { policies } = await compileTexts([...texts, ...this.#suite.exceptions], this.#tools.settings);
    return policies.find((each) => each.id === id);
  }
}

function policyNamed(policies: readonly ResourcePolicy[], name: string): ResourcePolicy | undefined {
  const found = policies.find(({ id }) => id === name);
  if (found !== undefined) return found;
  // Policies of a namespace are named with it or without.
  const ending = policies.filter(({ id }) => id.endsWith(`/${name}`));
  return ending.length === 1 ? ending[0] : undefined;
}

/** What Kyverno's own tests do too, and tell nobody. */
const byNobody =
  'whoever asks was taken to be meant, since the test does not say who it is; name a UserInfo in userinfo';

/** What Kyverno makes of a rule for the controllers of pods is the rule. */
function isRule(name: string, wanted: string | undefined): boolean {
  if (wanted === undefined || name === wanted) return true;
  return ['autogen-', 'autogen-cronjob-'].some((before) => name === `${before}${wanted}`.slice(0, 63));
}

function isMeant(object: JsonObject, wanted: string, { kind, namespace }: ExpectedResult): boolean {
  const own = nameOf(object);
  const parts = wanted.split('/');
  const name = parts.pop();
  const inNamespace = parts.pop() ?? namespace;
  return (
    own.name === name &&
    (inNamespace === undefined || inNamespace === own.namespace) &&
    (kind === undefined || kind.split('/').at(-1) === own.kind)
  );
}

/** What a policy makes of an object that breaks it: one of Kyverno may say that this only warns, or not say it. */
type FailureStyle = 'own' | 'kyverno' | 'warns';

const words = { passed: 'pass', failed: 'fail', skipped: 'skip', undecided: 'error' } as const;

function compared(
  expected: ExpectedResult,
  resource: string,
  wanted: ResultWord,
  results: readonly RuleResult[],
  style: FailureStyle,
): TestResult {
  const worst = (['failed', 'undecided', 'passed', 'skipped'] as const)
    .map((outcome) => results.find((each) => each.outcome === outcome))
    .find((each) => each !== undefined);
  let got: ResultWord = worst === undefined ? 'skip' : words[worst.outcome];
  // In Kyverno, a policy that only tells reports fails objects all the same.
  if (got === 'fail' && (worst?.action === 'warn' || style === 'warns')) got = 'warn';
  if (got === 'fail' && wanted === 'warn' && style === 'kyverno' && worst?.action === 'audit') got = 'warn';
  const { policy, rule = '' } = expected;
  if (got === wanted) return { policy, rule, resource, wanted, got, passed: true, reason: 'Ok' };
  const told = printable((worst?.message ?? '').replace(/\s+/g, ' ').trim(), suiteLimits.reason);
  const why = worst === undefined ? 'no rule is about it' : told;
  const reason = `Want ${wanted}, got ${got}${why === '' ? '' : `: ${why}`}`;
  return { policy, rule, resource, wanted, got, passed: false, reason };
}

function failed({ policy, rule = '', result, status }: ExpectedResult, resource: string, reason: string): TestResult {
  return { policy, rule, resource, wanted: result ?? status ?? 'pass', passed: false, reason };
}
