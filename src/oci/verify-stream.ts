import { createHash } from 'node:crypto';
import type { Descriptor } from './descriptor.ts';
import { digestAlgorithm, digestHex } from './digest.ts';
import { OciError } from './error.ts';

/**
 * Passes a stream on and checks it: no byte beyond the promised size is handed over, and the stream ends well only when
 * size and digest are right.
 *
 * @throws OciError SIZE_MISMATCH, DIGEST_MISMATCH
 */
export async function* verifyStream(
  stream: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash(digestAlgorithm(digest));
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > size) break;
    hash.update(chunk);
    yield chunk;
  }
  if (length !== size) {
    throw new OciError('SIZE_MISMATCH', `${digest} has another size than the ${size} bytes that were promised`);
  }
  if (hash.digest('hex') === digestHex(digest)) return;
  throw new OciError('DIGEST_MISMATCH', `The content of ${digest} has another digest; it was damaged or swapped`);
}
