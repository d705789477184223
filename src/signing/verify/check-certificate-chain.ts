import type { Certificate } from '../certificate/certificate.ts';
import { formatTime, nameOf } from '../certificate/chain-rules.ts';
import { findChain, type VerifiedChain } from '../certificate/find-chain.ts';
import type { KnownSignatures } from '../certificate/known-signatures.ts';
import type { Authority } from '../trust/trust-material.ts';
import { VerificationError } from './verification-error.ts';

/** A signer's certificate, and whom to trust. */
export interface CertificateChainInput {
  readonly leaf: Certificate;
  /** What came with the signature besides; trusted never for being there. */
  readonly intermediates: readonly Certificate[];
  readonly authorities: readonly Authority[];
  /** Every time at which the signature is proven to have existed; now, where nothing proves one and that is allowed. */
  readonly times: readonly Date[];
  /** One for all verifications with the same authorities saves half the work. */
  readonly known?: KnownSignatures;
}

/**
 * Step 5 of a verification: the signer's certificate leads to a trusted authority, by one chain that held at every time
 * at which the signature existed, for signing code (RFC 5280, section 6; sigstore's client specification, "Certificate").
 *
 * @throws VerificationError
 */
export function checkCertificateChain(input: CertificateChainInput): VerifiedChain {
  const result = findChain({ ...input, purpose: 'code-signing' });
  if ('chain' in result) return result.chain;
  const { code, message, found, wanted, cause } = result.failure;
  throw new VerificationError(
    code,
    message,
    {
      check: 'certificate-chain',
      ...(found === undefined ? {} : { found }),
      ...(wanted === undefined ? {} : { wanted }),
    },
    { cause },
  );
}

/**
 * In place of step 5 where the user names the very certificate: it is that one, byte by byte.
 *
 * @throws VerificationError CERTIFICATE_UNTRUSTED
 */
export function checkPinned(leaf: Certificate, pinned: Certificate): void {
  if (leaf.der.equals(pinned.der)) return;
  throw new VerificationError(
    'CERTIFICATE_UNTRUSTED',
    'The signature was made with another certificate than was named',
    {
      check: 'certificate-chain',
      found: nameOf(leaf),
      wanted: nameOf(pinned),
    },
  );
}

/** That a certificate which needs nobody to vouch for it was valid at every time. @throws VerificationError NOT_VALID_THEN */
export function checkValidity(leaf: Certificate, times: readonly Date[]): void {
  const outside = times.find((time) => !(leaf.notBefore <= time && time <= leaf.notAfter));
  if (outside === undefined && times.length > 0) return;
  throw new VerificationError(
    'NOT_VALID_THEN',
    `The certificate ${nameOf(leaf)} was not valid when the signature was made`,
    {
      check: 'certificate-chain',
      found: outside === undefined ? 'no proven time' : formatTime(outside),
      wanted: `${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()}`,
    },
  );
}

/**
 * Authorities of a user's own: each root is one, with all intermediates as hints, and trusted from the beginning of time,
 * since only the certificates themselves say until when.
 */
export function buildOwnAuthorities(
  uri: string,
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
): Authority[] {
  return roots.map((root) => ({ uri, certificates: [...intermediates, root], window: { start: new Date(0) } }));
}
