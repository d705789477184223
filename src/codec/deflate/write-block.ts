import type { BitWriter } from './bit-writer.ts';
import { codeLengths, codesOf } from './code-lengths.ts';
import { distanceBase, distanceBits, distanceSymbol, lengthBase, lengthBits, lengthSymbol } from './symbols.ts';

/** One block: literals and matches, and the bytes that they stand for. */
export interface DeflateBlock {
  /** A literal is its byte; a match has its length in the bits from 16 on, and its distance, less one, below. */
  readonly tokens: Uint32Array;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

const endOfBlock = 256;
/** Code lengths are written in this order (RFC 1951, 3.2.7). */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
/** Most bytes of a stored block (RFC 1951, 3.2.4). */
const storedBytes = 65_535;

/** Writes a block with codes of its own, or as it is where these would take more room (RFC 1951, 3.2.3). */
export function writeBlock(block: DeflateBlock, out: BitWriter): void {
  const { tokens, bytes, isLast } = block;
  const counts = new Uint32Array(286);
  const distanceCounts = new Uint32Array(30);
  let further = 0;
  for (const token of tokens) {
    if (token < 65_536) {
      counts[token] = (counts[token] as number) + 1;
      continue;
    }
    const length = lengthSymbol[token >>> 16] as number;
    const distance = distanceSymbol((token & 0xffff) + 1);
    counts[257 + length] = (counts[257 + length] as number) + 1;
    distanceCounts[distance] = (distanceCounts[distance] as number) + 1;
    further += (lengthBits[length] as number) + (distanceBits[distance] as number);
  }
  counts[endOfBlock] = 1;
  const lengths = codeLengths(counts, 15);
  const distances = codeLengths(distanceCounts, 15);
  const header = describeCodes(lengths, distances);
  const bits = header.bits + further + weigh(counts, lengths) + weigh(distanceCounts, distances);
  if (bits / 8 >= bytes.length + 5 * Math.ceil(bytes.length / storedBytes) && bytes.length > 0) {
    writeStored(bytes, isLast, out);
    return;
  }
  out.write(isLast ? 1 : 0, 1);
  out.write(2, 2);
  header.write(out);
  writeTokens(tokens, { lengths, codes: codesOf(lengths) }, { lengths: distances, codes: codesOf(distances) }, out);
}

interface Codes {
  readonly lengths: Uint8Array;
  readonly codes: Uint16Array;
}

function writeTokens(tokens: Uint32Array, literals: Codes, distances: Codes, out: BitWriter): void {
  for (const token of tokens) {
    if (token < 65_536) {
      out.write(literals.codes[token] as number, literals.lengths[token] as number);
      continue;
    }
    const length = token >>> 16;
    const symbol = lengthSymbol[length] as number;
    const lengthWidth = literals.lengths[257 + symbol] as number;
    const lengthRest = (length - (lengthBase[symbol] as number)) << lengthWidth;
    out.write((literals.codes[257 + symbol] as number) | lengthRest, lengthWidth + (lengthBits[symbol] as number));
    const distance = (token & 0xffff) + 1;
    const at = distanceSymbol(distance);
    out.write(distances.codes[at] as number, distances.lengths[at] as number);
    out.write(distance - (distanceBase[at] as number), distanceBits[at] as number);
  }
  out.write(literals.codes[endOfBlock] as number, literals.lengths[endOfBlock] as number);
}

function writeStored(bytes: Uint8Array, isLast: boolean, out: BitWriter): void {
  for (let at = 0; at < bytes.length; at += storedBytes) {
    const piece = bytes.subarray(at, at + storedBytes);
    out.write(isLast && at + storedBytes >= bytes.length ? 1 : 0, 1);
    out.write(0, 2);
    out.align();
    out.write(piece.length, 16);
    out.write(piece.length ^ 0xffff, 16);
    out.copy(piece);
  }
}

/** The lengths of both codes, run-length encoded and then coded themselves (RFC 1951, 3.2.7). */
function describeCodes(
  literals: Uint8Array,
  distances: Uint8Array,
): { readonly bits: number; readonly write: (out: BitWriter) => void } {
  const literalCount = lastUsed(literals, 257);
  const distanceCount = lastUsed(distances, 1);
  const runs = runLengths([...literals.subarray(0, literalCount), ...distances.subarray(0, distanceCount)]);
  const counts = new Uint32Array(19);
  for (const { symbol } of runs) counts[symbol] = (counts[symbol] as number) + 1;
  const lengths = codeLengths(counts, 7);
  const codes = codesOf(lengths);
  const shown = lastUsed(
    Uint8Array.from(lengthOrder, (symbol) => lengths[symbol] as number),
    4,
  );
  const bits = 17 + 3 * shown + weigh(counts, lengths) + runs.reduce((sum, run) => sum + run.bits, 0);
  return {
    bits,
    write(out) {
      out.write(literalCount - 257, 5);
      out.write(distanceCount - 1, 5);
      out.write(shown - 4, 4);
      for (const symbol of lengthOrder.slice(0, shown)) out.write(lengths[symbol] as number, 3);
      for (const run of runs) {
        out.write(codes[run.symbol] as number, lengths[run.symbol] as number);
        out.write(run.value, run.bits);
      }
    },
  };
}

interface Run {
  readonly symbol: number;
  /** Further bits, and their number. */
  readonly value: number;
  readonly bits: number;
}

function runLengths(lengths: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < lengths.length;) {
    const length = lengths[at] as number;
    let end = at + 1;
    while (end < lengths.length && lengths[end] === length) end += 1;
    let left = end - at;
    at = end;
    if (length !== 0) {
      runs.push({ symbol: length, value: 0, bits: 0 });
      left -= 1;
    }
    while (left >= 3) {
      const most = length === 0 ? (left > 10 ? 138 : 10) : 6;
      const taken = Math.min(left, most);
      const least = most === 138 ? 11 : 3;
      runs.push({ symbol: length !== 0 ? 16 : most === 138 ? 18 : 17, value: taken - least, bits: bitsOf(most) });
      left -= taken;
    }
    for (; left > 0; left -= 1) runs.push({ symbol: length, value: 0, bits: 0 });
  }
  return runs;
}

function bitsOf(most: number): number {
  return most === 138 ? 7 : most === 10 ? 3 : 2;
}

function lastUsed(lengths: Uint8Array, least: number): number {
  let count = lengths.length;
  while (count > least && lengths[count - 1] === 0) count -= 1;
  return count;
}

function weigh(counts: Uint32Array, lengths: Uint8Array): number {
  let bits = 0;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    bits += (counts[symbol] as number) * (lengths[symbol] as number);
  }
  return bits;
}
