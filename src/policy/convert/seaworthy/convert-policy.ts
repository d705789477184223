import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { Policy, PolicyException, Rule, RuleScope, Signer } from '../../model.ts';
import { signerNamesOf } from '../../rule/signer-set/names.ts';
import type { ConvertedDocument, ImagePolicyDraft } from '../model.ts';
import { UniqueNames } from '../../unique-names.ts';
import { singleKinds } from '../write/image-policy.ts';

/** Rules that are about the same images, of which a document can hold all. */
interface Group {
  readonly scope: RuleScope;
  readonly rules: Rule[];
}

/**
 * Converts a policy of the older form: a policy for each choice of images, which all keep what is said of signers and exceptions together. Its
 * rules are told as `POLICY/RULE` from then on, and exceptions name them so.
 *
 * @param name of the first of them
 */
export function convertOlderPolicy(policy: Policy, name: string): ConvertedDocument {
  const groups = groupsOf(policy.rules);
  const names = new UniqueNames();
  const named = groups.map((group) => ({ ...group, name: names.take(name.toLowerCase()) }));
  const whole = new Map(named.flatMap((group) => group.rules.map((rule) => [rule.name, `${group.name}/${rule.name}`])));
  const unsaid: Finding[] = [...whole].flatMap(([rule, full]) => {
    if (full.length <= 100) return [];
    const index = policy.rules.findIndex((each) => each.name === rule);
    return [
      { path: ['rules', index, 'name'], sentence: `would be told as ${full}, which is too long a name; shorten it` },
    ];
  });
  const exceptions = policy.exceptions.map((exception): PolicyException =>
    exception.rules === undefined
      ? exception
      : { ...exception, rules: exception.rules.map((rule) => whole.get(rule) ?? rule) },
  );
  const owners = ownersOf(policy.signers, named);
  const drafts = (named.length > 0 ? named : [{ name: names.take(name.toLowerCase()), scope: {}, rules: [] }]).map(
    (group, at): ImagePolicyDraft => ({
      name: group.name,
      match: {},
      scope: group.scope,
      policy: {
        ...policy,
        rules: group.rules,
        // What is said of all together is said once.
        signers: policy.signers.filter((signer) => (owners.get(signer.name) ?? 0) === at),
        exceptions: at === 0 ? exceptions : [],
      },
    }),
  );
  const note = 'is told as POLICY/RULE, to registries and pipelines too';
  return { drafts, unsaid, notes: policy.rules.length === 0 ? [] : [{ path: ['rules'], sentence: note }] };
}

function groupsOf(rules: readonly Rule[]): readonly Group[] {
  const groups: (Group & { readonly key: string })[] = [];
  for (const { match = {}, ...rule } of rules) {
    const key = JSON.stringify(match);
    const isFull = ({ rules: own }: Group): boolean =>
      singleKinds.has(rule.kind) && own.some(({ kind }) => kind === rule.kind);
    const known = groups.find((group) => group.key === key && !isFull(group));
    if (known === undefined) groups.push({ key, scope: match, rules: [rule] });
    else known.rules.push(rule);
  }
  return groups;
}

/** The first group that names each signer, which gives it to all. */
function ownersOf(signers: readonly Signer[], groups: readonly Group[]): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const { name } of signers) {
    const at = groups.findIndex(({ rules }) => rules.some((rule) => namesOf(rule).includes(name)));
    owners.set(name, Math.max(at, 0));
  }
  return owners;
}

function namesOf(rule: Rule): readonly string[] {
  if (rule.kind === 'signatures' || rule.kind === 'attestation') return signerNamesOf(rule);
  return rule.kind === 'sbom' ? (rule.signers ?? []) : [];
}
