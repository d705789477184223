import type { CompiledPolicy } from './compile.ts';
import { type EvidenceKind, evidenceKinds, type Subject } from './evidence.ts';
import type { Rule } from './model.ts';
import { signerNamesOf } from './rule/signer-set/names.ts';

/** What the rules that cover a subject need to know, so that a gate gathers that and no more. */
export interface Requirements {
  readonly kinds: ReadonlySet<EvidenceKind>;
  /** Signers whose signatures of the image are looked for, in order. */
  readonly signers: readonly string[];
  /** Signers whose signatures of bills of materials are looked for, in order. */
  readonly sbomSigners: readonly string[];
  /** Predicate types, in order, each with the signers whose statements are looked for. */
  readonly attestations: readonly AttestationRequirement[];
}

/** Statements that are looked for. */
export interface AttestationRequirement {
  readonly predicateType: string;
  readonly signers: readonly string[];
}

/** What is needed to judge a subject. Exceptions change nothing here: they end. */
export function requirementsOf({ rules }: CompiledPolicy, subject: Subject): Requirements {
  const kinds = new Set<EvidenceKind>();
  const signers = new Set<string>();
  const sbomSigners = new Set<string>();
  const attestations = new Map<string, Set<string>>();
  for (const { rule, covers } of rules) {
    if (subject.kind !== 'image' || !covers(subject)) continue;
    for (const kind of kindsOf(rule)) kinds.add(kind);
    if (rule.kind === 'signatures') addAll(signers, signerNamesOf(rule));
    else if (rule.kind === 'sbom') addAll(sbomSigners, rule.signers ?? []);
    else if (rule.kind === 'attestation') {
      const of = attestations.get(rule.predicateType) ?? new Set();
      addAll(of, signerNamesOf(rule));
      attestations.set(rule.predicateType, of);
    }
  }
  return {
    kinds: new Set(evidenceKinds.filter((kind) => kinds.has(kind))),
    signers: [...signers].sort(),
    sbomSigners: [...sbomSigners].sort(),
    attestations: [...attestations.keys()].sort().map((predicateType) => ({
      predicateType,
      signers: [...(attestations.get(predicateType) ?? [])].sort(),
    })),
  };
}

function kindsOf(rule: Rule): readonly EvidenceKind[] {
  switch (rule.kind) {
    case 'vulnerabilities':
    case 'endOfLife':
      return ['vulnerabilities'];
    case 'signatures':
      return ['signatures'];
    case 'sbom':
      return ['sbom'];
    case 'attestation':
      return ['attestations'];
    case 'source':
    case 'digest':
    case 'expression':
      return [];
    case 'age':
      return [
        ...(rule.maxSinceCreated === undefined ? [] : (['image'] as const)),
        ...(rule.minSinceFirstSeen === undefined ? [] : (['firstSeen'] as const)),
      ];
    default:
      return ['image'];
  }
}

function addAll(to: Set<string>, names: readonly string[]): void {
  for (const name of names) to.add(name);
}
