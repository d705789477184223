import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { autogenKinds } from '../../kyverno/autogen/controllers.ts';
import { extendRule } from '../../kyverno/autogen/extend-rule.ts';
import type { KyvernoPolicy, KyvernoRule, KyvernoValidation } from '../../kyverno/document/policy/model.ts';
import type { KyvernoStyle } from '../../kyverno/style.ts';
import type { Gate } from '../../evidence.ts';
import type { Policy, Rule, RuleAction, UnknownAction } from '../../model.ts';
import type { ClusterMatch, ObjectRule } from '../../seaworthy/model.ts';
import type { ConvertedDocument, DraftOrigin, ImagePolicyDraft } from '../model.ts';
import { renameSigners } from '../rename-signers.ts';
import { UniqueNames } from '../../unique-names.ts';
import { actionOf } from '../../kyverno/rule/failure-action.ts';
import { actionsOf } from './actions.ts';
import { type EntryPart, entryParts } from './entry.ts';
import { kindsOfMatch, matchesOf } from './match.ts';

/** Converts a policy of Kyverno: a policy for each of its rules, and each of the ways in which these judge images. */
export function convertKyvernoPolicy(policy: KyvernoPolicy, style: KyvernoStyle): ConvertedDocument {
  return new KyvernoConversion(policy, style).convert();
}

/** A policy on its way. Paths begin at the document. */
class KyvernoConversion {
  readonly #policy: KyvernoPolicy;
  readonly #style: KyvernoStyle;
  readonly #drafts: ImagePolicyDraft[] = [];
  readonly #unsaid = new Map<string, Finding>();
  readonly #notes = new Map<string, Finding>();
  readonly #names = new UniqueNames();

  constructor(policy: KyvernoPolicy, style: KyvernoStyle) {
    this.#policy = policy;
    this.#style = style;
  }

  convert(): ConvertedDocument {
    const { spec } = this.#policy;
    if (spec.applyRules === 'One' && spec.rules.length > 1) {
      this.#tell(
        ['spec', 'applyRules'],
        'has the first rule that is about an object decide alone, where all policies count here',
      );
    }
    const gates = this.#gates();
    const kinds = autogenKinds(this.#policy);
    const extensions = spec.rules.map((rule) => extendRule(rule, kinds));
    const made = new Set(extensions.flat().map(({ name }) => name));
    for (const [at, rule] of spec.rules.entries()) {
      if (!made.has(rule.name)) this.#rule(rule, extensions[at] ?? [], ['spec', 'rules', at], gates);
    }
    return { drafts: this.#drafts, unsaid: [...this.#unsaid.values()], notes: [...this.#notes.values()] };
  }

  readonly #tell = (path: ConfigPath, sentence: string): void => {
    this.#unsaid.set(JSON.stringify([path, sentence]), { path, sentence });
  };

