import { CodecError } from '../error.ts';

/**
 * Reads base64 in the standard alphabet with its padding and nothing else (RFC 4648, section 4). Bits after the last
 * octet must be zero (section 3.5), so that no two texts give the same bytes. Errors do not repeat the text, which may be secret.
 *
 * @throws CodecError MALFORMED
 */
export function decodeBase64(text: string): Buffer {
  // Whatever the reader passes over or mends is not in what is written again. No pattern: texts of some megabytes overflow its stack.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new CodecError('MALFORMED', 'A text is not base64');
  return bytes;
}

/** Reads base64 in the alphabet of URLs without padding, as JSON Web Tokens have it (RFC 7515, section 2). @throws CodecError MALFORMED */
export function decodeBase64Url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    throw new CodecError('MALFORMED', 'A text is not base64 for URLs');
  }
  return bytes;
}
