import { crc32 } from 'node:zlib';
import { DeflateEncoder } from './deflate-encoder.ts';

/** Deflate, no flags, no time, nothing about how hard it was tried, and a system that is not told (RFC 1952, 2.3.1). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/**
 * Packs a stream as one gzip member without a name and a time (RFC 1952). The same bytes give the same output everywhere, in
 * whatever pieces they come.
 */
export async function* gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new DeflateEncoder();
  let sum = 0;
  let size = 0;
  yield header;
  for await (const chunk of source) {
    sum = crc32(chunk, sum);
    size += chunk.length;
    yield* encoder.push(chunk);
  }
  yield encoder.end();
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}
