import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoRule } from '../../kyverno/document/policy/model.ts';
import type { KyvernoVerification } from '../../kyverno/document/verification/model.ts';
import type { KyvernoStyle } from '../../kyverno/style.ts';
import { pathsInConditions } from '../../kyverno/verify/condition-context.ts';
import { usualNames } from '../../kyverno/verify/compile-verification.ts';
import { foldOldForms } from '../../kyverno/verify/fold-old-forms.ts';
import { imagePolicyOf } from '../../kyverno/verify/image-policy.ts';
import { openTemplateOf } from '../../kyverno/verify/resolve-variables.ts';
import { given, type Translation } from '../../kyverno/verify/translation.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { DigestRule, Policy, Rule, RuleScope } from '../../model.ts';
import { scopeOfWildcards } from '../patterns.ts';

/** What an entry of `verifyImages` asks of images, in parts that are about different images. */
export interface EntryPart {
  readonly scope: RuleScope;
  readonly policy: Policy;
}

type Tell = (path: ConfigPath, sentence: string) => void;

/** What an entry is converted with. */
export interface EntryConversion {
  readonly rule: KyvernoRule;
  readonly path: ConfigPath;
  readonly style: KyvernoStyle;
  /** What becomes of objects that break the rule. */
  readonly action: 'deny' | 'audit';
  readonly tell: Tell;
  readonly note: Tell;
}

/** What an entry asks of images, as policies about images. What they cannot say is told. */
export function entryParts(written: KyvernoVerification, conversion: EntryConversion): readonly EntryPart[] {
  const { path, style, action, tell, note } = conversion;
  const folded = foldOldForms(written, path);
  const { entry } = folded;
  refuse(entry, conversion);
  const open = openTemplateOf(entry);
  if (open !== undefined) {
    const shown = JSON.stringify(open.trim().slice(0, 60));
    const instead = 'write it out, or go on with the policy in this form, which is read as it is';
    tell(path, `has variables in ${shown}, whose values an ImagePolicy cannot have; ${instead}`);
    return [];
  }
  const mistakes: Finding[] = [];
  const { type = 'Cosign', repository } = entry;
  const translation: Translation = {
    style,
    type,
    repository: given(repository),
    isResolved: true,
    signers: [],
    mistakes,
  };
  const { rules, ...rest } = imagePolicyOf(folded, path, translation);
  const policy: Policy = { ...rest, rules: rules.flatMap((rule) => kept(rule, entry, conversion)) };
  const { imageReferences = [], skipImageReferences = [], mutateDigest, verifyDigest = true, failureAction } = entry;
  checkPatterns([...imageReferences, ...skipImageReferences], path, tell);
  const own = failureAction === undefined ? action : failureAction.toLowerCase() === 'enforce' ? 'deny' : 'audit';
  const digest = digestRules(mutateDigest ?? own === 'deny', verifyDigest);
  const about = scopeOfWildcards(imageReferences);
  if (skipImageReferences.length === 0)
    return partsOf([{ scope: about, policy: { ...policy, rules: [...policy.rules, ...digest] } }]);
  // Of images that are passed over, digests are asked for all the same.
  if (digest.some(({ pin }) => pin))
    note([...path, 'skipImageReferences'], 'pass over images whose digests are put in all the same here');
  return partsOf([
    { scope: scopeOfWildcards(imageReferences, skipImageReferences), policy },
    { scope: about, policy: { ...policy, signers: [], rules: digest } },
  ]);
}

function partsOf(parts: readonly EntryPart[]): readonly EntryPart[] {
  return parts.filter(({ policy }) => policy.rules.length > 0);
}

function digestRules(pin: boolean, required: boolean): readonly DigestRule[] {
  return pin || required ? [{ kind: 'digest', name: '', action: 'deny', pin, required }] : [];
}

function refuse(entry: KyvernoVerification, { path, tell }: EntryConversion): void {
  const { imageRegistryCredentials = {}, attestors = [], attestations = [], required = true, useCache = true } = entry;
  if (!useCache) tell([...path, 'useCache'], 'wants every image verified anew each time, which an ImagePolicy cannot');
  for (const [name, value] of Object.entries(imageRegistryCredentials)) {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    tell(
      [...path, 'imageRegistryCredentials', name],
      'is about how registries are reached, which is a setting of the gate here',
    );
  }
  if (attestors.length + attestations.length === 0 && required) {
    tell(
      path,
      'has nothing to verify images by and wants them verified, which none is; write attestors, or required: false',
    );
  }
}

/** A rule under the name that the document gives it, if all that it goes by is there. */
function kept(rule: Rule, entry: KyvernoVerification, { rule: written, path, tell }: EntryConversion): readonly Rule[] {
  const contextNames = new Set([...usualNames, ...(written.context ?? []).map(({ name }) => name)]);
  const condition = 'condition' in rule ? rule.condition : undefined;
  if (condition !== undefined && 'kyverno' in condition) {
    const statements = rule.kind === 'expression' ? Object.keys(rule.statements ?? {}) : [];
    const used = pathsInConditions(condition.kyverno as unknown as JsonValue);
    const wrong = used.find(
      ([first]) => first === undefined || (contextNames.has(first) && !statements.includes(first)),
    );
    if (wrong !== undefined) {
      const what = wrong[0] ?? 'everything around the image';
      tell([...path, ...conditionPlace(rule, entry)], `goes by ${what}, of which an ImagePolicy knows nothing`);
      return [];
    }
  }
  const message = given(entry.validate?.message);
  if (rule.kind !== 'expression' || message === undefined) return [{ ...rule, name: '' }];
  if (message.includes('{{')) {
    const sentence = 'has variables, which messages of an ImagePolicy have not; write a plain sentence';
    tell([...path, 'validate', 'message'], sentence);
    return [{ ...rule, name: '' }];
  }
  return [{ ...rule, name: '', message: message.trim().replaceAll(/\s+/g, ' ') }];
}

function conditionPlace(rule: Rule, { attestations = [] }: KyvernoVerification): ConfigPath {
  if (rule.kind !== 'attestation') return ['validate'];
  const at = /^\.attestations\[(\d+)\]/.exec(rule.name)?.[1];
  return attestations.length === 0 || at === undefined ? ['attestations'] : ['attestations', Number(at), 'conditions'];
}

/** Hosts have small letters in names that are made whole. */
function checkPatterns(patterns: readonly string[], path: ConfigPath, tell: Tell): void {
  for (const pattern of patterns) {
    const slash = pattern.indexOf('/');
    if (slash < 0 || !/[A-Z]/.test(pattern.slice(0, slash))) continue;
    tell(
      path,
      `has the pattern ${JSON.stringify(pattern.slice(0, 100))}, whose host has capitals; write small letters`,
    );
  }
}
