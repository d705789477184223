import { createHash } from 'node:crypto';
import type { Descriptor } from './descriptor.ts';
import { digestAlgorithm, digestHex } from './digest.ts';
import type { Digest } from './digest.ts';
import { OciError } from './error.ts';

/**
 * Checks bytes that were read whole against what points at them.
 *
 * @throws OciError SIZE_MISMATCH or DIGEST_MISMATCH
 */
export function verifyContent(bytes: Uint8Array, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): void {
  if (bytes.length !== size) {
    throw new OciError(
      'SIZE_MISMATCH',
      `${digest} has ${bytes.length} bytes where ${size} were promised; fetch it again`,
    );
  }
  if (createHash(digestAlgorithm(digest)).update(bytes).digest('hex') !== digestHex(digest)) {
    throw new OciError('DIGEST_MISMATCH', `The content of ${digest} has another digest; it was damaged or swapped`);
  }
}

/** The sha256 digest of bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
