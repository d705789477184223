import type { CompiledCondition } from '../condition/model.ts';
import type { EvidenceKind } from '../evidence.ts';
import type { ExpressionRule, Rule, Signer } from '../model.ts';
import { signerNamesOf } from './signer-set/names.ts';

/** What a rule needs to know. */
export interface RuleNeeds {
  readonly kinds: readonly EvidenceKind[];
  /** Whose signatures of the image. */
  readonly signers: readonly string[];
  /** Whose signatures of bills of materials. */
  readonly sbomSigners: readonly string[];
  /** Whose statements. */
  readonly statements: readonly { readonly predicateType: string; readonly signers: readonly string[] }[];
  /** Whether what an image is called tells all: not even its digest is needed. */
  readonly byName: boolean;
}

const nothing: RuleNeeds = { kinds: [], signers: [], sbomSigners: [], statements: [], byName: false };

/** What a rule needs to know. */
export function needsOf(rule: Exclude<Rule, ExpressionRule>): RuleNeeds {
  switch (rule.kind) {
    case 'vulnerabilities':
    case 'endOfLife':
      return { ...nothing, kinds: ['vulnerabilities'] };
    case 'signatures':
      return { ...nothing, kinds: ['signatures'], signers: signerNamesOf(rule) };
    case 'sbom':
      return { ...nothing, kinds: ['sbom'], sbomSigners: rule.signers ?? [] };
    case 'attestation': {
      const { predicateType } = rule;
      return { ...nothing, kinds: ['attestations'], statements: [{ predicateType, signers: signerNamesOf(rule) }] };
    }
    case 'source':
    case 'digest':
      return { ...nothing, byName: true };
    case 'age':
      return {
        ...nothing,
        kinds: [
          ...(rule.maxSinceCreated === undefined ? [] : (['image'] as const)),
          ...(rule.minSinceFirstSeen === undefined ? [] : (['firstSeen'] as const)),
        ],
      };
    default:
      return { ...nothing, kinds: ['image'] };
  }
}

/** What an expression needs to know, by what it uses. */
export function needsOfExpression(
  { condition, statements = {} }: ExpressionRule,
  signers: readonly Signer[],
  { usesOf }: CompiledCondition,
): RuleNeeds {
  const isCel = 'cel' in condition;
  const signed = isCel ? usesOf('signatures') : undefined;
  const stated = isCel ? usesOf('attestations') : 'all';
  const named = Object.entries(statements).filter(
    ([name]) => stated !== undefined && (stated === 'all' || stated.has(name)),
  );
  const subject = isCel ? usesOf('subject') : 'all';
  const plain = (['image', 'vulnerabilities', 'sbom'] as const).filter((kind) => isCel && usesOf(kind) !== undefined);
  return {
    kinds: [
      ...plain,
      ...(signed === undefined ? [] : (['signatures'] as const)),
      ...(named.length === 0 ? [] : (['attestations'] as const)),
    ],
    signers:
      signed === undefined
        ? []
        : signers.map(({ name }) => name).filter((name) => signed === 'all' || signed.has(name)),
    sbomSigners: [],
    statements: named.map(([, each]) => ({ predicateType: each.predicateType, signers: signerNamesOf(each) })),
    byName:
      plain.length + named.length === 0 &&
      signed === undefined &&
      (subject === undefined || (subject !== 'all' && !subject.has('digest') && !subject.has('platform'))),
  };
}
