import { formatPem } from '../../codec/pem/pem.ts';
import type { VerificationKey } from './verification-key.ts';

/** Writes a public key as PEM `PUBLIC KEY` (RFC 7468, section 13), as cosign keeps it in `cosign.pub`. */
export function formatPublicKey({ spki }: Pick<VerificationKey, 'spki'>): string {
  return formatPem({ label: 'PUBLIC KEY', bytes: spki });
}
