import { nameOf } from '../certificate/chain-rules.ts';
import { claimOf, readFulcioExtensions, type FulcioClaims } from '../certificate/fulcio-extensions.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { GeneralName } from '../certificate/general-name.ts';
import { readSubjectAlternativeNames } from '../certificate/subject-alternative-names.ts';
import { CodecError } from '../../codec/error.ts';
import type { CertificatePolicy, IdentityPolicy } from './policy.ts';
import { VerificationError } from './verification-error.ts';

/** Who signed, as the certificate says and the policy accepted. */
export interface SignerIdentity {
  /** The name that matched; where no name was asked for, the first, or what else the certificate is told apart by. */
  readonly subject: string;
  /** Absent where the user's own authority issued the certificate without naming one. */
  readonly issuer?: string;
  readonly claims: FulcioClaims;
}

/**
 * Step 9 of the order of checks: issuer (extension .8, else .1), one of the subject's names and all claims must match one accepted
 * identity together, and every claim that was asked for must be there (CVE-2026-48815, CVE-2025-29778: a field of a
 * policy that is dropped in silence lets everybody in). A certificate without names has none that could match.
 *
 * @throws VerificationError IDENTITY_MISMATCH
 */
export function checkIdentity(leaf: Certificate, policy: CertificatePolicy): SignerIdentity {
  const { names, claims } = read(leaf);
  const { issuer } = claims;
  const failures: VerificationError[] = [];
  for (const wanted of policy.identities) {
    const name = names.find(({ value }) => wanted.subject?.matches(value) ?? true);
    const byIssuer = wanted.issuer === undefined || (issuer !== undefined && wanted.issuer.matches(issuer));
    if (!byIssuer || (wanted.subject !== undefined && name === undefined)) continue;
    const failure = findClaimFailure(leaf, wanted);
    if (failure !== undefined) {
      failures.push(failure);
      continue;
    }
    for (const { claim, value } of policy.claims) {
      const found = claims[claim];
      if (found !== value) throw mismatch(`The certificate's ${claim} is another`, found ?? 'none', value);
    }
    const subject = name?.value ?? nameOf(leaf);
    return { subject, ...(issuer === undefined ? {} : { issuer }), claims };
  }
  // Whom it nearly was tells more than that it was none of the others.
  if (failures[0] !== undefined) throw failures[0];
  const named =
    names.map(({ value }) => value).join(', ') || `no name in the certificate ${guarded(() => nameOf(leaf))}`;
  const found = `${named} from ${issuer ?? 'no issuer'}`;
  throw mismatch('The certificate names somebody else than who was asked for', found, wantedIdentities(policy));
}

function read(leaf: Certificate): { readonly names: readonly GeneralName[]; readonly claims: FulcioClaims } {
  return guarded(() => ({
    names: readSubjectAlternativeNames(leaf),
    claims: readFulcioExtensions(leaf).claims,
  }));
}

function findClaimFailure(leaf: Certificate, { claims = [] }: IdentityPolicy): VerificationError | undefined {
  for (const { claim, value } of claims) {
    const found = guarded(() => claimOf(leaf, claim));
    if (found !== undefined && value.matches(found)) continue;
    return mismatch(`The certificate's claim ${claim} is not as it was asked for`, found ?? 'none', value.wanted);
  }
  return undefined;
}

function guarded<Result>(look: () => Result): Result {
  try {
    return look();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const message = `The certificate's names cannot be read: ${cause.message}`;
    throw new VerificationError('CERTIFICATE_MALFORMED', message, { check: 'identity' }, { cause });
  }
}

function wantedIdentities({ identities }: CertificatePolicy): string {
  return identities
    .map(
      ({ subject, issuer }) => `${subject?.wanted ?? 'anybody'}${issuer === undefined ? '' : ` from ${issuer.wanted}`}`,
    )
    .join(', or ');
}

function mismatch(message: string, found: string, wanted: string): VerificationError {
  return new VerificationError('IDENTITY_MISMATCH', message, { check: 'identity', found, wanted });
}
