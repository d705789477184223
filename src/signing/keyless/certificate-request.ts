import type { Signer } from '../signer.ts';
import { derBitString, derContext, derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import type { KeyType } from '../key/key-type.ts';

/** Signature algorithms of certificates, by the key that makes them (RFC 5758, 3.2; RFC 4055, 5; RFC 8410, 3). */
const algorithms: Readonly<Record<KeyType, Buffer>> = {
  'ecdsa-p256': derSequence(derOid('1.2.840.10045.4.3.2')),
  'ecdsa-p384': derSequence(derOid('1.2.840.10045.4.3.3')),
  'ecdsa-p521': derSequence(derOid('1.2.840.10045.4.3.4')),
  ed25519: derSequence(derOid('1.3.101.112')),
  rsa: derSequence(derOid('1.2.840.113549.1.1.11'), derValue(derTag.null)),
};

/**
 * Asks for a certificate on a key (PKCS #10, RFC 2986, section 4), in PEM. Its signature proves that the key is at hand; it
 * names nobody, since Fulcio takes names from the identity token alone.
 */
export async function buildCertificateRequest(signer: Signer, signal?: AbortSignal): Promise<string> {
  const { publicKey } = signer;
  const info = derSequence(derInteger(0), derSequence(), publicKey.spki, derContext(0));
  const signature = await signer.sign(info, signal);
  const bytes = derSequence(info, algorithms[publicKey.type], derBitString(signature));
  return formatPem({ label: 'CERTIFICATE REQUEST', bytes });
}
