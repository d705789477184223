import { once } from '../../base/once.ts';
import { printable } from '../../base/printable.ts';
import type { ConfigPath, Finding } from '../../codec/yaml/mistake.ts';
import type { CelExpression } from '../../lang/cel/compile.ts';
import { LangError } from '../../lang/error.ts';
import { predicateTypeOf } from '../../signing/statement/predicate-type.ts';
import type { CompiledPolicy } from '../compile.ts';
import type { Signer } from '../model.ts';
import { expressionsOf } from './attestor/expressions.ts';
import { pullSecretsOf, registryAccessOf } from './attestor/registry-access.ts';
import { signerOf } from './attestor/signer.ts';
import type { Translation } from './attestor/translation.ts';
import type { ImageValidatingSpec, NamedExpression } from './document/image-validating-policy/model.ts';
import { askedBy } from './expression/asked.ts';
import { matchVariables, PolicyExpressions, policyVariables } from './expression/policy-expressions.ts';
import { checkUses } from './expression/check-uses.ts';
import { compileReferenceGlob } from './images/glob.ts';
import { imagePolicyOf } from './images/image-policy.ts';
import { expressionMatcher, type ReferenceMatcher } from './images/match-reference.ts';
import type { CompiledAttestor, ImageValidationRule, NamedCel } from './judge/model.ts';
import { kyvernoImageLimits } from './limits.ts';

/** Compiles the parts of a policy in one of its forms. What is wrong is told, with paths that begin at the document's top. */
export function compileRule(
  name: string,
  spec: ImageValidatingSpec,
  translation: Translation,
): Omit<ImageValidationRule, 'exceptions'> {
  const compiler = new SpecCompiler(translation);
  const { validations = [], auditAnnotations = [], validationConfigurations: switches = {}, evaluation } = spec;
  const attestors = compiler.attestors(spec.attestors ?? []);
  const types = compiler.types(spec.attestations ?? []);
  const conditions = compiler.named('matchConditions', spec.matchConditions, matchVariables);
  const references = compiler.references(spec.matchImageReferences ?? []);
  const variables = compiler.named('variables', spec.variables);
  const rule = {
    name,
    action: actionOf(spec),
    namespace: translation.namespace,
    constraints: evaluation?.mode === 'JSON' ? undefined : (spec.matchConstraints ?? {}),
    expressions: compiler.expressions,
    matchConditions: conditions.map(({ value }) => value),
    variables,
    extractors: compiler.named('images', spec.images),
    references,
    attestors,
    types,
    validations: validations.flatMap(({ expression, message, messageExpression }, at) => {
      const path = ['spec', 'validations', at];
      const holds = compiler.compile(expression, [...path, 'expression']);
      const told =
        messageExpression === undefined
          ? undefined
          : compiler.compile(messageExpression, [...path, 'messageExpression']);
      return holds === undefined ? [] : [{ holds, text: expression, message, told }];
    }),
    annotations: auditAnnotations.flatMap(({ key, valueExpression }, at) => {
      const value = compiler.compile(valueExpression, ['spec', 'auditAnnotations', at, 'valueExpression']);
      return value === undefined ? [] : [{ key, value }];
    }),
    access: registryAccessOf(spec.credentials ?? {}, ['spec', 'credentials'], translation),
    pullSecrets: compiler.pullSecrets(spec.attestors ?? []),
    mutateDigest: switches.mutateDigest !== false,
    verifyDigest: switches.verifyDigest !== false,
    required: switches.required !== false,
    settings: translation.settings,
  };
  const names = attestors.map(({ attestor }) => attestor.name);
  const asked = askedBy(compiler.expressions.compiled, names, [...types.keys()]);
  translation.findings.push(...checkUses(spec, compiler.expressions.compiled, asked));
  const payloadSigners = new Map(
    asked.payloads.map((attestation) => {
      const lists = asked.statements.filter((each) => each.attestation === attestation);
      return [attestation, [...new Set(lists.flatMap((each) => each.attestors))].sort()] as const;
    }),
  );
  const make = (signers: readonly Signer[]): CompiledPolicy => imagePolicyOf(asked, signers, types, rule.mutateDigest);
  return { ...rule, payloadSigners, imagePolicy: remembered(attestors, make) };
}

function actionOf({ validationActions = [] }: ImageValidatingSpec): ImageValidationRule['action'] {
  if (validationActions.length === 0 || validationActions.includes('Deny')) return 'deny';
  return validationActions.includes('Warn') ? 'warn' : 'audit';
}

