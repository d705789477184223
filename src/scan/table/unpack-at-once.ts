import { decompress } from '../../codec/compression/decompress.ts';

/**
 * Unpacks bytes that are all there.
 *
 * @param sink gets pieces, each only valid during the call; it stops what unfolds to too much
 * @param maxBytes that come out
 * @throws CodecError; what the sink throws
 */
export async function unpackAtOnce(packed: Uint8Array, sink: (chunk: Buffer) => void, maxBytes: number): Promise<void> {
  // Tables repeat themselves a lot: their size is the limit, and no ratio.
  await decompress(pieces(packed), sink, { maxBytes, maxRatio: Infinity, ratioFloor: 0 });
}

/** Each with memory of its own, as the decoder wants them. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield await Promise.resolve(bytes.slice(at, at + pieceBytes));
}

const pieceBytes = 1_048_576;
