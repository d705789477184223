import { createHash } from 'node:crypto';
import { decompress } from '../../codec/compression/decompress.ts';
import { defaultInflateLimits } from '../../codec/compression/limits.ts';
import { CodecError } from '../../codec/error.ts';
import type { DiffId } from '../digest.ts';
import { OciError } from '../error.ts';

/**
 * Computes a layer's diffID by reading it whole.
 *
 * @throws OciError LAYER_UNREADABLE or LIMIT_EXCEEDED
 */
export async function computeDiffId(stored: AsyncIterable<Uint8Array>): Promise<DiffId> {
  const hash = createHash('sha256');
  try {
    await decompress(stored, (chunk) => hash.update(chunk), defaultInflateLimits);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const code = error.code === 'LIMIT_EXCEEDED' ? 'LIMIT_EXCEEDED' : 'LAYER_UNREADABLE';
    throw new OciError(code, `A layer cannot be read: ${error.message}`, { cause: error });
  }
  return `sha256:${hash.digest('hex')}` as DiffId;
}
