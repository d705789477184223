import type { HashAlgorithm } from './key/key-type.ts';
import type { VerificationKey } from './key/verification-key.ts';

/** Makes signatures with one private key, wherever it lives. */
export interface Signer {
  /** The public half: what verifies. */
  readonly publicKey: VerificationKey;
  /** The digest that messages are signed over. */
  readonly hash: HashAlgorithm;
  /** Of Ed25519, which signs messages themselves or their SHA-512 (RFC 8032, 5.1); absent with other keys. */
  readonly form?: 'pure' | 'prehashed';
  /** Signs a whole message. ECDSA signatures are ASN.1 DER. @throws SigningError */
  sign(message: Uint8Array, signal?: AbortSignal): Promise<Buffer>;
  /**
   * Signs a message that is read once and never held whole. Absent where the key has to see all of it: Ed25519 in its pure
   * form, and programs that are handed the message. @throws SigningError
   */
  readonly signStream?: (chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal) => Promise<Buffer>;
}

/** A signer and the certificate that says who holds its key. */
export interface CertifiedSigner extends Signer {
  /** DER, the leaf first; no root. */
  readonly certificates: readonly Buffer[];
}
