import { CodecError } from '../../codec/error.ts';
import { readOid } from '../../codec/der/primitives.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { nameOf } from '../certificate/chain-rules.ts';
import { VerificationError } from '../verify/verification-error.ts';

/** Where certificates say how to ask whether they were revoked (RFC 5280, 4.2.1.13 and 4.2.2.1). */
const extensionOid = { revocationLists: '2.5.29.31', authorityAccess: '1.3.6.1.5.5.7.1.1' } as const;

/** RFC 6960, 3.1: the access method of a responder. */
const responder = '1.3.6.1.5.5.7.48.1';

/**
 * "Certificate Revocation Evaluation" (trust-store-trust-policy.md), without asking anybody: a certificate that names neither
 * a responder nor a list "is considered valid"; of one that does the "revocation status cannot be determined", which fails.
 * The root, which nobody can revoke but itself, is not asked about.
 *
 * @param chains of the signer and, where there is one, of the timestamp, each with its root last
 * @throws VerificationError REVOCATION_UNKNOWN
 */
export function checkRevocation(chains: readonly (readonly Certificate[])[]): void {
  for (const certificate of chains.flatMap((chain) => chain.slice(0, -1))) {
    const found = wayOf(certificate);
    if (found === undefined) continue;
    const message = `Whether the certificate ${nameOf(certificate)} was revoked is not known: seaworthy asks no authority`;
    throw new VerificationError('REVOCATION_UNKNOWN', message, {
      check: 'revocation',
      found,
      wanted:
        'a certificate that cannot be revoked, or "override": { "revocation": "log" } or "skip" in the trust policy',
    });
  }
}

/** How one might find out; what cannot be read might be a way as well. */
function wayOf({ extensions }: Certificate): string | undefined {
  if (extensions.has(extensionOid.revocationLists)) return 'the address of a revocation list';
  const access = extensions.get(extensionOid.authorityAccess)?.value;
  if (access === undefined) return undefined;
  try {
    const methods = readSequence(readDer(access)).map((description) => readOid(readSequence(description)[0]));
    return methods.includes(responder) ? 'the address of an OCSP responder' : undefined;
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    return 'addresses of its authority that cannot be read';
  }
}
