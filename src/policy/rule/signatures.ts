import type { SignaturesRule } from '../model.ts';
import type { CheckRule } from './check-rule.ts';
import { countSigners } from './count-signers.ts';

/** Compiles a rule about signatures. */
export function compileSignatures(rule: SignaturesRule): CheckRule {
  return ({ evidence }) =>
    countSigners(rule, evidence.signatures, 'signatures', (signer, gathered) => {
      if (gathered.state === 'absent') {
        return { by: undefined, fact: { kind: 'signature', signer, verified: false, why: 'it has no signature' } };
      }
      const check = gathered.value;
      if (!check.verified)
        return { by: undefined, fact: { kind: 'signature', signer, verified: false, why: check.why } };
      const by = [...new Set(check.by)].sort();
      return { by, fact: { kind: 'signature', signer, verified: true, by } };
    });
}
