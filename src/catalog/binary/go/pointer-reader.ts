import type { ExecutableSegment } from '../../../codec/executable/executable.ts';
import { malformed, textOf } from './text-of.ts';

/** Follows addresses of a program through its segments. */
export class PointerReader {
  readonly #segments: readonly ExecutableSegment[];
  readonly #size: 4 | 8;
  readonly #bigEndian: boolean;

  constructor(segments: readonly ExecutableSegment[], size: 4 | 8, bigEndian: boolean) {
    this.#segments = segments;
    this.#size = size;
    this.#bigEndian = bigEndian;
  }

  /** An address or length as wide as a pointer. */
  read(bytes: Buffer, at: number): number {
    if (at + this.#size > bytes.length) throw malformed();
    if (this.#size === 4) return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const first = this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const second = this.#bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    return this.#bigEndian ? first * 0x1_0000_0000 + second : second * 0x1_0000_0000 + first;
  }

  /** The string whose header (address and length) is at an address. */
  string(header: number, limit: number): string {
    const place = this.#at(header);
    const length = this.read(place, this.#size);
    return length === 0 ? '' : textOf(this.#at(this.read(place, 0)), 0, length, limit);
  }

  /** What a segment holds from an address on. */
  #at(address: number): Buffer {
    for (const segment of this.#segments) {
      const offset = address - segment.address;
      if (offset >= 0 && offset < segment.bytes.length) return segment.bytes.subarray(offset);
    }
    throw malformed();
  }
}
