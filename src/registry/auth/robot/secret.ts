import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** How secrets of robot accounts begin, so that whoever finds one knows whose it is. */
const secretPrefix = 'swr_';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const bodyLength = 43;
const checksumLength = 6;

/** A secret, and what is kept of it. */
export interface MadeSecret {
  /** Shown once, to whoever made it. */
  readonly secret: string;
  readonly sha256: string;
}

/**
 * Makes a secret: `swr_`, 256 random bits in base 62, and their CRC-32 in base 62. The checksum is for programs that look for
 * leaked secrets: without asking anybody, they can tell one from a text that looks like one.
 */
export function makeSecret(): MadeSecret {
  const body = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), bodyLength);
  const secret = `${secretPrefix}${body}${checksum(body)}`;
  return { secret, sha256: hashSecret(secret) };
}

/** Whether a text has the form of a secret, its checksum included. */
export function isSecret(text: string): boolean {
  const match = /^swr_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(text);
  return match !== null && checksum(match[1] ?? '') === match[2];
}

/** What is kept of a secret, in hexadecimal. Nobody tries out 2^256 secrets, so a plain hash is enough. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two hashes are the same, in a time that does not say where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return a.length === 32 && b.length === 32 && timingSafeEqual(a, b);
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), checksumLength);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = (digits[Number(rest % 62n)] ?? '') + text;
  return text;
}