  readonly #note = (path: ConfigPath, sentence: string): void => {
    this.#notes.set(JSON.stringify([path, sentence]), { path, sentence });
  };

  /** Where it is asked: of what others are for, such as pushes, it knows nothing. */
  #gates(): readonly Gate[] {
    const { admission, background } = this.#policy.spec;
    const gates: Gate[] = [
      ...(admission === false ? [] : (['ci', 'admission'] as const)),
      ...(background === false ? [] : (['audit'] as const)),
    ];
    if (gates.length === 0) this.#tell(['spec', 'background'], 'leaves nothing that the policy would be asked about');
    return gates;
  }

  #rule(rule: KyvernoRule, extended: readonly KyvernoRule[], path: ConfigPath, gates: readonly Gate[]): void {
    const { spec } = this.#policy;
    const tell = (own: ConfigPath, sentence: string): void => this.#tell([...path, ...own], sentence);
    if (rule.mutate !== undefined)
      tell(['mutate'], 'changes objects, which an ImagePolicy does not do but for digests');
    if (rule.generate !== undefined) tell(['generate'], 'makes objects, which an ImagePolicy does not do');
    if (rule.validate !== undefined) {
      this.#validation(rule, rule.validate, extended, path, gates);
      return;
    }
    if (rule.verifyImages === undefined) return;
    if (rule.preconditions !== undefined || rule.celPreconditions !== undefined) {
      const name = rule.preconditions === undefined ? 'celPreconditions' : 'preconditions';
      tell([name], 'are about the object, of which an ImagePolicy sees the images alone');
    }
    const rules = [rule, ...extended];
    const { matches, unsaid } = matchesOf(rules, this.#namespace());
    for (const each of unsaid) tell(each.path, each.sentence);
    for (const match of matches) {
      for (const { action, match: own } of actionsOf(spec, match, this.#tell))
        this.#parts(rules, path, action, own, gates);
    }
  }

  /** What objects must be like: a policy for the rule, and one for each that it is extended to, whose places are others. */
  #validation(
    rule: KyvernoRule,
    { failureAction, failureActionOverrides = [], ...validate }: KyvernoValidation,
    extended: readonly KyvernoRule[],
    path: ConfigPath,
    gates: readonly Gate[],
  ): void {
    const { spec, kind } = this.#policy;
    const tell = (own: ConfigPath, sentence: string): void => this.#tell([...path, ...own], sentence);
    const { podSecurity, manifests, assert, cel: { paramKind, paramRef, auditAnnotations } = {} } = validate;
    const refused = { podSecurity, manifests, assert, 'cel.paramKind': paramKind, 'cel.paramRef': paramRef };
    const wrong = Object.entries({ ...refused, 'cel.auditAnnotations': auditAnnotations }).filter(
      ([, value]) => value !== undefined,
    );
    for (const [name] of wrong)
      tell(['validate', ...name.split('.')], 'is not carried out here; write pattern, deny or cel');
    const read = (rule.context ?? []).findIndex((each) => (each.apiCall ?? each.configMap) !== undefined);
    if (kind === 'Policy' && read >= 0) {
      tell(['context', read], 'reads in the namespace of the policy alone, where an ImagePolicy reads in any');
    }
    if (wrong.length > 0) return;
    // What rules say comes before what the policy says (`failureAction`).
    const others = failureAction === undefined ? (spec.validationFailureActionOverrides ?? []) : [];
    const usual = failureAction ?? spec.validationFailureAction;
    const actions = {
      ...spec,
      ...(usual === undefined ? {} : { validationFailureAction: usual }),
      validationFailureActionOverrides: [...failureActionOverrides, ...others],
    };
    for (const each of [rule, ...extended]) {
      const { matches, unsaid } = matchesOf([each], this.#namespace());
      for (const finding of unsaid) tell(finding.path, finding.sentence);
      for (const match of matches) {
        for (const { action, match: own } of actionsOf(actions, match, this.#tell))
          this.#objects(each, action, own, gates);
      }
    }
  }

  #objects(rule: KyvernoRule, action: 'deny' | 'audit', match: ClusterMatch, gates: readonly Gate[]): void {
    const { name, context, preconditions, celPreconditions, validate = {} } = rule;
    const { failureAction: _action, failureActionOverrides: _overrides, ...check } = validate;
    const empty: Policy = { rules: [], signers: [], exceptions: [], unknown: 'deny' };
    const given = {
      ...(context === undefined ? {} : { context }),
      ...(preconditions === undefined ? {} : { preconditions }),
      ...(celPreconditions === undefined ? {} : { celPreconditions }),
      validate: check,
    };
    this.#draft([rule], { scope: {}, policy: empty }, action, match, gates, { name: nameOf(name), check: given });
  }

  #namespace(): string | undefined {
    const { kind, metadata } = this.#policy;
    return kind === 'Policy' ? (metadata.namespace ?? 'default') : undefined;
  }

  #parts(
    rules: readonly KyvernoRule[],
    path: ConfigPath,
    usual: 'deny' | 'audit',
    match: ClusterMatch,
    gates: readonly Gate[],
  ): void {
    const [rule] = rules;
    if (rule === undefined) return;
    const { verifyImages = [] } = rule;
    const said = verifyImages.flatMap(({ failureAction }) =>
      failureAction === undefined ? [] : [actionOf(failureAction)],
    );
    const action = said.includes('deny') ? 'deny' : (said[0] ?? usual);
    for (const [at, entry] of verifyImages.entries()) {
      const own: ConfigPath = [...path, 'verifyImages', at];
      const given = { rule, path: own, style: this.#style, action, tell: this.#tell, note: this.#note };
      for (const part of entryParts(entry, given)) this.#draft(rules, part, action, match, gates);
    }
  }

  #draft(
    from: readonly KyvernoRule[],
    { scope, policy }: EntryPart,
    action: 'deny' | 'audit',
    match: ClusterMatch,
    gates: readonly Gate[],
    object?: Pick<ObjectRule, 'name' | 'check'>,
  ): void {
    const { spec } = this.#policy;
    const { webhookConfiguration, failurePolicy, webhookTimeoutSeconds, emitWarning } = spec;
    const seconds = webhookConfiguration?.timeoutSeconds ?? webhookTimeoutSeconds;
    const conditions = webhookConfiguration?.matchConditions ?? [];
    const unknown: UnknownAction =
      (webhookConfiguration?.failurePolicy ?? failurePolicy) === 'Ignore' ? 'allow' : 'deny';
    const enforced: RuleAction = action === 'audit' && emitWarning === true ? 'warn' : action;
    const base = spec.rules.length > 1 ? `${this.#name()}-${nameOf(from[0]?.name ?? '')}` : this.#name();
    const name = this.#names.take(base);
    // What is there already was created once.
    const asked =
      match.operations === undefined || match.operations.includes('CREATE')
        ? gates
        : gates.filter((gate) => gate !== 'audit' && gate !== 'ci');
    if (asked.length === 0) return;
    const rules = policy.rules.map((each): Rule => ({ ...each, action: enforced, unknown }));
    this.#drafts.push({
      name,
      match: {
        ...match,
        ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
        ...(conditions.length === 0 ? {} : { conditions }),
      },
      scope: { ...scope, gates: asked },
      policy: withNames({ ...policy, rules, unknown }, name),
      ...(object === undefined ? {} : { objects: [{ ...object, action: enforced, unknown }] }),
      from: this.#origin(from),
    });
  }

  #origin(rules: readonly KyvernoRule[]): DraftOrigin {
    const { kind, metadata } = this.#policy;
    return {
      policy: kind === 'Policy' ? `${metadata.namespace ?? 'default'}/${metadata.name}` : metadata.name,
      rules: rules.map((rule) => {
        const { matches } = matchesOf([rule], this.#namespace());
        return { name: rule.name, kinds: [...new Set(matches.flatMap(kindsOfMatch))] };
      }),
    };
  }

  #name(): string {
    const { kind, metadata } = this.#policy;
    return kind === 'Policy' ? `${metadata.namespace ?? 'default'}-${metadata.name}` : metadata.name;
  }
}

/** Kinds of signers are what their names end with: `.attestors[0].entries[1].keys`. */
function withNames(policy: EntryPart['policy'], name: string): EntryPart['policy'] {
  const names = new UniqueNames();
  const words: Readonly<Record<string, string>> = { keys: 'key', certificates: 'certificate', keyless: 'identity' };
  const given = new Map(
    policy.signers.map((signer) => [
      signer.name,
      names.take(`${name}-${words[signer.name.split('.').at(-1) ?? ''] ?? 'signer'}`),
    ]),
  );
  return renameSigners(policy, (signer) => given.get(signer) ?? signer);
}

/** Names of rules may have what names of objects may not. */
function nameOf(rule: string): string {
  return rule.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-');
}
