import { CodecError } from '../error.ts';

/** Reads integers of a program's byte order, with every offset checked. */
export class ByteView {
  readonly bytes: Buffer;
  readonly littleEndian: boolean;
  /** What the bytes belong to, for messages: `ELF`. */
  readonly #format: string;

  constructor(bytes: Buffer, littleEndian: boolean, format: string) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.#format = format;
  }

  u16(offset: number): number {
    this.require(offset, 2);
    return this.littleEndian ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    this.require(offset, 4);
    return this.littleEndian ? this.bytes.readUInt32LE(offset) : this.bytes.readUInt32BE(offset);
  }

  /** A 64-bit number; above 2^53 its low bits are lost, which only addresses of kernels reach. */
  u64(offset: number): number {
    const first = this.u32(offset);
    const second = this.u32(offset + 4);
    return this.littleEndian ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }

  /** A number as wide as the program's addresses. */
  word(offset: number, bits: 32 | 64): number {
    return bits === 64 ? this.u64(offset) : this.u32(offset);
  }

  /** @throws CodecError TRUNCATED unless the file holds all of `size` bytes at `offset` */
  require(offset: number, size: number): void {
    if (this.holds(offset, size)) return;
    throw new CodecError(
      'TRUNCATED',
      `The ${this.#format} headers point past the end of the file; it is cut short or damaged, fetch it again`,
    );
  }

  holds(offset: number, size: number): boolean {
    return offset >= 0 && size >= 0 && offset <= this.bytes.length && size <= this.bytes.length - offset;
  }

  /** All of `size` bytes at `offset`, as a view. */
  slice(offset: number, size: number): Buffer {
    this.require(offset, size);
    return this.bytes.subarray(offset, offset + size);
  }

  /** What the file holds of `size` bytes at `offset`, as a view. */
  clamp(offset: number, size: number): Buffer {
    const start = Math.min(offset, this.bytes.length);
    return this.bytes.subarray(start, Math.min(start + size, this.bytes.length));
  }

  /** Text up to the first NUL, at most `limit` bytes of it; the cost does not depend on where the next NUL is. */
  text(offset: number, limit: number): string {
    const end = Math.min(offset + limit, this.bytes.length);
    let at = offset;
    while (at < end && this.bytes[at] !== 0) at++;
    return at > offset ? this.bytes.toString('latin1', offset, at) : '';
  }
}
