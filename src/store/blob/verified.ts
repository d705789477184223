import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { StoreError } from '../error.ts';

/**
 * The bytes of a whole blob, of which the last ones are handed over only when all of them have its digest: whoever passes them
 * on never passes on a whole that is wrong. Chunks must stay valid when the next one is asked for.
 *
 * @throws StoreError CONTENT_MISMATCH
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash(digestAlgorithm(digest));
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (last !== undefined) yield last;
    hash.update(chunk);
    last = chunk;
  }
  if (hash.digest('hex') !== digestHex(digest)) {
    throw new StoreError('CONTENT_MISMATCH', `the bytes that are stored as ${digest} are others; scrub the registry`);
  }
  if (last !== undefined) yield last;
}
