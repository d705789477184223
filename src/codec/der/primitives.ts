import { CodecError } from '../error.ts';
import { derLimits } from './limits.ts';
import { type DerValue, expectTag } from './read.ts';
import { derTag } from './tag.ts';

/** A BOOLEAN (X.690, 11.1: true is 0xFF). @throws CodecError */
export function readBoolean(value: DerValue | undefined): boolean {
  const { content } = expectTag(value, derTag.boolean);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed('a boolean is neither');
  return content[0] === 0xff;
}

/** An INTEGER of any size, signed (X.690, 8.3). @throws CodecError */
export function readInteger(value: DerValue | undefined): bigint {
  const content = readIntegerBytes(value);
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`));
}

/** The octets of an INTEGER, in two's complement and as few as possible. @throws CodecError */
export function readIntegerBytes(value: DerValue | undefined, tag: number = derTag.integer): Buffer {
  const { content } = expectTag(value, tag);
  const [first, second = 0] = content;
  if (first === undefined) throw malformed('an integer is empty');
  if (content.length > derLimits.integerBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The DER has an integer of ${content.length} bytes`);
  }
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw malformed('an integer is longer than it must be');
  }
  return content;
}

/** An OBJECT IDENTIFIER in dotted form (X.690, 8.19). @throws CodecError */
export function readOid(value: DerValue | undefined): string {
  const { content } = expectTag(value, derTag.oid);
  if (content.length > derLimits.oidBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The DER has an object identifier of ${content.length} bytes`);
  }
  if (content.length === 0 || (content.at(-1) as number) >= 0x80) throw malformed('an object identifier is cut off');
  const parts: bigint[] = [];
  let part = 0n;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw malformed('an object identifier is padded');
    part = (part << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (parts.length === 0) {
      const top = part < 40n ? 0n : part < 80n ? 1n : 2n;
      parts.push(top, part - top * 40n);
    } else parts.push(part);
    part = 0n;
  }
  return parts.join('.');
}

/** The octets of a BIT STRING that ends at an octet, as keys and signatures do. @throws CodecError */
export function readBitString(value: DerValue | undefined): Buffer {
  const { content } = expectTag(value, derTag.bitString);
  if (content[0] !== 0) throw malformed('a bit string does not end at an octet');
  return content.subarray(1);
}

/** The bits of a BIT STRING by number, for flags such as `KeyUsage`. @throws CodecError */
export function readFlags(value: DerValue | undefined): ReadonlySet<number> {
  const { content } = expectTag(value, derTag.bitString);
  const unused = content[0];
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0) || content.length > 9) {
    throw malformed('a bit string of flags has an impossible length');
  }
  const bits = (content.length - 1) * 8 - unused;
  const set = new Set<number>();
  for (let bit = 0; bit < bits; bit += 1) {
    if (((content[1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0) set.add(bit);
  }
  return set;
}

/** The octets of an OCTET STRING. @throws CodecError */
export function readOctets(value: DerValue | undefined): Buffer {
  return expectTag(value, derTag.octetString).content;
}

const utcPattern = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const generalizedPattern = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,17}[1-9]))?Z$/;

/**
 * A UTCTime or GeneralizedTime in UTC, as DER writes them (X.690, 11.7 and 11.8; RFC 5280, 4.1.2.5: years below 50 are of
 * this century). Fractions of a second may have any number of digits (RFC 3161, 2.4.2); milliseconds of them are kept.
 *
 * @throws CodecError
 */
export function readTime(value: DerValue | undefined): Date {
  const text = value?.content.toString('latin1') ?? '';
  const utc = value?.tag === derTag.utcTime ? utcPattern.exec(text) : null;
  const general = value?.tag === derTag.generalizedTime ? generalizedPattern.exec(text) : null;
  const match = utc ?? general;
  if (match === null) throw malformed('a time is not written as DER wants it');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const full = utc === null ? year : year + (year < 50 ? 2000 : 1900);
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const time = new Date(0);
  time.setUTCFullYear(full, month - 1, day);
  time.setUTCHours(hour, minute, second, milliseconds);
  const kept = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!kept) throw malformed('a time does not exist');
  return time;
}

/** The text of a UTF8String, PrintableString or IA5String. @throws CodecError */
export function readText(value: DerValue | undefined): string {
  const { tag, content } = value ?? expectTag(value, derTag.utf8String);
  if (tag === derTag.utf8String) return decodeUtf8(content);
  if (tag !== derTag.printableString && tag !== derTag.ia5String) throw malformed(`tag ${tag} is no text`);
  if (content.some((byte) => byte >= 0x80)) throw malformed('a text has characters beyond ASCII');
  return content.toString('latin1');
}

function decodeUtf8(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    throw new CodecError('MALFORMED', 'The DER cannot be read: a text is not UTF-8', { cause });
  }
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The DER cannot be read: ${what}`);
}
