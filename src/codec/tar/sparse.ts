import { CodecError } from '../error.ts';

/** A run of real data in a sparse file; what lies between runs is zeros. */
export interface SparsePiece {
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** The map of a sparse file. */
export interface SparseMap {
  readonly pieces: readonly SparsePiece[];
  /** The file's size with its holes, in bytes. */
  readonly realSize: number;
}

/**
 * Checks that pieces ascend, do not overlap, lie within the file and together hold the stored bytes.
 *
 * @param storedSize bytes of data in the archive; undefined when the map itself precedes them
 * @throws CodecError MALFORMED
 */
export function checkSparseMap(map: SparseMap, storedSize: number | undefined): SparseMap {
  let end = 0;
  let stored = 0;
  for (const { offset, length } of map.pieces) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || length < 0 || offset < end) throw malformed();
    end = offset + length;
    stored += length;
  }
  if (end > map.realSize || (storedSize !== undefined && stored !== storedSize)) throw malformed();
  return map;
}

/** The error for a map that breaks its format. */
export function malformed(): CodecError {
  return new CodecError('MALFORMED', 'The map of a sparse file in a tar breaks its format; the archive is damaged');
}

/** Bytes of one `offset, length` pair in GNU's old sparse headers: two 12-byte octal fields. */
const oldPairSize = 24;

/**
 * Reads the pairs in a block of GNU's old sparse format (type `S`): four in the header from byte 386, 21 in each
 * following block from byte 0.
 *
 * @returns true when another block of pairs follows
 */
export function readOldSparsePairs(block: Buffer, offset: number, isHeader: boolean, pieces: SparsePiece[]): boolean {
  const start = offset + (isHeader ? 386 : 0);
  const count = isHeader ? 4 : 21;
  for (let pair = 0; pair < count; pair += 1) {
    const at = start + pair * oldPairSize;
    if (block[at] === 0) break;
    pieces.push({ offset: sparseNumber(block, at), length: sparseNumber(block, at + 12) });
  }
  return block[offset + (isHeader ? 482 : 504)] !== 0;
}

/** The size with holes that an old sparse header states, at byte 483. */
export function readOldSparseRealSize(block: Buffer, offset: number): number {
  return sparseNumber(block, offset + 483);
}

function sparseNumber(bytes: Buffer, start: number): number {
  if ((bytes[start] as number) & 0x80) {
    let value = (bytes[start] as number) & 0x7f;
    for (let at = start + 1; at < start + 12; at += 1) value = value * 256 + (bytes[at] as number);
    return value;
  }
  const digits = bytes.toString('latin1', start, start + 12).replace(/[\0 ].*$/s, '');
  if (!/^[0-7]*$/.test(digits)) throw malformed();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Reads `offset,length,offset,length…` of PAX sparse format 0.1. */
export function parseSparseList(text: string): SparsePiece[] {
  if (!/^[0-9]{1,16}(?:,[0-9]{1,16})*$/.test(text)) throw malformed();
  const numbers = text.split(',').map(Number);
  if (numbers.length % 2 !== 0) throw malformed();
  const pieces: SparsePiece[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    pieces.push({ offset: numbers[at] as number, length: numbers[at + 1] as number });
  }
  return pieces;
}

/** Decimal digits of one number, beyond which it is no size. */
const maxDigits = 16;

/**
 * Collects the map of PAX sparse format 1.0, which stands as decimal lines at the start of the data: the count of
 * pieces, then offset and length of each. Reads every byte once.
 */
export class SparseMapCollector {
  readonly #numbers: number[] = [];
  #value = 0;
  #digits = 0;
  readonly #maxPieces: number;

  constructor(maxPieces: number) {
    this.#maxPieces = maxPieces;
  }

  /**
   * Takes one more block; gives the pieces once the map is whole.
   *
   * @throws CodecError MALFORMED
   */
  add(block: Buffer): SparsePiece[] | undefined {
    for (const byte of block) {
      if (byte !== 0x0a) {
        this.#value = this.#value * 10 + byte - 0x30;
        this.#digits += 1;
        if (byte < 0x30 || byte > 0x39 || this.#digits > maxDigits) throw malformed();
        continue;
      }
      if (this.#digits === 0) throw malformed();
      this.#numbers.push(this.#value);
      this.#value = 0;
      this.#digits = 0;
      const count = this.#numbers[0] as number;
      if (count > this.#maxPieces) throw malformed();
      // What follows in the block is padding.
      if (this.#numbers.length === count * 2 + 1) return this.#pieces();
    }
    return undefined;
  }

  #pieces(): SparsePiece[] {
    const pieces: SparsePiece[] = [];
    for (let at = 1; at < this.#numbers.length; at += 2) {
      pieces.push({ offset: this.#numbers[at] as number, length: this.#numbers[at + 1] as number });
    }
    return pieces;
  }
}
