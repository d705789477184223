import { isUtf8 } from 'node:buffer';

/** Added to a byte that is no UTF-8: letters of the private use area, which names of files do not have. */
const escapeBase = 0xef00;
const lastEscape = escapeBase + 0xff;
const odd = /[\uFFFD\uEF80-\uEFFF]/;

/**
 * Decodes a name or a path. Systems take names for bytes, so that names of different bytes must stay different: were a folder's name in latin-1
 * read as the letters that it shows, a whiteout of the same letters in UTF-8 would hide it. A byte that is no UTF-8 becomes U+EF00 and its
 * value; so do the bytes of the letters that stand for such bytes.
 */
export function decodeName(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8');
  return odd.test(utf8) ? decodeOdd(bytes) : utf8;
}

function decodeOdd(bytes: Buffer): string {
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const letter = bytes.subarray(at, at + lengthOf(bytes[at] as number));
    const text = isUtf8(letter) ? letter.toString('utf8') : '';
    const code = text.charCodeAt(0);
    if (text !== '' && !(code >= escapeBase + 0x80 && code <= lastEscape)) {
      name += text;
      at += letter.length;
      continue;
    }
    name += String.fromCharCode(escapeBase + (bytes[at] as number));
    at += 1;
  }
  return name;
}

/** Bytes of the letter that begins with this one. */
function lengthOf(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
