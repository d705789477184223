import { createHash } from 'node:crypto';
import type { EdDSA } from '@noble/curves/abstract/edwards.js';

/**
 * Ed25519ph (RFC 8032, 5.1) over a SHA-512 digest that was made elsewhere; OpenSSL's is out of Node's reach. Loaded when it
 * is first needed, since few keys sign so.
 */
export async function loadEd25519ph(): Promise<Pick<EdDSA, 'sign' | 'verify'>> {
  const [{ eddsa }, { ed25519 }] = await Promise.all([
    import('@noble/curves/abstract/edwards.js'),
    import('@noble/curves/ed25519.js'),
  ]);
  return eddsa(ed25519.Point, sha512, { adjustScalarBytes: clamp, domain: dom2, prehash: asItIs });
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What is signed is a digest already. */
function asItIs(digest: Uint8Array): Bytes {
  return digest as Bytes;
}

function sha512(message: Uint8Array): Bytes {
  return new Uint8Array(createHash('sha512').update(message).digest());
}

/** RFC 8032, 5.1.5, step 2. */
function clamp(bytes: Uint8Array): Bytes {
  const scalar = new Uint8Array(bytes);
  scalar[0] = (scalar[0] as number) & 0xf8;
  scalar[31] = ((scalar[31] as number) & 0x7f) | 0x40;
  return scalar;
}

/** RFC 8032, 2: what sets prehashed signatures apart from pure ones. */
function dom2(data: Uint8Array, context: Uint8Array, prehashed: boolean): Bytes {
  const flags = Buffer.from([prehashed ? 1 : 0, context.length]);
  return new Uint8Array(Buffer.concat([Buffer.from('SigEd25519 no Ed25519 collisions'), flags, context, data]));
}
