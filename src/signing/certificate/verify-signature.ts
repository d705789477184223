import { readDer, readSequence } from '../../codec/der/read.ts';
import type { VerificationKey } from '../key/verification-key.ts';
import type { Certificate } from './certificate.ts';
import { isSignatureValid, readSignatureAlgorithm } from './signature-algorithm.ts';

/**
 * Whether a certificate was signed with a key: ECDSA on the curves of NIST, RSA (PKCS #1 v1.5 and PSS), each with SHA-256,
 * SHA-384 or SHA-512, and Ed25519.
 *
 * @throws CodecError UNSUPPORTED for all other algorithms, SHA-1 and MD5 among them
 */
export function isSignedBy(certificate: Certificate, issuerKey: VerificationKey): boolean {
  // The parameters of RSASSA-PSS stand in the certificate only; parsing has seen to it that both copies are the same.
  const algorithm = readSignatureAlgorithm(readSequence(readDer(certificate.der))[1]);
  return isSignatureValid(algorithm, issuerKey, certificate.tbs, certificate.signature);
}
