import { parseCertificate } from '../certificate/parse.ts';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import type { Network } from '../../net/network.ts';
import type { CertifiedSigner } from '../signer.ts';
import { fetchCertificate } from './fulcio.ts';
import type { IdentityToken } from './token/identity-token.ts';

/** A signer whose key lives in this process alone, with the certificate that says whose it is. */
export interface KeylessSigner extends CertifiedSigner {
  /** The log's promise where Fulcio did not put it into the certificate. */
  readonly detachedSct?: Buffer;
  readonly notAfter: Date;
}

/**
 * Makes a key, and has Fulcio say whose it is. The key is never written anywhere; it is gone with the process.
 *
 * @throws SigningError
 */
export async function openKeylessSigner(
  network: Network,
  fulcioUrl: string,
  token: IdentityToken,
  signal?: AbortSignal,
): Promise<KeylessSigner> {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  const signer = localSigner(privateKey);
  const { chain, detachedSct } = await fetchCertificate(network, fulcioUrl, signer, token, signal);
  const [leaf] = chain as readonly [Buffer];
  return {
    ...signer,
    // The authority's own certificates are the verifier's to bring.
    certificates: [leaf],
    notAfter: parseCertificate(leaf).notAfter,
    ...(detachedSct === undefined ? {} : { detachedSct }),
  };
}
