/** A value in BER with a definite length (X.690, 8.1). */
export interface BerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Where the next value begins. */
  readonly end: number;
}

/** Reads one value; undefined while it is not whole. */
export function readBer(bytes: Buffer, at = 0): BerValue | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (at + 2 + more > bytes.length) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  if (start + length > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), end: start + length };
}

/** The values inside another. */
export function readAllBer(bytes: Buffer): BerValue[] {
  const values: BerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readBer(bytes, at);
    if (value === undefined) throw new Error('A value is cut short');
    values.push(value);
    at = value.end;
  }
  return values;
}

/** Writes a value; lengths in four octets, as some directories do. */
export function ber(tag: number, ...contents: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(contents.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = Buffer.alloc(5);
  length.writeUInt8(0x84);
  length.writeUInt32BE(content.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}
