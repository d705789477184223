import type { Certificate } from '../../signing/certificate/certificate.ts';
import type { CertifiedSigner, Signer } from '../../signing/signer.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { readCertificates } from './read-certificates.ts';

/**
 * Joins a signer with the certificate that the user has for its key, where there is one. Roots are left out: whoever verifies has
 * them from elsewhere, or not at all.
 *
 * @throws ConfigError SETTING_INVALID for a certificate of another key
 */
export async function withOwnCertificate(
  signer: Signer,
  { certificate, certificateChain }: Pick<Settings, 'certificate' | 'certificateChain'>,
  host: Host,
): Promise<Signer | CertifiedSigner> {
  if (certificate === undefined) {
    if (certificateChain === undefined) return signer;
    throw new ConfigError(
      'SETTING_INVALID',
      '--certificate-chain needs the certificate below it; add --certificate FILE',
    );
  }
  const [leaf, ...below] = await readCertificates(certificate, '--certificate', host);
  const above =
    certificateChain === undefined ? [] : await readCertificates(certificateChain, '--certificate-chain', host);
  if (leaf === undefined || !leaf.publicKey.spki.equals(signer.publicKey.spki)) {
    throw new ConfigError(
      'SETTING_INVALID',
      `The certificate in ${certificate} is of another key than --key; name the one that was made for it`,
    );
  }
  const chain = [...below, ...above].filter((one) => !isRoot(one) && !one.der.equals(leaf.der));
  return {
    publicKey: signer.publicKey,
    hash: signer.hash,
    ...(signer.form === undefined ? {} : { form: signer.form }),
    sign: (message, signal) => signer.sign(message, signal),
    ...(signer.signStream === undefined ? {} : { signStream: signer.signStream }),
    certificates: [leaf, ...chain].map(({ der }) => der),
  };
}

function isRoot({ issuer, subject }: Certificate): boolean {
  return issuer.equals(subject);
}
