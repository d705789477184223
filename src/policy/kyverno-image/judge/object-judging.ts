import { once } from '../../../base/once.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { CelExpression } from '../../../lang/cel/compile.ts';
import type { Signer } from '../../model.ts';
import { celValue } from '../../resource/cel/value.ts';
import type { RegistryAccess, ResourceInput } from '../../resource/policy.ts';
import { apiLookup, globalReferenceLookup, imageDataLookup } from '../../kyverno/context/lookup.ts';
import { matchesReference } from '../images/match-reference.ts';
import { signatureRule, statementRule } from '../images/image-policy.ts';
import { formatKyvernoImage } from '../../kyverno/image-name.ts';
import { signerOf } from '../attestor/signer.ts';
import { withTexts } from '../attestor/expressions.ts';
import type { ImageFunctions } from '../expression/functions.ts';
import { kyvernoImageLimits } from '../limits.ts';
import { apiPathOf } from './api-path.ts';
import { Choices } from './choices.ts';
import { countsBy, ImageAnswers } from './image-answers.ts';
import { imageDataValue } from './image-data.ts';
import { Lookups } from './lookups.ts';
import type { ImageValidationRule } from './model.ts';
import { payloadOf, statementsIn } from './statements.ts';

/** What one policy asks about one object, and what its expressions are answered. */
export class ObjectJudging implements ImageFunctions {
  readonly lookups: Lookups;
  readonly answers: ImageAnswers;
  readonly choices: Choices = new Choices();
  /** Whether an image was verified by anybody, of those that were looked at this time. */
  readonly verified: Map<string, boolean> = new Map();
  /** Why attestors do not count; sentences. */
  readonly reasons: Set<string> = new Set();
  readonly #rule: ImageValidationRule;
  readonly #access: RegistryAccess;
  /** Whether an exception takes an image out. */
  isExcepted: (image: string) => boolean = () => false;
  #values: Readonly<Record<string, unknown>> = {};
  #evaluations = 0;
  #isResolving = false;

