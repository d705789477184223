import { errorMessage } from '../../base/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { UnscannableError } from '../../scan/process/error.ts';
import type { Origin } from '../pipeline/origin.ts';

/**
 * Sees that blobs which were read in part are what their digests say. A reader stops at the first byte that it cannot take; whether that
 * is of the image, or of somebody who sent other bytes in its name, is known when all of them are there.
 *
 * @throws UnscannableError CONTENT_UNAVAILABLE for blobs that are not
 */
export async function settleContent(
  origin: Pick<Origin, 'findBlob'>,
  repository: string,
  digests: Iterable<Digest>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const digest of digests) {
      const found = await origin.findBlob(repository, digest, () => signal);
      if (found.isStored || found.size === 0) continue;
      await using blob = await found.open();
      const last = found.size - 1;
      // The last byte is given when all of them are there.
      for await (const _ of blob.read({ start: last, end: last }, signal)) break;
    }
  } catch (cause) {
    throw new UnscannableError('CONTENT_UNAVAILABLE', `The image could not be read: ${errorMessage(cause)}`, { cause });
  }
}
