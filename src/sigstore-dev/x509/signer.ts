import type { CertificateSigner } from '../../codec/x509/certificate.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';
import { signatureAlgorithm } from './algorithm.ts';

/** An issuer that signs with its key; `signingKey` differs from that only to make a wrong certificate. */
export function signerOf(issuerKey: DevKey, signingKey: DevKey = issuerKey): CertificateSigner {
  return { algorithm: signatureAlgorithm(issuerKey), sign: (tbs) => signWith(signingKey, tbs) };
}
