import { wantedOf } from '../explain/describe-signer.ts';
import type { Signer, SignaturesRule } from '../model.ts';
import type { CheckRule } from './check-rule.ts';
import { countSigners, type SignerJudgement } from './count-signers.ts';

/** Why a signer does not count where nobody signed. */
export const noSignature = 'it has no signature';

/** Compiles a rule about signatures. @param signers of the policy */
export function compileSignatures(rule: SignaturesRule, signers: readonly Signer[]): CheckRule {
  const wanted = wantedOf(rule, signers);
  const refuse = (signer: string, why: string): SignerJudgement => ({
    by: undefined,
    fact: { kind: 'signature', signer, verified: false, ...wanted(signer), why },
  });
  return ({ evidence }) =>
    countSigners(rule, evidence.signatures, 'signatures', (signer, gathered) => {
      if (gathered.state === 'absent') return refuse(signer, noSignature);
      const check = gathered.value;
      if (!check.verified) return refuse(signer, check.why);
      const by = [...new Set(check.by)].sort();
      return { by, fact: { kind: 'signature', signer, verified: true, by } };
    });
}
