import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { AttestationRule, NamedStatement, Policy, Rule, SignerSet } from '../../model.ts';
import type { AttestorSet, KyvernoAttestation, KyvernoVerification } from '../document/verification/model.ts';
import { layoutsOf } from './attestor.ts';
import { signerSetOf, type SetPlace } from './attestor-sets.ts';
import { blocksOf, kyvernoCondition } from './condition-blocks.ts';
import type { FoldedEntry } from './fold-old-forms.ts';
import { given, isOpen, type Translation } from './translation.ts';
import { validationRuleOf } from './validation-rule.ts';

/** The name of the rule about digests in the policies of images. */
const digestRule = '.digest';

const base = { action: 'deny' } as const;

const statementName = /^[A-Za-z][\w-]{0,62}$/;

/**
 * What images must be like by an entry of `verifyImages`, as a policy about images. Its rules are called by the places that Kyverno's
 * messages tell. What becomes of an image of which something cannot be known is for whoever looks at the object.
 *
 * @param path of the entry
 */
export function imagePolicyOf(
  { entry, oldSet, oldPlace }: FoldedEntry,
  path: ConfigPath,
  translation: Translation,
): Policy {
  const placeOf = (set: AttestorSet, label: string, at: ConfigPath): SetPlace =>
    set === oldSet ? { label, path: at, old: oldPlace } : { label, path: at };
  const rules: Rule[] = (entry.attestors ?? []).map((set, at) => {
    const label = `.attestors[${at}]`;
    const signers = signerSetOf(set, placeOf(set, label, [...path, 'attestors', at]), translation);
    return { ...base, kind: 'signatures', name: label, ...signers };
  });
  const statements: Record<string, NamedStatement> = {};
  for (const [at, attestation] of (entry.attestations ?? []).entries()) {
    const where = { label: `.attestations[${at}]`, path: [...path, 'attestations', at] };
    const found = attestationRules(attestation, where, placeOf, translation);
    rules.push(...found);
    nameStatement(attestation, found[0], where.path, statements, translation);
  }
  const validation = validationRuleOf(entry, statements, path, translation);
  if (validation !== undefined) rules.push(validation);
  return { rules, signers: translation.signers, exceptions: [], unknown: 'deny' };
}

/** One rule for each set of attestors; each statement that they made must be as the conditions say. */
function attestationRules(
  attestation: KyvernoAttestation,
  { label, path }: { readonly label: string; readonly path: ConfigPath },
  placeOf: (set: AttestorSet, label: string, at: ConfigPath) => SetPlace,
  translation: Translation,
): readonly AttestationRule[] {
  const { attestors = [], conditions = [] } = attestation;
  const predicateType = given(attestation.type) ?? attestation.predicateType ?? '';
  isOpen(predicateType, translation, [...path, 'type']);
  if (translation.type === 'Notary') {
    const sentence =
      'cannot be where the type is Notary: what Notation signs besides images is not supported; sign it with cosign';
    translation.mistakes.push({ path, sentence });
  }
  const ruleOf = (name: string, signers: SignerSet): AttestationRule => ({
    ...base,
    kind: 'attestation',
    name,
    predicateType,
    which: 'all',
    ...signers,
    ...(conditions.length === 0 ? {} : { condition: kyvernoCondition(conditions, translation.style) }),
  });
  if (attestors.length > 0) {
    return attestors.map((set, at) => {
      const own = `${label}.attestors[${at}]`;
      return ruleOf(own, signerSetOf(set, placeOf(set, own, [...path, 'attestors', at]), translation));
    });
  }
  if (!translation.style.anyIdentity) {
    const sentence =
      'has no attestors, so that a statement of anybody would do; write whose count, as in attestors of the entry';
    translation.mistakes.push({ path, sentence });
  }
  return [ruleOf(label, anybody(label, translation))];
}

function anybody(label: string, { signers, style, type }: Translation): SignerSet {
  const name = `${label}.anybody`;
  signers.push({
    name,
    keys: [],
    identities: [{}],
    layouts: layoutsOf(type, style.oneLayout),
    trust: { log: 'required', certificateLog: 'ignored' },
  });
  return { signers: [name], atLeast: 1 };
}

function nameStatement(
  { name }: KyvernoAttestation,
  rule: AttestationRule | undefined,
  path: ConfigPath,
  statements: Record<string, NamedStatement>,
  { mistakes }: Translation,
): void {
  const own = given(name);
  if (own === undefined || rule === undefined) return;
  if (Object.hasOwn(statements, own)) {
    mistakes.push({ path: [...path, 'name'], sentence: `is "${printable(own)}", which another attestation has too` });
  }
  if (!statementName.test(own)) {
    mistakes.push({ path: [...path, 'name'], sentence: 'is no name for a variable; write letters, digits, _ and -' });
    return;
  }
  const { predicateType, signers, atLeast, distinct } = rule;
  statements[own] = { predicateType, signers, atLeast, ...(distinct === undefined ? {} : { distinct }) };
}

/** A policy that asks for digests too. @param pin whether a gate that can puts them in */
export function withDigests(policy: Policy, pin: boolean, required: boolean): Policy {
  if (!pin && !required) return policy;
  return { ...policy, rules: [...policy.rules, { ...base, kind: 'digest', name: digestRule, pin, required }] };
}

/** What is looked at besides the image and its statements: texts with variables. */
export function conditionTexts({ attestations = [], validate }: KyvernoVerification): JsonValue {
  const blocks = [
    ...attestations.flatMap(({ conditions = [] }) => conditions),
    ...blocksOf(validate?.deny?.conditions ?? []),
  ];
  return blocks as unknown as JsonValue;
}
