import { readFulcioExtensions, type FulcioClaims } from '../certificate/fulcio-extensions.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { GeneralName } from '../certificate/general-name.ts';
import { readSubjectAlternativeNames } from '../certificate/subject-alternative-names.ts';
import { CodecError } from '../../codec/error.ts';
import type { CertificatePolicy } from './policy.ts';
import { VerificationError } from './verification-error.ts';

/** Who signed, as the certificate says and the policy accepted. */
export interface SignerIdentity {
  /** The name that matched. */
  readonly subject: string;
  /** Absent where the user's own authority issued the certificate without naming one. */
  readonly issuer?: string;
  readonly claims: FulcioClaims;
}

/**
 * Step 9 of the order of checks: issuer (extension .8, else .1) and one of the subject's names must match one accepted
 * identity together, and every claim that was asked for must be there (CVE-2026-48815, CVE-2025-29778: a field of a
 * policy that is dropped in silence lets everybody in).
 *
 * @throws VerificationError IDENTITY_MISMATCH
 */
export function checkIdentity(leaf: Certificate, policy: CertificatePolicy): SignerIdentity {
  const { names, claims } = read(leaf);
  const { issuer } = claims;
  const identity = accepted(names, issuer, policy);
  if (identity === undefined) {
    const found = `${names.map(({ value }) => value).join(', ') || 'no name'} from ${issuer ?? 'no issuer'}`;
    throw mismatch('The certificate names somebody else than who was asked for', found, wantedIdentities(policy));
  }
  for (const { claim, value } of policy.claims) {
    const found = claims[claim];
    if (found !== value) throw mismatch(`The certificate's ${claim} is another`, found ?? 'none', value);
  }
  return { subject: identity, ...(issuer === undefined ? {} : { issuer }), claims };
}

function read(leaf: Certificate): { readonly names: readonly GeneralName[]; readonly claims: FulcioClaims } {
  try {
    return { names: readSubjectAlternativeNames(leaf), claims: readFulcioExtensions(leaf).claims };
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const message = `The certificate's names cannot be read: ${cause.message}`;
    throw new VerificationError('CERTIFICATE_MALFORMED', message, { check: 'identity' }, { cause });
  }
}

function accepted(
  names: readonly GeneralName[],
  issuer: string | undefined,
  { identities }: CertificatePolicy,
): string | undefined {
  for (const identity of identities) {
    if (identity.issuer !== undefined && (issuer === undefined || !identity.issuer.matches(issuer))) continue;
    const name = names.find(({ value }) => identity.subject.matches(value));
    if (name !== undefined) return name.value;
  }
  return undefined;
}

function wantedIdentities({ identities }: CertificatePolicy): string {
  return identities
    .map(({ subject, issuer }) => `${subject.wanted}${issuer === undefined ? '' : ` from ${issuer.wanted}`}`)
    .join(', or ');
}

function mismatch(message: string, found: string, wanted: string): VerificationError {
  return new VerificationError('IDENTITY_MISMATCH', message, { check: 'identity', found, wanted });
}
