import type { CompiledPolicy } from './compile.ts';
import { type EvidenceKind, evidenceKinds, type Subject } from './evidence.ts';

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
  const needs = rules.flatMap((rule) => (subject.kind === 'image' && rule.covers(subject) ? [rule.needs] : []));
  const kinds = new Set(needs.flatMap((each) => each.kinds));
  const statements = needs.flatMap((each) => each.statements);
  return {
    kinds: new Set(evidenceKinds.filter((kind) => kinds.has(kind))),
    signers: inOrder(needs.flatMap(({ signers }) => signers)),
    sbomSigners: inOrder(needs.flatMap(({ sbomSigners }) => sbomSigners)),
    attestations: inOrder(statements.map(({ predicateType }) => predicateType)).map((predicateType) => ({
      predicateType,
      signers: inOrder(statements.flatMap((each) => (each.predicateType === predicateType ? each.signers : []))),
    })),
  };
}

function inOrder(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
