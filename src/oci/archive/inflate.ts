import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { zstdFrames } from '../../codec/compression/zstd-frames.ts';
import { CodecError } from '../../codec/error.ts';
import type { InflateLimits } from '../../codec/compression/limits.ts';

/** Bytes that come out of zlib at once. */
const chunkSize = 262_144;

/**
 * Unpacks a compressed file as it is pulled, so that a reader may stop early: all members of a gzip, all frames of
 * a zstd.
 *
 * @throws CodecError TRUNCATED, MALFORMED or LIMIT_EXCEEDED, and what `source` throws
 */
export async function* inflateChunks(
  source: AsyncIterable<Buffer>,
  format: 'gzip' | 'zstd',
  limits: InflateLimits,
): AsyncGenerator<Buffer> {
  const counter = { taken: 0 };
  const inflater =
    format === 'gzip'
      ? createGunzip({ chunkSize })
      : createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 27 } });
  const packed = counted(source, counter);
  // Object mode keeps the pieces apart: the decoder drops what follows the end of a zstd frame in one piece.
  const input = Readable.from(format === 'zstd' ? zstdFrames(packed) : packed, { objectMode: true });
  // The reader below meets the same failure; this promise is only kept from going unhandled.
  const piped = pipeline(input, inflater).catch(() => undefined);
  let given = 0;
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      given += chunk.length;
      checkLimits(given, counter.taken, limits);
      yield chunk;
    }
  } catch (error) {
    throw translate(error);
  } finally {
    inflater.destroy();
    input.destroy();
    await piped;
  }
}

async function* counted(source: AsyncIterable<Buffer>, counter: { taken: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    counter.taken += chunk.length;
    yield chunk;
  }
}

function checkLimits(given: number, taken: number, { maxBytes, maxRatio, ratioFloor }: InflateLimits): void {
  if (given > maxBytes) throw new CodecError('LIMIT_EXCEEDED', `it unfolds to more than ${maxBytes} bytes`);
  if (given > ratioFloor && given > taken * maxRatio) {
    throw new CodecError('LIMIT_EXCEEDED', `it unfolds more than ${maxRatio}-fold, which only bombs do`);
  }
}

function translate(error: unknown): unknown {
  // An aborted signal's reason has a number for a code.
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return error;
  if (code === 'Z_BUF_ERROR') return new CodecError('TRUNCATED', 'it ends too early', { cause: error });
  if (!code.startsWith('Z_') && !code.startsWith('ZSTD_')) return error;
  return new CodecError('MALFORMED', 'its compressed bytes are damaged', { cause: error });
}
