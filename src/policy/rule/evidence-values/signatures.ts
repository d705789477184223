import type { Evidence } from '../../evidence.ts';
import { memberOf } from '../gathered.ts';
import { knownValue } from './known.ts';
import { lazyRecord } from './lazy.ts';

/** Signatures by the names of signers, as expressions see them. */
export function signaturesValue(
  signatures: Evidence['signatures'],
  signers: readonly string[],
): Readonly<Record<string, unknown>> {
  const members = signers.map((signer) => {
    const compute = (): unknown => {
      const check = knownValue(memberOf(signatures, signer), 'signatures', { signer });
      if (check === undefined) return { verified: false, by: [], why: 'it has no signature' };
      return check.verified
        ? { verified: true, by: [...new Set(check.by)].sort(), why: '' }
        : { verified: false, by: [], why: check.why };
    };
    return [signer, compute] as const;
  });
  return lazyRecord(Object.fromEntries(members));
}
