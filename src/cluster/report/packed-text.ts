import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { PackedText } from './model.ts';

const compress = promisify(zstdCompress);

/** Bytes of a piece in which a text is unpacked; Node takes no smaller ones than 64. */
const piece = { least: 64, most: 4_194_304 };

/** Packs a text so that many can be held. */
export async function packText(text: string): Promise<PackedText> {
  const bytes = Buffer.from(text);
  const packed = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  // A copy: what came may be a part of a larger buffer, which would stay with it.
  return { packed: new Uint8Array(packed), size: bytes.length };
}

/**
 * Its bytes in UTF-8, for whoever writes them as they are. It is done at once and in one piece where that is possible: thousands of
 * workloads have the same few texts, and unpacking by small pieces takes many times as long and leaves as much behind.
 */
export function unpackBytes({ packed, size }: PackedText): Uint8Array {
  return zstdDecompressSync(packed, { chunkSize: Math.min(Math.max(size, piece.least), piece.most) });
}

/** The text again. */
export function unpackText(text: PackedText): string {
  return Buffer.from(unpackBytes(text)).toString('utf8');
}
