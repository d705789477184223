import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { shortName } from '../certificate/chain-rules.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { SigningScheme } from './envelope.ts';
import { isSubsetOf, readSubjectName, type SubjectName } from './subject-name.ts';
import type { StatementVerification, StoreName } from './trust-policy.ts';
import type { ReadTrustStore } from './trust-stores.ts';

/** signing-scheme.md, "Trust Stores": a signer whom an authority vouches for must not pass for a signing authority. */
const storeTypes: Readonly<Record<SigningScheme, StoreName['type']>> = {
  'notary.x509': 'ca',
  'notary.x509.signingAuthority': 'signingAuthority',
};

/**
 * "Validate Authenticity", first half: one certificate of the chain lies in a trust store that the policy names for this
 * signing scheme. The chain itself is known to hold by now.
 *
 * @throws VerificationError CERTIFICATE_UNTRUSTED; SigningError TRUST_STORE_INVALID
 */
export async function checkTrustStores(
  chain: readonly Certificate[],
  scheme: SigningScheme,
  { stores }: StatementVerification,
  readStore: ReadTrustStore,
): Promise<StoreName> {
  const wanted = stores.filter(({ type }) => type === storeTypes[scheme]);
  for (const store of wanted) {
    const trusted = await readStore(store);
    if (trusted.some((one) => chain.some(({ der }) => der.equals(one.der)))) return store;
  }
  const root = chain.at(-1) as Certificate;
  throw new VerificationError(
    'CERTIFICATE_UNTRUSTED',
    'No certificate of the chain lies in a trust store of the policy',
    {
      check: 'certificate-chain',
      found: named(root.subject),
      wanted: wanted.map(({ type, name }) => `${type}:${name}`).join(', ') || `a store ${storeTypes[scheme]}:NAME`,
    },
  );
}

/**
 * "Validate Authenticity", second half: the signer's subject has all that one of the trusted identities says. Returns the
 * identity as the policy has it.
 *
 * @throws VerificationError IDENTITY_MISMATCH
 */
export function checkTrustedIdentity(leaf: Certificate, { identities }: StatementVerification): string {
  if (identities === '*') return '*';
  const wanted = identities.map(({ text }) => text).join(', or ') || 'nobody whom this program knows';
  let subject: SubjectName;
  try {
    subject = readSubjectName(leaf.subject);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const facts = { check: 'identity', found: named(leaf.subject), wanted } as const;
    throw new VerificationError('IDENTITY_MISMATCH', `Nobody can be told by it: ${cause.message}`, facts, { cause });
  }
  const identity = identities.find(({ name }) => isSubsetOf(name, subject));
  if (identity !== undefined) return identity.text;
  throw new VerificationError('IDENTITY_MISMATCH', 'The certificate names somebody else than the trust policy', {
    check: 'identity',
    found: named(leaf.subject),
    wanted,
  });
}

/** A subject for people; that of a certificate that was read before can be read. */
function named(subject: Buffer): string {
  return subject.length > 2 ? shortName(subject) : 'nobody';
}
