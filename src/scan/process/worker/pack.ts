import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { processLimits } from '../limits.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Packs what is kept of a scan. */
export function pack(text: string | Uint8Array): Promise<Buffer> {
  return compress(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

/** Unpacks it. @throws RangeError when there is more of it than of any image */
export function unpack(bytes: Uint8Array): Promise<Buffer> {
  return decompress(bytes, { maxOutputLength: processLimits.evidenceBytes });
}
