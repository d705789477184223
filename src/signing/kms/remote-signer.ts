import { createHash } from 'node:crypto';
import { hashChunks } from '../key/hash-chunks.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';
import { verifySignatureOfDigest } from '../key/verify-digest.ts';
import { verifySignature } from '../key/verify-signature.ts';
import { SigningError } from '../error.ts';
import type { Signer } from '../signer.ts';

/** How a service signs with one key. */
export interface RemoteSigning {
  /** As messages call it. */
  readonly service: string;
  readonly publicKey: VerificationKey;
  readonly hash: HashAlgorithm;
  readonly padding?: 'pkcs1' | 'pss';
  /** Gets the digest; Ed25519 in its pure form gets the message itself. ECDSA signatures are ASN.1 DER. */
  readonly sign: (input: Uint8Array, signal: AbortSignal | undefined) => Promise<Buffer>;
}

/**
 * A signer whose private key is with a service. What comes back is verified before it is handed on: a key that was rotated
 * in between, or a service that answers for another key, must not come out as a signature that nobody can verify.
 */
export function remoteSigner({ service, publicKey, hash, padding, sign }: RemoteSigning): Signer {
  const expectGood = (good: boolean, signature: Buffer): Buffer => {
    if (good) return signature;
    const message = `${service} made a signature that does not verify with the key it names`;
    throw new SigningError('KEY_UNAVAILABLE', message);
  };
  const signMessage: Signer['sign'] = async (message, signal) => {
    const input = publicKey.type === 'ed25519' ? message : createHash(hash).update(message).digest();
    const signature = await sign(input, signal);
    return expectGood(verifySignature(publicKey, message, signature, { hash, padding }), signature);
  };
  if (publicKey.type === 'ed25519') return { publicKey, hash, form: 'pure', sign: signMessage };
  return {
    publicKey,
    hash,
    sign: signMessage,
    async signStream(chunks, signal) {
      const value = (await hashChunks(chunks, [hash], signal))[hash];
      const signature = await sign(value, signal);
      const digest = { algorithm: hash, value };
      return expectGood(await verifySignatureOfDigest(publicKey, digest, signature, { hash, padding }), signature);
    },
  };
}
