import { contextTag, derTag } from './tag.ts';

/** A value: identifier, shortest length, content (X.690, 10.1). */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** A SEQUENCE of values that are written already. */
export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return derValue(derTag.sequence, ...parts);
}

/** A SET OF values that are written already, in the order that DER demands (X.690, 11.6). */
export function derSet(...parts: readonly Uint8Array[]): Buffer {
  return derValue(derTag.set, ...parts.toSorted((a, b) => Buffer.compare(a, b)));
}

/** `[number] EXPLICIT` around a value, or `[number] IMPLICIT` for a constructed type given its inner values. */
export function derContext(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return derValue(contextTag(number, true), ...parts);
}

/** An INTEGER; octets are taken as a number without sign. */
export function derInteger(value: bigint | number | Uint8Array): Buffer {
  if (value instanceof Uint8Array) {
    const start = value.findIndex((byte) => byte !== 0);
    const bytes = start < 0 ? Buffer.alloc(1) : Buffer.from(value.subarray(start));
    return derValue(derTag.integer, ...((bytes[0] as number) >= 0x80 ? [Buffer.alloc(1)] : []), bytes);
  }
  let rest = BigInt(value);
  const bytes: number[] = [];
  do {
    bytes.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (!(rest === 0n && (bytes[0] as number) < 0x80) && !(rest === -1n && (bytes[0] as number) >= 0x80));
  return derValue(derTag.integer, Buffer.from(bytes));
}

/** An OBJECT IDENTIFIER from its dotted form (X.690, 8.19). */
export function derOid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return derValue(derTag.oid, Buffer.from([first * 40n + second, ...rest].flatMap(base128)));
}

/** A BOOLEAN. */
export function derBoolean(value: boolean): Buffer {
  return derValue(derTag.boolean, Buffer.from([value ? 0xff : 0]));
}

/** A BIT STRING that ends at an octet. */
export function derBitString(bytes: Uint8Array): Buffer {
  return derValue(derTag.bitString, Buffer.alloc(1), bytes);
}

/** A GeneralizedTime in UTC; whole seconds, or milliseconds without trailing zeros (X.690, 11.7). */
export function derGeneralizedTime(time: Date): Buffer {
  const [day = '', clock = ''] = time.toISOString().split('T');
  const [seconds = '', fraction = ''] = clock.slice(0, -1).split('.');
  const kept = fraction.replace(/0+$/, '');
  const text = `${day.replaceAll('-', '')}${seconds.replaceAll(':', '')}${kept === '' ? '' : `.${kept}`}Z`;
  return derValue(derTag.generalizedTime, Buffer.from(text, 'latin1'));
}

/** The time of a certificate: UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5); whole seconds. */
export function derTime(time: Date): Buffer {
  const whole = new Date(Math.floor(time.getTime() / 1000) * 1000);
  if (whole.getUTCFullYear() >= 2050 || whole.getUTCFullYear() < 1950) return derGeneralizedTime(whole);
  const text = `${whole.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`;
  return derValue(derTag.utcTime, Buffer.from(text, 'latin1'));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function base128(part: bigint): number[] {
  const bytes = [Number(part & 0x7fn)];
  for (let rest = part >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}
