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

/** Without a call for each letter: a tar may have a gigabyte of them in extension records, and be small as it is packed. */
function decodeOdd(bytes: Buffer): string {
  // No letter has more units of UTF-16 than bytes.
  const units = Buffer.allocUnsafe(2 * bytes.length);
  let end = 0;
  for (let at = 0; at < bytes.length;) {
    const code = letterAt(bytes, at);
    if (code < 0 || (code >= escapeBase + 0x80 && code <= lastEscape)) {
      end = units.writeUInt16LE(escapeBase + (bytes[at] as number), end);
      at += 1;
    } else if (code < 0x1_0000) {
      end = units.writeUInt16LE(code, end);
      at += lengthOf(bytes[at] as number);
    } else {
      end = units.writeUInt16LE(0xd7c0 + (code >> 10), end);
      end = units.writeUInt16LE(0xdc00 + (code & 0x3ff), end);
      at += 4;
    }
  }
  return units.toString('utf16le', 0, end);
}

/** The code point of the letter that begins there in UTF-8 (RFC 3629); negative where none does. */
function letterAt(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return first;
  const length = lengthOf(first);
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return -1;
  let code = first & (0x7f >> length);
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = bytes[next] as number;
    if ((byte & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  const isLong = (length === 3 && code < 0x800) || (length === 4 && code < 0x1_0000);
  return isLong || code > 0x10_ffff || (code >= 0xd800 && code < 0xe000) ? -1 : code;
}

/** Bytes of the letter that begins with this one. */
function lengthOf(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
