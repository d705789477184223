import type { AttestationCheck, Evidence, VerifiedAttestation } from '../../evidence.ts';
import type { NamedStatement } from '../../model.ts';
import { countSigners, type KnownOf, type SignerJudgement } from '../count-signers.ts';
import { memberOf } from '../gathered.ts';
import { NotKnown } from './known.ts';

/** The statements that count under a name, in an order of their own: none where too few of the signers made one. @throws NotKnown */
export function namedStatements(
  statement: NamedStatement,
  attestations: Evidence['attestations'],
): readonly VerifiedAttestation[] {
  const { predicateType } = statement;
  const found = new Map<string, VerifiedAttestation>();
  const judge = (signer: string, known: KnownOf<AttestationCheck>): SignerJudgement => {
    const verified = known.state === 'known' ? known.value.verified : [];
    for (const each of verified) found.set(JSON.stringify([each.by, each.signedAt, each.predicate]), each);
    const by = verified.length === 0 ? undefined : [...new Set(verified.map((each) => each.by))].sort();
    return { by, fact: { kind: 'attestation', predicateType, signer, holds: by !== undefined } };
  };
  const { violations, unknown } = countSigners(
    statement,
    memberOf(attestations, predicateType),
    'attestations',
    judge,
    { predicateType },
  );
  if (unknown.length > 0) throw new NotKnown(unknown);
  if (violations.length > 0) return [];
  return [...found.keys()].sort().map((key) => found.get(key) as VerifiedAttestation);
}

/** Statements, as expressions in CEL see them. */
export function statementValues(statements: readonly VerifiedAttestation[]): readonly object[] {
  return statements.map(({ predicate, by, signedAt }) => ({
    predicate,
    by,
    ...(signedAt === undefined ? {} : { signedAt: new Date(signedAt) }),
  }));
}
