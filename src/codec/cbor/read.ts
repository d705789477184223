import { CodecError } from '../error.ts';
import { cborLimits } from './limits.ts';
import { type CborLabel, type CborMap, CborTag, type CborValue } from './value.ts';

/**
 * Reads bytes that are one CBOR value and nothing more (RFC 8949): lengths definite and, like all numbers, as short as can
 * be (4.2.1), texts in UTF-8, no label twice in a map. The order of labels is not checked: signers differ in it. Numbers
 * with a fraction, `undefined` and other simple values mean nothing in a signature and are refused.
 *
 * @throws CodecError
 */
export function readCbor(bytes: Uint8Array): CborValue {
  if (bytes.length > cborLimits.documentBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The CBOR has ${bytes.length} bytes, more than ${cborLimits.documentBytes}`);
  }
  const reader = new CborReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const value = reader.readValue(0);
  if (!reader.atEnd) throw malformed('bytes follow the end of the value');
  return value;
}

/** Major types (RFC 8949, 3.1). */
const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;

class CborReader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Calls itself for what is inside, never deeper than the cap. */
  readValue(depth: number): CborValue {
    if (depth > cborLimits.depth) {
      throw new CodecError('LIMIT_EXCEEDED', `The CBOR nests deeper than ${cborLimits.depth} levels`);
    }
    this.#values += 1;
    if (this.#values > cborLimits.values) {
      throw new CodecError('LIMIT_EXCEEDED', `The CBOR has more than ${cborLimits.values} values`);
    }
    const initial = this.#take(1)[0] as number;
    const type = initial >> 5;
    if (type === major.simple) return readSimple(initial & 0x1f);
    const argument = this.#readArgument(initial & 0x1f);
    switch (type) {
      case major.unsigned:
        return argument;
      case major.negative:
        return -1n - argument;
      case major.bytes:
        return this.#take(this.#count(argument, 1));
      case major.text:
        return decodeUtf8(this.#take(this.#count(argument, 1)));
      case major.list: {
        const list: CborValue[] = [];
        for (let left = this.#count(argument, 1); left > 0; left -= 1) list.push(this.readValue(depth + 1));
        return list;
      }
      case major.map:
        return this.#readMap(this.#count(argument, 2), depth);
      default:
        return new CborTag(argument, this.readValue(depth + 1));
    }
  }

  #readMap(entries: number, depth: number): CborMap {
    const map = new Map<CborLabel, CborValue>();
    for (let left = entries; left > 0; left -= 1) {
      const label = this.readValue(depth + 1);
      if (typeof label !== 'bigint' && typeof label !== 'string') throw malformed('a label is neither number nor text');
      // RFC 8949, 5.6: readers would differ in which of them they obey.
      if (map.has(label)) throw malformed(`it has the label ${String(label).slice(0, 100)} twice`);
      map.set(label, this.readValue(depth + 1));
    }
    return map;
  }

  /** The number that follows the initial byte (RFC 8949, 3). */
  #readArgument(information: number): bigint {
    if (information < 24) return BigInt(information);
    if (information > 27) throw malformed('a length is indefinite or absurd');
    const size = 1 << (information - 24);
    const argument = BigInt(`0x${this.#take(size).toString('hex')}`);
    const least = size === 1 ? 24n : 1n << BigInt(size * 4);
    if (argument < least) throw malformed('a number is longer than it must be');
    return argument;
  }

  /** A count of what takes at least so many bytes each; checked before anything is made for it. */
  #count(argument: bigint, each: number): number {
    if (argument * BigInt(each) > BigInt(this.#bytes.length - this.#at)) throw truncated();
    return Number(argument);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw truncated();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

/** RFC 8949, 3.3. */
function readSimple(information: number): boolean | null {
  if (information === 20 || information === 21) return information === 21;
  if (information === 22) return null;
  throw new CodecError('UNSUPPORTED', 'The CBOR has a value of a kind that is not used here');
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CodecError('MALFORMED', 'The CBOR cannot be read: a text is not UTF-8', { cause });
  }
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The CBOR cannot be read: ${what}`);
}

function truncated(): CodecError {
  return new CodecError('TRUNCATED', 'The CBOR ends in the middle of a value');
}
