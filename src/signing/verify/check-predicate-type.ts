import { isPredicateType } from '../statement/predicate-type.ts';
import type { Statement } from '../statement/statement.ts';
import { VerificationError } from './verification-error.ts';

/**
 * Step 9 of the order of checks: the statement says what was asked for. An image with an SBOM attestation alone is not
 * signed, though cosign 3.1 says so (CVE-2022-35929 is the same confusion among attestations).
 *
 * @throws VerificationError PREDICATE_TYPE_MISMATCH
 */
export function checkPredicateType({ predicateType }: Statement, wanted: string): void {
  if (isPredicateType(predicateType, wanted)) return;
  throw new VerificationError('PREDICATE_TYPE_MISMATCH', 'The statement says something else than what was asked for', {
    check: 'predicate-type',
    found: predicateType,
    wanted,
  });
}
