import { constants, createHash, createSign, type KeyObject, sign, type SignKeyObjectInput } from 'node:crypto';
import type { Signer } from '../signer.ts';
import { loadEd25519ph } from './ed25519ph.ts';
import { hashChunks } from './hash-chunks.ts';
import { defaultHash, type HashAlgorithm } from './key-type.ts';
import { pairOf } from './private-key.ts';

/** How to sign where a key leaves a choice. */
export interface LocalSignerOptions {
  /** Of ECDSA and RSA; the one that goes with the key where nobody names another. */
  readonly hash?: HashAlgorithm;
  /** Of RSA: cosign signs with PKCS#1 v1.5. */
  readonly padding?: 'pkcs1' | 'pss';
  /**
   * Of Ed25519. `pure` is what every cosign verifies, in blobs as in envelopes. `prehashed` (Ed25519ph) is what cosign 3.1
   * signs envelopes with, though it does not verify them; transparency logs that see a digest only need it.
   */
  readonly ed25519?: 'pure' | 'prehashed';
}

/**
 * A signer with a private key in this process's memory.
 *
 * @throws SigningError KEY_INVALID when the key is of a kind that nothing signs with here
 */
export function localSigner(key: KeyObject, options: LocalSignerOptions = {}): Signer {
  const { publicKey } = pairOf(key);
  const hash = publicKey.type === 'ed25519' ? defaultHash.ed25519 : (options.hash ?? defaultHash[publicKey.type]);
  const prehashed = publicKey.type === 'ed25519' && options.ed25519 === 'prehashed';
  return {
    publicKey: withSchemes(),
    hash,
    ...(publicKey.type === 'ed25519' ? { form: prehashed ? ('prehashed' as const) : ('pure' as const) } : {}),
    async sign(message, signal) {
      signal?.throwIfAborted();
      if (prehashed) return await signPrehashed(key, createHash('sha512').update(message).digest());
      if (publicKey.type === 'ed25519') return sign(null, message, key);
      return sign(hash, message, signing());
    },
    ...(publicKey.type === 'ed25519' && !prehashed ? {} : { signStream }),
  };

  function withSchemes(): Signer['publicKey'] {
    const usual = options.padding !== 'pss' && hash === defaultHash[publicKey.type];
    return usual ? publicKey : { ...publicKey, schemes: [{ hash, padding: options.padding ?? 'pkcs1' }] };
  }

  /** The key, and how ECDSA and RSA sign with it. */
  function signing(): SignKeyObjectInput {
    if (publicKey.type !== 'rsa') return { key, dsaEncoding: 'der' };
    if (options.padding !== 'pss') return { key, padding: constants.RSA_PKCS1_PADDING };
    const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
    return { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };
  }

  async function signStream(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Buffer> {
    if (prehashed) return signPrehashed(key, (await hashChunks(chunks, ['sha512'], signal)).sha512);
    const signature = createSign(hash);
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      signature.update(chunk);
    }
    return signature.sign(signing());
  }
}

async function signPrehashed(key: KeyObject, digest: Uint8Array): Promise<Buffer> {
  const ed25519ph = await loadEd25519ph();
  // The seed stands at the end of its PKCS#8 (RFC 8410, 7).
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const seed = new Uint8Array(plain.subarray(-32));
  try {
    return Buffer.from(ed25519ph.sign(digest, seed));
  } finally {
    plain.fill(0);
    seed.fill(0);
  }
}
