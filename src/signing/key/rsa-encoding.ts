import { createHash } from 'node:crypto';
import { derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { HashAlgorithm } from './key-type.ts';
import type { MessageDigest } from './message-digest.ts';

const hashOids: Readonly<Record<HashAlgorithm, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

/** A DigestInfo (RFC 8017, A.2.4): a digest and which one it is. */
export function encodeDigestInfo({ algorithm, value }: MessageDigest): Buffer {
  const identifier = derSequence(derOid(hashOids[algorithm]), derValue(derTag.null));
  return derSequence(identifier, derValue(derTag.octetString, value));
}

/** EMSA-PKCS1-v1_5 (RFC 8017, 9.2) from a digest; keys of 2,048 bits and more have room for all of them. */
export function encodePkcs1(digest: MessageDigest, length: number): Buffer {
  const info = encodeDigestInfo(digest);
  const filler = Buffer.alloc(length - info.length - 3, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), filler, Buffer.alloc(1), info]);
}

/** EMSA-PSS-VERIFY (RFC 8017, 9.1.2) with MGF1 of the same hash and a salt of any length. */
export function matchesPss(encoded: Buffer, { algorithm, value }: MessageDigest, bits: number): boolean {
  const length = Math.ceil(bits / 8);
  // The modulus may have one octet more than the encoding: it is zero.
  const em = encoded.subarray(encoded.length - length);
  if (encoded.subarray(0, encoded.length - length).some((byte) => byte !== 0)) return false;
  const size = value.length;
  if (length < size + 2 || em.at(-1) !== 0xbc) return false;
  const masked = em.subarray(0, length - size - 1);
  const hash = em.subarray(length - size - 1, length - 1);
  const free = 0xff >> (8 * length - bits);
  if (((masked[0] as number) & ~free) !== 0) return false;
  const mask = mgf1(algorithm, hash, masked.length);
  const block = Buffer.from(masked.map((byte, at) => byte ^ (mask[at] as number)));
  block[0] = (block[0] as number) & free;
  const end = block.findIndex((byte) => byte !== 0);
  if (end < 0 || block[end] !== 1) return false;
  const salt = block.subarray(end + 1);
  return createHash(algorithm).update(Buffer.alloc(8)).update(value).update(salt).digest().equals(hash);
}

/** RFC 8017, B.2.1. */
function mgf1(algorithm: HashAlgorithm, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, counter = 0; made < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(algorithm).update(seed).update(number).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks);
}
