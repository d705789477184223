import { errorMessage } from '../../base/error.ts';
import { compileCel, type CelCondition } from '../../lang/cel/compile.ts';
import { LangError } from '../../lang/error.ts';
import { PolicyError } from '../error.ts';
import type { AttestationCheck, VerifiedAttestation } from '../evidence.ts';
import type { AttestationRule, StatementCondition } from '../model.ts';
import type { AttestationFact } from '../verdict.ts';
import type { CheckRule } from './check-rule.ts';
import { countSigners, type KnownOf, type SignerJudgement } from './count-signers.ts';
import { memberOf } from './gathered.ts';

/** Compiles a rule about statements. @throws LangError for its condition */
export function compileAttestation(rule: AttestationRule): CheckRule {
  const { predicateType } = rule;
  const condition = rule.condition === undefined ? undefined : compileStatement(rule.condition);
  return ({ evidence }) =>
    countSigners(
      rule,
      memberOf(evidence.attestations, predicateType),
      'attestations',
      (signer, known) => judge(rule, condition, signer, known, evidence.now),
      { predicateType },
    );
}

function compileStatement(condition: StatementCondition): CelCondition {
  if ('cel' in condition) return compileCondition(condition.cel);
  throw new PolicyError('POLICY_INVALID', 'Conditions of Kyverno cannot be used yet; write one in CEL');
}

/** Compiles a condition on a predicate. @throws LangError */
export function compileCondition(text: string): CelCondition {
  return compileCel(text, ['predicate']);
}

function judge(
  { predicateType, maxAge, which }: AttestationRule,
  condition: CelCondition | undefined,
  signer: string,
  known: KnownOf<AttestationCheck>,
  now: number,
): SignerJudgement {
  const fact = (why?: string): AttestationFact => ({
    kind: 'attestation',
    predicateType,
    signer,
    holds: why === undefined,
    ...(why === undefined ? {} : { why }),
  });
  if (known.state === 'absent') return { by: undefined, fact: fact('there is none') };
  const { verified, refused } = known.value;
  if (verified.length === 0) return { by: undefined, fact: fact(refused ?? 'there is none') };
  const fresh = maxAge === undefined ? verified : verified.filter((each) => now < endOf(each, maxAge));
  const changesAt = maxAge === undefined ? [] : verified.map((each) => endOf(each, maxAge)).filter(Number.isFinite);
  if (fresh.length === 0) return { by: undefined, fact: fact('none was signed recently enough'), changesAt };
  const reasons = fresh.map(({ predicate }) => whyNot(condition, predicate));
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
function whyNot(condition: CelCondition | undefined, predicate: unknown): string | undefined {
  try {
    return condition === undefined || condition({ predicate }) ? undefined : 'its condition is not met';
  } catch (error) {
    if (!(error instanceof LangError)) throw error;
    return `its condition is not met: ${errorMessage(error)}`;
  }
}
