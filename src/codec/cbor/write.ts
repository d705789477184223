import { CborTag, type CborLabel, type CborValue } from './value.ts';

/**
 * Writes a value as RFC 8949, 4.2.1, has it: shortest heads, definite lengths, labels in the order of their bytes. There is
 * one encoding for each value, so that what is signed need not travel.
 */
export function encodeCbor(value: CborValue): Buffer {
  if (typeof value === 'bigint') return value < 0n ? head(1, -1n - value) : head(0, value);
  if (typeof value === 'string') return withLength(3, Buffer.from(value));
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (value === null) return Buffer.from([0xf6]);
  if (Buffer.isBuffer(value)) return withLength(2, value);
  if (value instanceof CborTag) return Buffer.concat([head(6, value.number), encodeCbor(value.value)]);
  if (isMap(value)) return encodeMap(value);
  return Buffer.concat([head(4, BigInt(value.length)), ...value.map(encodeCbor)]);
}

function encodeMap(map: ReadonlyMap<CborLabel, CborValue>): Buffer {
  const entries = [...map].map(([label, value]) => [encodeCbor(label), encodeCbor(value)] as const);
  const ordered = entries.toSorted(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(5, BigInt(map.size)), ...ordered.flat()]);
}

function isMap(value: CborValue): value is ReadonlyMap<CborLabel, CborValue> {
  return value instanceof Map;
}

function withLength(type: number, bytes: Buffer): Buffer {
  return Buffer.concat([head(type, BigInt(bytes.length)), bytes]);
}

/** The initial byte and the number that belongs to it. */
function head(type: number, argument: bigint): Buffer {
  if (argument < 24n) return Buffer.from([(type << 5) | Number(argument)]);
  const power = [0, 1, 2, 3].find((one) => argument < 1n << BigInt(8 << one)) ?? 3;
  const size = 1 << power;
  const bytes = Buffer.from(argument.toString(16).padStart(size * 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([(type << 5) | (24 + power)]), bytes]);
}
