import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { nameOf } from '../certificate/chain-rules.ts';
import {
  extensionOid,
  keyUsageBit,
  purposeOid,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
} from '../certificate/extensions.ts';
import { parseCertificate } from '../certificate/parse.ts';
import { isSignedBy } from '../certificate/verify-signature.ts';
import { VerificationError, type VerificationErrorCode } from '../verify/verification-error.ts';

/** Bits of `KeyUsage` that a signer's certificate must not have, by what they are called (RFC 5280, 4.2.1.3). */
const forbiddenUsages: ReadonlyMap<number, string> = new Map([
  [2, 'keyEncipherment'],
  [3, 'dataEncipherment'],
  [4, 'keyAgreement'],
  [5, 'keyCertSign'],
  [6, 'cRLSign'],
  [7, 'encipherOnly'],
  [8, 'decipherOnly'],
]);

/** Purposes that a signer's certificate must not have; notation adds the signing of OCSP answers to the specification's. */
const forbiddenPurposes: ReadonlyMap<string, string> = new Map([
  [purposeOid.any, 'any purpose'],
  ['1.3.6.1.5.5.7.3.1', 'server authentication'],
  ['1.3.6.1.5.5.7.3.2', 'client authentication'],
  ['1.3.6.1.5.5.7.3.4', 'e-mail protection'],
  [purposeOid.timeStamping, 'timestamping'],
  ['1.3.6.1.5.5.7.3.9', 'signing of OCSP answers'],
]);

/**
 * Reads the chain that came with a signature and checks it by itself, whoever is trusted (signature-specification.md,
 * "Certificate Requirements"): from the signer to a root that signed itself, in order, each signed by the next, nothing
 * besides. Only basic constraints, key usage and extended key usage count: "the rest of the extensions MUST NOT be evaluated
 * or honored". Whether the certificates are valid is asked when the time is known.
 *
 * @throws VerificationError CERTIFICATE_MALFORMED, CERTIFICATE_UNTRUSTED, CERTIFICATE_PURPOSE
 */
export function readSigningChain(certificates: readonly Buffer[]): readonly [Certificate, ...Certificate[]] {
  return guarded(() => {
    const [leaf, ...above] = certificates.map((der) => parseCertificate(der));
    if (leaf === undefined) throw fail('CERTIFICATE_MALFORMED', 'The signature has no certificate');
    const chain = [leaf, ...above] as const;
    chain.forEach((certificate, at) => {
      const issuer = chain[at + 1];
      const isOwnIssuer = isIssuedBy(certificate, certificate);
      if (issuer === undefined) {
        if (!isOwnIssuer)
          throw fail('CERTIFICATE_UNTRUSTED', `The chain ends without a root, at ${nameOf(certificate)}`);
      } else if (isOwnIssuer) {
        throw fail('CERTIFICATE_UNTRUSTED', `The chain goes on above its root ${nameOf(certificate)}`);
      } else if (!isIssuedBy(certificate, issuer)) {
        const message = `The certificate ${nameOf(certificate)} is not signed by the next one of the chain, ${nameOf(issuer)}`;
        throw fail('CERTIFICATE_UNTRUSTED', message);
      }
      if (at === 0) checkSigner(certificate);
      else checkAuthority(certificate, at - 1);
    });
    return chain;
  });
}

/**
 * The rules for the certificate of a timestamp's signer that RFC 3161 does not have: its key usage must be there, and be for
 * signatures alone.
 *
 * @throws VerificationError CERTIFICATE_PURPOSE, CERTIFICATE_MALFORMED
 */
export function checkTimestampSigner(certificate: Certificate): void {
  guarded(() => checkSignerUsage(certificate));
}

/** Whether the name and the key of the issuer fit. @throws CodecError for signatures that nothing may be trusted by */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return certificate.issuer.equals(issuer.subject) && isSignedBy(certificate, issuer.publicKey);
}

/** "Leaf Certificates". */
function checkSigner(certificate: Certificate): void {
  if (readBasicConstraints(certificate)?.isAuthority === true) {
    throw fail('CERTIFICATE_PURPOSE', `The certificate ${nameOf(certificate)} is an authority's, not a signer's`);
  }
  if (certificate.extensions.get(extensionOid.keyUsage)?.critical === false) {
    throw wrongUsage(certificate, 'a key usage that is not critical');
  }
  checkSignerUsage(certificate);
  const wrong = (readExtendedKeyUsage(certificate) ?? []).find((purpose) => forbiddenPurposes.has(purpose));
  if (wrong !== undefined) {
    const message = `The certificate ${nameOf(certificate)} is for something else than signing`;
    throw fail('CERTIFICATE_PURPOSE', message, forbiddenPurposes.get(wrong), 'code signing, or no purpose');
  }
}

function checkSignerUsage(certificate: Certificate): void {
  const usage = readKeyUsage(certificate);
  if (usage === undefined) throw wrongUsage(certificate, 'no key usage');
  if (!usage.has(keyUsageBit.digitalSignature)) throw wrongUsage(certificate, 'a key usage without signatures');
  const wrong = [...forbiddenUsages].find(([bit]) => usage.has(bit));
  if (wrong !== undefined) throw wrongUsage(certificate, `the key usage ${wrong[1]}`);
}

/** "Root and Intermediate CA Certificates". */
function checkAuthority(certificate: Certificate, authoritiesBelow: number): void {
  const constraints = readBasicConstraints(certificate);
  const critical = (oid: string): boolean => certificate.extensions.get(oid)?.critical === true;
  const may =
    constraints?.isAuthority === true &&
    critical(extensionOid.basicConstraints) &&
    readKeyUsage(certificate)?.has(keyUsageBit.keyCertSign) === true &&
    critical(extensionOid.keyUsage);
  if (!may) {
    const message = `The certificate ${nameOf(certificate)} may not issue certificates`;
    const wanted = 'basic constraints of an authority and the key usage keyCertSign, both critical';
    throw fail('CERTIFICATE_PURPOSE', message, undefined, wanted);
  }
  const { pathLength } = constraints;
  if (pathLength !== undefined && authoritiesBelow > pathLength) {
    const message = `The authority ${nameOf(certificate)} has too many authorities below it`;
    throw fail('CERTIFICATE_PURPOSE', message, `${authoritiesBelow}`, `at most ${pathLength}`);
  }
}

function wrongUsage(certificate: Certificate, found: string): VerificationError {
  const message = `The key of the certificate ${nameOf(certificate)} is for something else than signatures`;
  return fail('CERTIFICATE_PURPOSE', message, found, 'the key usage digitalSignature alone, critical');
}

/** Certificates come from outside: one that cannot be read proves nothing. */
function guarded<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const code = cause.code === 'UNSUPPORTED' ? 'CERTIFICATE_UNTRUSTED' : 'CERTIFICATE_MALFORMED';
    const message = `The chain of certificates cannot be trusted: ${cause.message}`;
    throw new VerificationError(code, message, { check: 'certificate-chain' }, { cause });
  }
}

function fail(code: VerificationErrorCode, message: string, found?: string, wanted?: string): VerificationError {
  return new VerificationError(code, message, {
    check: 'certificate-chain',
    ...(found === undefined ? {} : { found }),
    ...(wanted === undefined ? {} : { wanted }),
  });
}
