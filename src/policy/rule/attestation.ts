import { errorMessage } from '../../base/error.ts';
import { LangError } from '../../lang/error.ts';
import { coarseTime, nextCoarseTime } from '../condition/coarse-time.ts';
import { compileCondition } from '../condition/compile.ts';
import type { CompiledCondition } from '../condition/model.ts';
import type { AttestationCheck, Evidence, VerifiedAttestation } from '../evidence.ts';
import { wantedOf } from '../explain/describe-signer.ts';
import type { AttestationRule, Signer } from '../model.ts';
import type { AttestationFact } from '../verdict.ts';
import type { CheckRule } from './check-rule.ts';
import { countSigners, type KnownOf, type SignerJudgement } from './count-signers.ts';
import { memberOf } from './gathered.ts';

/** What conditions on statements may use. */
export const statementVariables: readonly string[] = ['predicate'];

/** Why a signer does not count where nobody states anything. */
export const noStatement = 'there is none';

/** Compiles a rule about statements. @param signers of the policy @throws LangError for its condition */
export function compileAttestation(rule: AttestationRule, signers: readonly Signer[]): CheckRule {
  const { predicateType } = rule;
  const condition = rule.condition === undefined ? undefined : compileCondition(rule.condition, statementVariables);
  const wanted = wantedOf(rule, signers);
  return ({ evidence }) =>
    countSigners(
      rule,
      memberOf(evidence.attestations, predicateType),
      'attestations',
      (signer, known) => judge(rule, condition, { name: signer, ...wanted(signer) }, known, evidence),
      { predicateType },
    );
}

function judge(
  { predicateType, maxAge, which }: AttestationRule,
  condition: CompiledCondition | undefined,
  { name: signer, wanted }: { readonly name: string; readonly wanted?: string },
  known: KnownOf<AttestationCheck>,
  { now, context }: Evidence,
): SignerJudgement {
  const fact = (why?: string): AttestationFact => ({
    kind: 'attestation',
    predicateType,
    signer,
    holds: why === undefined,
    ...(why === undefined ? {} : { why, ...(wanted === undefined ? {} : { wanted }) }),
  });
  if (known.state === 'absent') return { by: undefined, fact: fact(noStatement) };
  const { verified, refused } = known.value;
  if (verified.length === 0) return { by: undefined, fact: fact(refused ?? noStatement) };
  const fresh = maxAge === undefined ? verified : verified.filter((each) => now < endOf(each, maxAge));
  const changesAt = [
    ...(maxAge === undefined ? [] : verified.map((each) => endOf(each, maxAge)).filter(Number.isFinite)),
    ...(condition?.usesTime === true ? [nextCoarseTime(now)] : []),
  ];
  if (fresh.length === 0) return { by: undefined, fact: fact('none was signed recently enough'), changesAt };
  const input = { now: coarseTime(now), ...(context === undefined ? {} : { context }) };
  const reasons = fresh.map(({ predicate }) => whyNot(condition, { ...input, variables: { predicate } }));
  const good = fresh.filter((_, index) => reasons[index] === undefined);
  if (which === 'all' ? good.length === fresh.length : good.length > 0) {
    return { by: [...new Set(good.map(({ by }) => by))].sort(), fact: fact(), changesAt };
  }
  // The first in order, so that it does not hang on the order in which they were found.
  const [why] = reasons.filter((reason) => reason !== undefined).sort();
  return { by: undefined, fact: fact(why), changesAt };
}

/** When a statement is too old; the beginning of time where nobody vouches for when it was signed. */
function endOf({ signedAt }: VerifiedAttestation, maxAge: number): number {
  return signedAt === undefined ? Number.NEGATIVE_INFINITY : signedAt + maxAge;
}

/** Why a predicate does not meet a condition. One that gives no answer is not met: the statement lacks what it asks for. */
function whyNot(
  condition: CompiledCondition | undefined,
  input: Parameters<CompiledCondition['whyNot']>[0],
): string | undefined {
  try {
    return condition?.whyNot(input);
  } catch (error) {
    if (!(error instanceof LangError)) throw error;
    return `its condition is not met: ${errorMessage(error)}`;
  }
}
