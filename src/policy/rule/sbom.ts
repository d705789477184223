import type { Gathered, SbomFacts } from '../evidence.ts';
import type { SbomRule } from '../model.ts';
import type { SbomFact, UnknownFact } from '../verdict.ts';
import { assess, type CheckRule } from './check-rule.ts';
import { memberOf, unknownOf } from './gathered.ts';

/** Compiles a rule about bills of materials. */
export function compileSbom({ signers, formats }: SbomRule): CheckRule {
  const names = signers === undefined ? undefined : [...new Set(signers)].sort();
  return ({ evidence: { sbom } }) => {
    const missing = unknownOf(sbom, 'sbom');
    if (missing !== undefined) return assess({ unknown: [missing] });
    const known = sbom as Extract<Gathered<readonly SbomFacts[]>, { state: 'known' | 'absent' }>;
    if (known.state === 'absent' || known.value.length === 0) {
      return assess({ violations: [{ kind: 'missing', what: 'sbom' }] });
    }
    const unknown = new Map<string, UnknownFact>();
    const facts = known.value.map((document): SbomFact => {
      const { format, digest } = document;
      if (formats !== undefined && !formats.includes(format)) return refuse(document, 'its format is another');
      if (names === undefined) return { kind: 'sbom', accepted: true, format, digest };
      const { signer, undecided } = findSigner(names, document);
      if (signer !== undefined) return { kind: 'sbom', accepted: true, format, digest };
      for (const fact of undecided) unknown.set(JSON.stringify(fact), fact);
      return refuse(document, 'nobody signed it who may');
    });
    facts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const accepted = facts.filter((fact) => fact.accepted);
    if (accepted.length > 0) return assess({ support: accepted });
    if (unknown.size === 0) return assess({ violations: facts });
    return assess({ unknown: [...unknown.keys()].sort().map((key) => unknown.get(key) as UnknownFact) });
  };
}

function refuse({ format, digest }: SbomFacts, why: string): SbomFact {
  return { kind: 'sbom', accepted: false, format, digest, why };
}

function findSigner(
  names: readonly string[],
  { signatures }: SbomFacts,
): { readonly signer: string | undefined; readonly undecided: readonly UnknownFact[] } {
  const undecided: UnknownFact[] = [];
  for (const signer of names) {
    const check = memberOf(signatures, signer);
    const missing = unknownOf(check, 'sbom', { signer });
    if (missing !== undefined) undecided.push(missing);
    else if (check?.state === 'known' && check.value.verified) return { signer, undecided: [] };
  }
  return { signer: undefined, undecided };
}