/** Policies of an image are the same for most objects. */
function remembered(
  attestors: readonly CompiledAttestor[],
  make: (signers: readonly Signer[]) => CompiledPolicy,
): (signers: readonly Signer[]) => CompiledPolicy {
  const only = once(() => make(attestors.flatMap(({ signer }) => signer ?? [])));
  if (attestors.every(({ signer }) => signer !== undefined)) return only;
  const kept = new Map<string, CompiledPolicy>();
  return (signers) => {
    const key = JSON.stringify(signers);
    const made = kept.get(key) ?? make(signers);
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > kyvernoImageLimits.attestorForms && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}

/** Compiles lists of a policy, and collects what is wrong with them. */
class SpecCompiler {
  readonly expressions: PolicyExpressions = new PolicyExpressions();
  readonly #translation: Translation;
  readonly #findings: Finding[];

  constructor(translation: Translation) {
    this.#translation = translation;
    this.#findings = translation.findings;
  }

  compile(text: string, path: ConfigPath, variables: readonly string[] = policyVariables): CelExpression | undefined {
    try {
      return this.expressions.compile(text, variables);
    } catch (error) {
      if (!(error instanceof LangError)) throw error;
      this.#findings.push({ path, sentence: `cannot be used: ${printable(error.message, 300)}` });
      return undefined;
    }
  }

  named(list: string, entries: readonly NamedExpression[] = [], variables?: readonly string[]): readonly NamedCel[] {
    const seen = new Set<string>();
    return entries.flatMap(({ name, expression }, at) => {
      const path = ['spec', list, at];
      if (list !== 'matchConditions' && !/^[A-Za-z_]\w*$/.test(name)) {
        this.#findings.push({ path: [...path, 'name'], sentence: 'is no name that an expression could use' });
      }
      this.#unique(seen, name, path);
      const value = this.compile(expression, [...path, 'expression'], variables);
      return value === undefined ? [] : [{ name, value }];
    });
  }

  references(list: NonNullable<ImageValidatingSpec['matchImageReferences']>): readonly ReferenceMatcher[] {
    return list.flatMap(({ glob, expression }, at) => {
      const path = ['spec', 'matchImageReferences', at];
      if ((glob === undefined) === (expression === undefined)) {
        this.#findings.push({ path, sentence: 'takes exactly one of glob, expression' });
        return [];
      }
      if (expression !== undefined) {
        const holds = this.compile(expression, [...path, 'expression'], ['ref']);
        return holds === undefined ? [] : [expressionMatcher(holds)];
      }
      const matches = compileReferenceGlob(glob ?? '');
      if (typeof matches !== 'string') return [matches];
      this.#findings.push({ path: [...path, 'glob'], sentence: matches });
      return [];
    });
  }

  attestors(list: NonNullable<ImageValidatingSpec['attestors']>): readonly CompiledAttestor[] {
    const seen = new Set<string>();
    return list.flatMap((attestor, at) => {
      const path = ['spec', 'attestors', at];
      this.#unique(seen, attestor.name, path);
      const before = this.#findings.length;
      const signer = signerOf(attestor, path, this.#translation);
      const expressions = expressionsOf(attestor).flatMap(
        (each) => this.compile(each.expression, [...path, ...each.path]) ?? [],
      );
      if (this.#findings.length > before) return [];
      return [{ attestor, expressions, signer: expressions.length > 0 ? undefined : signer }];
    });
  }

  pullSecrets(list: NonNullable<ImageValidatingSpec['attestors']>): readonly string[] {
    const all = list.flatMap((each, at) => pullSecretsOf(each, ['spec', 'attestors', at], this.#translation));
    return [...new Set(all)].sort();
  }

  types(list: NonNullable<ImageValidatingSpec['attestations']>): ReadonlyMap<string, string> {
    const seen = new Set<string>();
    const types = new Map<string, string>();
    for (const [at, { name, intoto, referrer }] of list.entries()) {
      const path = ['spec', 'attestations', at];
      this.#unique(seen, name, path);
      if ((intoto === undefined) === (referrer === undefined)) {
        this.#findings.push({ path, sentence: 'takes exactly one of intoto, referrer' });
      } else if (intoto === undefined) {
        const sentence =
          'is not supported: what is attached without a statement of in-toto is not read; attest it with cosign';
        this.#findings.push({ path: [...path, 'referrer'], sentence });
      } else {
        const type = predicateTypeOf(intoto.type);
        if (type !== undefined) types.set(name, type);
        else
          this.#findings.push({
            path: [...path, 'intoto', 'type'],
            sentence: 'is no type of a predicate, which is a URI',
          });
      }
    }
    return types;
  }

  #unique(seen: Set<string>, name: string, path: ConfigPath): void {
    if (name === '') this.#findings.push({ path: [...path, 'name'], sentence: 'is empty' });
    if (seen.has(name)) {
      const sentence = `is "${printable(name)}", which another one has too`;
      this.#findings.push({ path: [...path, 'name'], sentence });
    }
    seen.add(name);
  }
}
