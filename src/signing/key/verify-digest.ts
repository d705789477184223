import { constants, createHash, publicDecrypt, timingSafeEqual } from 'node:crypto';
import { loadEd25519ph } from './ed25519ph.ts';
import { encodePkcs1, matchesPss } from './rsa-encoding.ts';
import type { KeyType } from './key-type.ts';
import { digestBytes, type MessageDigest } from './message-digest.ts';
import type { VerificationKey } from './verification-key.ts';
import { schemesOf, verifySignature, type VerifyOptions } from './verify-signature.ts';

/**
 * Whether a signature holds over a message that only its digest is known of; node:crypto takes no digests. ECDSA and RSA
 * sign just that; of Ed25519 only the prehashed form does (RFC 8032, 5.1), with SHA-512. A digest by another algorithm
 * than the key signs with proves nothing, so nothing holds over it.
 */
export async function verifySignatureOfDigest(
  key: VerificationKey,
  digest: MessageDigest,
  signature: Uint8Array,
  options: VerifyOptions = {},
): Promise<boolean> {
  if (digest.value.length !== digestBytes[digest.algorithm]) return false;
  if (key.type === 'ed25519') {
    return digest.algorithm === 'sha512' && (await verifyEdwards(key, digest.value, signature));
  }
  const schemes = formsOf(key, options).filter(({ hash }) => hash === digest.algorithm);
  if (schemes.length === 0) return false;
  if (key.type !== 'rsa') return verifyCurve(key.type, key, digest.value, signature);
  const encoded = recoverEncoded(key, signature);
  return encoded !== undefined && schemes.some(({ padding }) => matches(key, encoded, digest, padding));
}

/**
 * Whether a signature over a whole message holds in any form that cosign makes with a key: as {@link verifySignature} says,
 * for Ed25519 also prehashed (cosign 3.1 signs blobs in the pure form and envelopes in the prehashed one), and for P-384
 * and P-521 also over SHA-256 (cosign 2 knows no other digest).
 */
export async function verifyAnyForm(
  key: VerificationKey,
  message: Uint8Array,
  signature: Uint8Array,
  options: VerifyOptions = {},
): Promise<boolean> {
  if (formsOf(key, options).some((form) => verifySignature(key, message, signature, form))) return true;
  if (key.type !== 'ed25519') return false;
  return verifyEdwards(key, createHash('sha512').update(message).digest(), signature);
}

/** The ways to sign that the key has, and that of cosign 2 where nobody names another. */
function formsOf(key: VerificationKey, options: VerifyOptions): ReturnType<typeof schemesOf> {
  const schemes = schemesOf(key, options);
  const older = (key.type === 'ecdsa-p384' || key.type === 'ecdsa-p521') && key.schemes === undefined;
  return older && options.hash === undefined ? [...schemes, { hash: 'sha256', padding: 'pkcs1' }] : schemes;
}

async function verifyEdwards(key: VerificationKey, digest: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  const ed25519ph = await loadEd25519ph();
  // The key stands at the end of its SubjectPublicKeyInfo (RFC 8410, 4). RFC 8032 as it is written, not ZIP 215.
  return ed25519ph.verify(signature, digest, key.spki.subarray(-32), { zip215: false });
}

async function verifyCurve(
  type: Exclude<KeyType, 'ed25519' | 'rsa'>,
  { bits, spki }: VerificationKey,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const nist = await import('@noble/curves/nist.js');
  const curve = { 'ecdsa-p256': nist.p256, 'ecdsa-p384': nist.p384, 'ecdsa-p521': nist.p521 }[type];
  // The uncompressed point stands at the end of its SubjectPublicKeyInfo (RFC 5480, 2).
  const point = spki.subarray(-(1 + 2 * Math.ceil(bits / 8)));
  try {
    // Signatures with a high s are as good as others here: nothing is compared by its signature.
    return curve.verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' });
  } catch {
    return false;
  }
}

/** RSAVP1 (RFC 8017, 5.2.2): what the signature's padding has to be compared with. */
function recoverEncoded({ key, bits }: VerificationKey, signature: Uint8Array): Buffer | undefined {
  if (signature.length !== Math.ceil(bits / 8)) return undefined;
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    return undefined;
  }
}

/** Compared with what it must be, whole: what is parsed instead can be forged (Bleichenbacher, CRYPTO 2006 rump session). */
function matches({ bits }: VerificationKey, encoded: Buffer, digest: MessageDigest, padding: 'pkcs1' | 'pss'): boolean {
  if (padding === 'pss') return matchesPss(encoded, digest, bits - 1);
  const wanted = encodePkcs1(digest, encoded.length);
  return timingSafeEqual(encoded, wanted);
}
