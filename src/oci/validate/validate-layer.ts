import { createHash } from 'node:crypto';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import type { Problem } from '../../base/problem.ts';
import { decompress } from '../../codec/compression/decompress.ts';
import { defaultInflateLimits } from '../../codec/compression/limits.ts';
import { type DiffId, digestAlgorithm, digestHex } from '../digest.ts';
import type { Layer } from '../image.ts';

/** Reads a layer once and lists what its bytes contradict. */
export async function validateLayer(layer: Layer, signal?: AbortSignal): Promise<readonly Problem[]> {
  const { diffId, descriptor, absent } = layer;
  if (absent !== undefined) return [absentLayer(diffId, absent)];
  const stored = createHash(descriptor === undefined ? 'sha256' : digestAlgorithm(descriptor.digest));
  const unpacked = createHash(digestAlgorithm(diffId));
  let size = 0;
  async function* read(): AsyncGenerator<Uint8Array> {
    for await (const chunk of layer.open(signal)) {
      stored.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  try {
    await decompress(read(), (chunk) => unpacked.update(chunk), defaultInflateLimits);
  } catch (error) {
    signal?.throwIfAborted();
    if (!isSeaworthyError(error)) throw error;
    if (layer.foreign === true && error.code === 'BLOB_UNKNOWN') return [absentLayer(diffId, 'foreign')];
    return [{ code: 'LAYER_UNREADABLE', subject: diffId, message: errorMessage(error) }];
  }
  const problems: Problem[] = [];
  if (descriptor !== undefined && size !== descriptor.size) {
    const message = `The layer has ${size} bytes, not ${descriptor.size}`;
    problems.push({ code: 'LAYER_SIZE_MISMATCH', subject: descriptor.digest, message });
  }
  const digest = stored.digest('hex');
  if (descriptor !== undefined && digest !== digestHex(descriptor.digest)) {
    const message = `The layer's stored bytes have the digest ${digest}`;
    problems.push({ code: 'LAYER_DIGEST_MISMATCH', subject: descriptor.digest, message });
  }
  const actual = unpacked.digest('hex');
  if (actual !== digestHex(diffId)) {
    problems.push({
      code: 'LAYER_DIFF_ID_MISMATCH',
      subject: diffId,
      message: `The layer's tar has the diffID ${actual}`,
    });
  }
  return problems;
}

function absentLayer(subject: DiffId, absent: NonNullable<Layer['absent']>): Problem {
  const message =
    absent === 'foreign' ? 'The layer is kept elsewhere and was not read' : 'The layer is missing from the image';
  return { code: 'LAYER_ABSENT', subject, message };
}