  constructor(rule: ImageValidationRule, input: ResourceInput) {
    this.#rule = rule;
    this.lookups = new Lookups(input);
    const { namespace } = input.subject;
    const own = namespace === '' ? [] : rule.pullSecrets.map((name) => `${namespace}/${name}`);
    this.#access = { ...rule.access, secrets: [...rule.access.secrets, ...own] };
    const question = once(() => ({
      policy: rule.imagePolicy(this.#resolve()),
      access: this.#access,
      wantsEvidence: rule.payloadSigners.size > 0,
    }));
    this.answers = new ImageAnswers(input, rule.settings.naming, question);
  }

  /** What expressions see by the names of variables, from now on. */
  see(values: Readonly<Record<string, unknown>>): void {
    this.#values = values;
  }

  /** The value of an expression over what is seen. @throws LangError */
  evaluate(expression: CelExpression, values: Readonly<Record<string, unknown>> = this.#values): unknown {
    this.#evaluations += 1;
    if (this.#evaluations > kyvernoImageLimits.evaluations) {
      throw new LangError('LIMIT_EXCEEDED', `More than ${kyvernoImageLimits.evaluations} expressions are evaluated`);
    }
    return this.#rule.expressions.during(this, () => expression(values));
  }

  /** The same for what must be true. @throws LangError */
  holds(expression: CelExpression, values?: Readonly<Record<string, unknown>>): boolean {
    const answer = this.evaluate(expression, values ?? this.#values);
    if (typeof answer === 'boolean') return answer;
    throw new LangError('EVALUATION', 'The expression is neither true nor false');
  }

  verifyImage(image: string, attestors: readonly string[]): bigint {
    return this.#count(image, attestors, signatureRule, '');
  }

  verifyStatement(image: string, attestation: string, attestors: readonly string[]): bigint {
    this.#typeOf(attestation);
    return this.#count(image, attestors, (attestor) => statementRule(attestation, attestor), ` (${attestation})`);
  }

  payload(image: string, attestation: string): unknown {
    const type = this.#typeOf(attestation);
    const { evidence } = this.answers.answer(image);
    if (evidence === undefined) throw new LangError('EVALUATION', `What is known of ${image} was not kept`);
    const found = statementsIn(evidence, type, this.#rule.payloadSigners.get(attestation) ?? []);
    const chosen = found[this.choices.choose(JSON.stringify([image, attestation]), found.length)];
    if (chosen === undefined)
      throw new LangError('EVALUATION', `Nobody who counts made a statement ${attestation} about ${image}`);
    return payloadOf(chosen, type);
  }

  /** By the digest that is verified, so that a tag that moves meanwhile shows nothing else. */
  imageData(image: string): unknown {
    const named = this.answers.nameOf(image);
    const { digest } = this.answers.answer(image);
    const registry = named.registry === '' ? 'docker.io' : named.registry;
    const reference = formatKyvernoImage({ ...named, registry, digest });
    const found = this.lookups.lookUp(imageDataLookup(reference, this.#access), `The manifest of ${image}`);
    if (found === undefined) throw new LangError('EVALUATION', `${image} is not there`);
    return imageDataValue(image, digest, found);
  }

  get(apiVersion: string, resource: string, namespace: string, name: string): unknown {
    return this.#api(apiPathOf({ apiVersion, resource, namespace, name }, this.#rule.namespace), name);
  }

  list(apiVersion: string, resource: string, namespace: string): unknown {
    return this.#api(apiPathOf({ apiVersion, resource, namespace, name: undefined }, this.#rule.namespace), resource);
  }

  globalReference(name: string, projection: string): unknown {
    const { namespace } = this.#rule;
    if (namespace !== undefined) throw new LangError('EVALUATION', 'A namespaced policy has no globalContext');
    // A projection has a name, as the entry has (kyverno.io/docs, "Global Context").
    const asked = projection === '' ? name : `${name}.${projection}`;
    return celValue(this.lookups.lookUp(globalReferenceLookup(asked), `The global context ${asked}`) ?? null);
  }

  #api(path: string, what: string): unknown {
    const found = this.lookups.lookUp(apiLookup(path), what);
    if (found === undefined) throw new LangError('EVALUATION', `There is no ${what}`);
    return celValue(found);
  }

  /** An image that the policy is not about counts for nobody; one that an exception takes out counts for everybody. */
  #count(image: string, attestors: readonly string[], ruleOf: (attestor: string) => string, what: string): bigint {
    const { references, settings } = this.#rule;
    if (this.isExcepted(image)) return BigInt(attestors.length);
    if (!matchesReference(references, image, settings.style.aliases)) return 0n;
    if (!this.verified.has(image)) this.verified.set(image, false);
    const names = settings.style.sameSignerTwice ? attestors : [...new Set(attestors)];
    let count = 0n;
    for (const name of names) {
      const { counts, why } = countsBy(this.answers.answer(image), ruleOf(name));
      if (counts) {
        count += 1n;
        this.verified.set(image, true);
      } else this.reasons.add(`${image}: ${name}${what}: ${why}`);
    }
    return count;
  }

  #typeOf(attestation: string): string {
    const type = this.#rule.types.get(attestation);
    if (type === undefined) throw new LangError('EVALUATION', `There is no attestation "${attestation}"`);
    return type;
  }

  /** Who signs must not hang on who signed. */
  #resolve(): readonly Signer[] {
    if (this.#isResolving) throw new LangError('EVALUATION', 'An attestor hangs on what attestors signed');
    this.#isResolving = true;
    try {
      return this.#signers();
    } finally {
      this.#isResolving = false;
    }
  }

  /** Those who sign, with what their expressions give for this object. */
  #signers(): readonly Signer[] {
    return this.#rule.attestors.map(({ attestor, expressions, signer }) => {
      if (signer !== undefined) return signer;
      const texts = expressions.map((expression) => {
        const text = this.evaluate(expression);
        if (typeof text === 'string') return text;
        throw new LangError('EVALUATION', `An expression of attestor ${attestor.name} gives no text`);
      });
      const { settings, namespace } = this.#rule;
      const translation = { settings, namespace, findings: [] as Finding[] };
      const made = signerOf(withTexts(attestor, texts), ['attestors', attestor.name], translation);
      const [wrong] = translation.findings;
      if (wrong === undefined) return made;
      throw new LangError('EVALUATION', `${wrong.path.join('.')} ${wrong.sentence}`);
    });
  }

  /** Whether something is still to be looked up. */
  get isMissing(): boolean {
    return this.lookups.needs.size + this.answers.checks.size > 0;
  }
}
