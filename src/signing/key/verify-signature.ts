import { constants, verify } from 'node:crypto';
import { defaultHash, type NamedHash } from './key-type.ts';
import type { VerificationKey } from './verification-key.ts';

/** How a signature was made, where that is known from elsewhere than its key. */
export interface VerifyOptions {
  /** Ed25519 in its pure form takes none. */
  readonly hash?: NamedHash | undefined;
  /** Of RSA signatures. */
  readonly padding?: 'pkcs1' | 'pss' | undefined;
}

/** One way in which a key may have signed. */
export interface SignatureForm {
  readonly hash: NamedHash;
  /** Of RSA signatures. */
  readonly padding: 'pkcs1' | 'pss';
}

/**
 * Whether a signature over a whole message holds: ECDSA in ASN.1 DER (FIPS 186-5, 6.4), RSA (RFC 8017, 8.1.2 and 8.2.2),
 * Ed25519 in its pure form (RFC 8032, 5.1.7). What is no signature at all does not hold either.
 */
export function verifySignature(
  key: VerificationKey,
  message: Uint8Array,
  signature: Uint8Array,
  options: VerifyOptions = {},
): boolean {
  return schemesOf(key, options).some((scheme) => verifyOne(key, message, signature, scheme));
}

/** The ways in which a key may have signed: what the caller says, else what its holder says, else what its type has. */
export function schemesOf(key: VerificationKey, { hash, padding }: VerifyOptions): readonly SignatureForm[] {
  const known = key.schemes ?? [{}];
  return known.map((scheme) => ({
    hash: hash ?? scheme.hash ?? defaultHash[key.type],
    padding: padding ?? scheme.padding ?? 'pkcs1',
  }));
}

function verifyOne(
  { key, type }: VerificationKey,
  message: Uint8Array,
  signature: Uint8Array,
  { hash, padding }: SignatureForm,
): boolean {
  try {
    if (type === 'ed25519') return verify(null, message, key, signature);
    if (type !== 'rsa') return verify(hash, message, { key, dsaEncoding: 'der' }, signature);
    if (padding === 'pkcs1') return verify(hash, message, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO } = constants;
    return verify(hash, message, { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_AUTO }, signature);
  } catch {
    return false;
  }
}
