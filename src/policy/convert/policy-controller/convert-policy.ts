import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { NamedStatement, Policy, Rule, RuleAction, RuleScope, Signer } from '../../model.ts';
import { type CompiledAuthority, compileAuthority } from '../../policy-controller/authority/compile-authority.ts';
import type { Translation } from '../../policy-controller/authority/translation.ts';
import type { ClusterImagePolicy, MatchResource } from '../../policy-controller/document/cluster-image-policy/model.ts';
import { usualPolicyController } from '../../policy-controller/settings.ts';
import type { TrustMaterial } from '../../policy-controller/trust/trust-root.ts';
import { resourceNameOf } from '../../resource/resource-name.ts';
import type { ClusterMatch } from '../../seaworthy/model.ts';
import { kindNames, kindOfName } from '../../seaworthy/workload-kinds.ts';
import type { ConvertedDocument, ImagePolicyDraft } from '../model.ts';
import { UniqueNames } from '../../unique-names.ts';
import { scopeOfGlobs } from './globs.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** Converts a policy of policy-controller: one of its authorities is enough, and what it is about is named by its digest. */
export function convertClusterImagePolicy(
  { metadata, spec }: ClusterImagePolicy,
  trustRoots: ReadonlyMap<string, TrustMaterial>,
): ConvertedDocument {
  const unsaid: Finding[] = [];
  const tell: Tell = (path, sentence) => void unsaid.push({ path, sentence });
  const translation: Translation = { settings: usualPolicyController, trustRoots, findings: unsaid };
  const authorities = (spec.authorities ?? []).flatMap(
    (each, at) => compileAuthority(each, at, ['spec', 'authorities', at], translation) ?? [],
  );
  if (spec.policy !== undefined) {
    tell(['spec', 'policy'], `is in ${spec.policy.type}, which nothing here carries out; write rules in CEL`);
  }
  for (const [at, each] of authorities.entries()) {
    if (each.kind !== 'signed' || each.pullSecrets.length === 0) continue;
    tell(
      ['spec', 'authorities', at, 'source'],
      'has secrets of the object’s namespace, where credentials are a setting of the gate here',
    );
  }
  const action: RuleAction = spec.mode === 'warn' ? 'warn' : 'deny';
  const { rules, signers } = rulesOf(authorities, metadata.name);
  const policy: Policy = {
    rules: [...rules, digestRule].map((rule): Rule => ({ ...rule, action })),
    signers,
    exceptions: [],
    unknown: 'deny',
  };
  const scope: RuleScope = { ...scopeOfGlobs(spec.images, tell), gates: ['ci', 'admission', 'audit'] };
  const match = matchOf(spec.match ?? [], tell);
  const draft: ImagePolicyDraft = { name: metadata.name, match: match ?? {}, scope, policy };
  return { drafts: match === undefined ? [] : [draft], unsaid, notes: [] };
}

const base = { name: '', action: 'deny' } as const;

/** Whatever a policy is about is named by its digest. */
const digestRule: Rule = { ...base, kind: 'digest', pin: true, required: true };

/** Nothing at all passes. */
const nothing: Rule = { ...base, kind: 'source', deny: ['**'] };

function rulesOf(
  authorities: readonly CompiledAuthority[],
  policy: string,
): { readonly rules: readonly Rule[]; readonly signers: readonly Signer[] } {
  const statics = authorities.filter((each) => each.kind === 'static');
  const signed = authorities.filter((each) => each.kind === 'signed');
  if (statics.some((each) => each.action === 'pass')) return { rules: [], signers: [] };
  if (signed.length === 0) return { rules: [nothing], signers: [] };
  const names = new UniqueNames();
  const named = signed.map(({ signers, ...rest }) => ({
    ...rest,
    signers: signers.map((signer) => ({ ...signer, name: names.take(`${policy}-${plainName(signer.name)}`) })),
  }));
  const signers = named.flatMap((each) => each.signers);
  const namesOf = (list: readonly Signer[]): readonly string[] => list.map(({ name }) => name);
  if (named.every(({ statements }) => statements.length === 0)) {
    return { rules: [{ ...base, kind: 'signatures', signers: namesOf(signers), atLeast: 1 }], signers };
  }
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) {
    const rules = only.statements.map(({ predicateType }): Rule => ({
      ...base,
      kind: 'attestation',
      predicateType,
      signers: namesOf(signers),
      atLeast: 1,
    }));
    return { rules, signers };
  }
  return { rules: [eitherOf(named)], signers };
}

type NamedAuthority = Extract<CompiledAuthority, { readonly kind: 'signed' }>;

/** One authority is enough, some of which ask for several statements: only an expression says that. */
function eitherOf(authorities: readonly NamedAuthority[]): Rule {
  const names = new UniqueNames();
  const statements: Record<string, NamedStatement> = {};
  const conditions = authorities.map((authority) => {
    const signers = authority.signers.map(({ name }) => name);
    if (authority.statements.length === 0) {
      return signers.map((name) => `signatures[${JSON.stringify(name)}].verified`).join(' || ');
    }
    return authority.statements
      .map(({ name, predicateType }) => {
        const own = names.take(`${authority.name}_${name}`.replaceAll(/\W/g, '_').replace(/^\d/, '_$&').slice(0, 50));
        statements[own] = { predicateType, signers, atLeast: 1 };
        return `attestations.${own}.size() > 0`;
      })
      .join(' && ');
  });
  return {
    ...base,
    kind: 'expression',
    condition: { cel: conditions.map((each) => `(${each})`).join(' || ') },
    message: 'none of its authorities is satisfied',
    ...(Object.keys(statements).length === 0 ? {} : { statements }),
  };
}

function plainName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N} ._:/-]+/gu, '');
}

/** All kinds that one of the resources is of; undefined where it is of none. */
function matchOf(matches: readonly MatchResource[], tell: Tell): ClusterMatch | undefined {
  if (matches.length === 0) return {};
  const found = new Set<string>();
  for (const [at, { group = '', version = '', resource = '', selector }] of matches.entries()) {
    const path: ConfigPath = ['spec', 'match', at];
    if (selector !== undefined) {
      tell(
        [...path, 'selector'],
        'is about what users write at their own objects, which an ImagePolicy does not go by',
      );
    }
    const own = kindNames.filter((name) => {
      const kind = kindOfName(name);
      return isOf(group, kind.group) && isOf(version, kind.version) && isOf(resource, resourceNameOf({ kind: name }));
    });
    if (own.length === 0) tell(path, 'is about no kind that runs images here');
    for (const kind of own) found.add(kind);
  }
  const kinds = kindNames.filter((kind) => found.has(kind));
  if (kinds.length === 0) return undefined;
  return kinds.length === kindNames.length ? {} : { kinds };
}

function isOf(wanted: string, found: string): boolean {
  return wanted === '' || wanted.toLowerCase() === found.toLowerCase();
}
