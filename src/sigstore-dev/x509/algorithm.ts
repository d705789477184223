import { derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import type { DevKey } from '../key/dev-key.ts';

/** Object identifiers of digests (NIST, CSOR). */
export const digestOids: Readonly<Record<HashAlgorithm, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

/** ECDSA with each digest (RFC 5758, 3.2) and RSA as PKCS#1 v1.5 (RFC 4055, 5). */
const ecdsaOids: Readonly<Record<HashAlgorithm, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const rsaOids: Readonly<Record<HashAlgorithm, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};

/** The AlgorithmIdentifier of what a key signs. */
export function signatureAlgorithm(key: DevKey, hash: HashAlgorithm = key.hash): Buffer {
  // RFC 8410, 3: no parameters.
  if (key.type === 'ed25519') return derSequence(derOid('1.3.101.112'));
  if (key.type === 'rsa') return derSequence(derOid(rsaOids[hash]), derValue(derTag.null));
  return derSequence(derOid(ecdsaOids[hash]));
}
