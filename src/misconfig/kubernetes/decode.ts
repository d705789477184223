import { manifestLimits } from './limits.ts';
import { looksLikeManifest } from './recognize.ts';

/** The text of a file, or why there is none. */
export type Decoded = { readonly text: string } | { readonly problem: string };

/** Reads bytes as text; undefined where they are none of a manifest. */
export function decodeManifest(bytes: Uint8Array): Decoded | undefined {
  if (bytes.length > manifestLimits.bytes) {
    const beginning = new TextDecoder().decode(bytes.subarray(0, 65_536));
    if (!looksLikeManifest(beginning)) return undefined;
    return { problem: `This is larger than ${manifestLimits.bytes} bytes, which is not read; split the file` };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe ? 'utf-16be' : 'utf-8';
    if (!looksLikeManifest(new TextDecoder(encoding).decode(bytes))) return undefined;
    return { problem: 'This is not UTF-8; save the file in that encoding' };
  }
}
