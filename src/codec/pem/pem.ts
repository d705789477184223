import { decodeBase64 } from '../base64/decode.ts';
import { CodecError } from '../error.ts';

/** One block of PEM (RFC 7468). */
export interface PemBlock {
  /** What stands between `BEGIN` and the dashes: `CERTIFICATE`. */
  readonly label: string;
  readonly bytes: Buffer;
}

const maxBlocks = 1000;
const maxLength = 16_777_216;
const boundary = /^-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]{0,63})-----$/;

/**
 * Reads the blocks of a PEM text in order. Text around the blocks is passed over (RFC 7468, section 2); inside them
 * stands base64 alone: headers, as encrypted keys of OpenSSL's own format have, are refused.
 *
 * @throws CodecError
 */
export function parsePem(text: string): PemBlock[] {
  if (text.length > maxLength) throw new CodecError('LIMIT_EXCEEDED', 'The PEM text is too long');
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const match = boundary.exec(line);
    if (match === null) {
      if (label !== undefined) lines.push(line);
      continue;
    }
    if ((match[1] === 'BEGIN') === (label !== undefined) || (label !== undefined && match[2] !== label)) {
      throw new CodecError('MALFORMED', 'The PEM text has a boundary where none belongs');
    }
    if (label === undefined) label = match[2] as string;
    else {
      if (blocks.length === maxBlocks) throw new CodecError('LIMIT_EXCEEDED', 'The PEM text has too many blocks');
      blocks.push({ label, bytes: decodeBase64(lines.join('')) });
      label = undefined;
      lines = [];
    }
  }
  if (label !== undefined) throw new CodecError('TRUNCATED', 'The PEM text ends within a block');
  return blocks;
}

/** Writes one block, 64 characters a line, with a line break at its end. */
export function formatPem({ label, bytes }: PemBlock): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
