import type { SignedEntity } from '../entity.ts';
import { signingLimits } from '../limits.ts';
import type { VerificationPolicy } from './policy.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

/**
 * Step 1 of the order of checks: no more of anything than honest signatures have, and the kind of signer that is wanted.
 * A certificate where a key was asked for, or the reverse, never counts (GHSA-fx35-mq7g-6g98).
 *
 * @throws VerificationError
 */
export function checkShape(entity: SignedEntity, { signer }: Pick<VerificationPolicy, 'signer'>): void {
  const { material, logEntries, timestamps } = entity;
  atMost(logEntries.length, signingLimits.logEntries, 'log entries');
  atMost(timestamps.length, signingLimits.timestamps, 'timestamps');
  if (material.kind === 'certificate') {
    atMost(material.certificates.length, signingLimits.chain, 'certificates');
    if (material.certificates.length === 0) throw refuse('SIGNATURE_MALFORMED', 'The signature has an empty chain');
    if (signer.kind === 'key') {
      throw new VerificationError(
        'SIGNER_KIND',
        'The signature was made with a certificate, but a key was asked for; name who signed with --certificate-identity',
        { check: 'key', found: 'a certificate', wanted: describeKeys(signer.keys) },
      );
    }
  } else if (signer.kind === 'certificate' && signer.leaf === undefined) {
    throw new VerificationError(
      'SIGNER_KIND',
      'The signature was made with a key and carries no certificate; name the key with --key',
      { check: 'key', found: 'a bare key', wanted: 'a certificate' },
    );
  }
}

/** The keys that would have done, for people. */
export function describeKeys(keys: readonly { readonly name: string }[]): string {
  return keys.length === 1
    ? `the key ${keys[0]?.name ?? ''}`
    : `one of the keys ${keys.map(({ name }) => name).join(', ')}`;
}

function atMost(count: number, most: number, what: string): void {
  if (count <= most) return;
  throw refuse('SIGNATURE_TOO_LARGE', `The signature has ${count} ${what}, more than ${most}`);
}

function refuse(code: VerificationErrorCode, message: string): VerificationError {
  return new VerificationError(code, message, { check: 'shape' });
}
