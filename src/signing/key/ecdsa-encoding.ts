import { derInteger, derSequence } from '../../codec/der/write.ts';

/** An ECDSA signature in ASN.1 DER (RFC 3279, 2.2.3) from r and s side by side, as IEEE P1363 and hardware have it. */
export function encodeEcdsaSignature(halves: Uint8Array): Buffer {
  const middle = halves.length / 2;
  return derSequence(derInteger(halves.subarray(0, middle)), derInteger(halves.subarray(middle)));
}
