import { BitWriter } from './bit-writer.ts';
import { writeBlock } from './write-block.ts';

/** How far back a match may begin (RFC 1951, 2). */
const windowBytes = 32_768;
/** Bytes that are searched at a time: matches end with them, so that what comes out depends on the bytes alone. */
const segmentBytes = 262_144;
const hashBits = 15;
/** Shorter matches save nothing beside literals. */
const shortest = 4;
const longest = 258;
/** Earlier places that are looked at for a match, and after one that is long enough not to be bettered by much. */
const tries = 20;
const triesAfterGood = 8;
const good = 32;
/** A match of so many bytes is taken without a look at what begins one byte later. */
const long = 64;
/** Tokens of one block: codes suit the bytes nearby. */
const blockTokens = 49_152;

/**
 * Packs bytes as deflate does (RFC 1951), by hash chains with a look one byte ahead. The same bytes give the same output, in whatever
 * pieces they come, on every machine and every Node: zlib's output depends on its version and on the processor.
 */
export class DeflateEncoder {
  readonly #out = new BitWriter();
  /** The window, then the segment. */
  readonly #bytes = new Uint8Array(windowBytes + segmentBytes);
  /** Where the segment begins, and how much of it is there. */
  #start = 0;
  #filled = 0;
  readonly #heads = new Int32Array(1 << hashBits).fill(-1);
  readonly #previous = new Int32Array(windowBytes);
  readonly #tokens = new Uint32Array(blockTokens);

  /** Takes bytes; gives what is packed of them so far. */
  push(chunk: Uint8Array): readonly Buffer[] {
    const packed: Buffer[] = [];
    for (let at = 0; at < chunk.length;) {
      // Only when more comes is it known that a full segment is not the last one.
      if (this.#filled === segmentBytes) {
        this.#pack(false);
        packed.push(this.#out.take());
      }
      const piece = chunk.subarray(at, at + segmentBytes - this.#filled);
      this.#bytes.set(piece, this.#start + this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
    return packed;
  }

  /** Ends the stream; gives the rest. */
  end(): Buffer {
    this.#pack(true);
    this.#out.align();
    return this.#out.take();
  }

  #pack(isLast: boolean): void {
    const bytes = this.#bytes;
    const end = this.#start + this.#filled;
    let count = 0;
    let blockStart = this.#start;
    const flush = (at: number, last: boolean): void => {
      const tokens = this.#tokens.subarray(0, count);
      writeBlock({ tokens, bytes: bytes.subarray(blockStart, at), isLast: last }, this.#out);
      count = 0;
      blockStart = at;
    };
    let at = this.#start;
    let found = this.#findAt(at, end, tries);
    while (at < end) {
      if (count === blockTokens) flush(at, false);
      const length = found >>> 16;
      let next = at + 1;
      let after = 0;
      if (length < shortest) {
        after = this.#findAt(next, end, tries);
        this.#tokens[count] = bytes[at] as number;
      } else {
        after = length < long ? this.#findAt(next, end, length >= good ? triesAfterGood : tries) : 0;
        if (after >>> 16 > length) this.#tokens[count] = bytes[at] as number;
        else {
          this.#tokens[count] = found;
          next = at + length;
          for (let passed = at + (length < long ? 2 : 1); passed < next; passed += 1) this.#enter(passed, end);
          after = this.#findAt(next, end, tries);
        }
      }
      count += 1;
      at = next;
      found = after;
    }
    flush(at, isLast);
    this.#slide(end);
  }

  /** The best match at a place, as a token, 0 where there is none; the place is then known itself. */
  #findAt(at: number, end: number, most: number): number {
    if (at + shortest > end) return 0;
    const bytes = this.#bytes;
    const previous = this.#previous;
    const limit = Math.min(longest, end - at);
    const lowest = Math.max(0, at - windowBytes);
    let best = shortest - 1;
    let distance = 0;
    let left = most;
    for (let place = this.#enter(at, end); place >= lowest && left > 0; left -= 1) {
      if (bytes[place + best] === bytes[at + best] && bytes[place + 1] === bytes[at + 1]) {
        let length = 0;
        while (length < limit && bytes[place + length] === bytes[at + length]) length += 1;
        if (length > best) {
          best = length;
          distance = at - place;
          if (length === limit) break;
        }
      }
      const earlier = previous[place & (windowBytes - 1)] as number;
      if (earlier >= place) break;
      place = earlier;
    }
    return distance === 0 ? 0 : (best << 16) | (distance - 1);
  }

  /** Puts a place at the front of its chain; gives the place that stood there. */
  #enter(at: number, end: number): number {
    if (at + shortest > end) return -1;
    const bytes = this.#bytes;
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);
    const before = this.#heads[hash] as number;
    this.#heads[hash] = at;
    this.#previous[at & (windowBytes - 1)] = before;
    return before;
  }

  /** Keeps the window before the next segment. */
  #slide(end: number): void {
    const kept = Math.min(windowBytes, end);
    const moved = end - kept;
    this.#bytes.copyWithin(0, moved, end);
    if (moved > 0) {
      for (const table of [this.#heads, this.#previous]) {
        for (let at = 0; at < table.length; at += 1) table[at] = Math.max(-1, (table[at] as number) - moved);
      }
    }
    this.#start = kept;
    this.#filled = 0;
  }
}
