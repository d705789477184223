import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { PackedText } from './model.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Packs a text so that many can be held. */
export async function packText(text: string): Promise<PackedText> {
  return await compress(text, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}

/** Its bytes in UTF-8, for whoever writes them as they are. */
export async function unpackBytes(packed: PackedText): Promise<Uint8Array> {
  return await decompress(packed);
}

/** The text again. */
export async function unpackText(packed: PackedText): Promise<string> {
  return (await decompress(packed)).toString('utf8');
}
