import { SbomError } from './error.ts';
import type { SbomLimits } from './limits.ts';

const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses a JSON document from outside; undefined when the bytes are no JSON.
 *
 * @throws SbomError LIMIT_EXCEEDED for too many bytes or values, or too deep a nesting
 */
export function parseBoundedJson(bytes: Uint8Array, limits: SbomLimits): unknown {
  if (bytes.length > limits.bytes) {
    throw new SbomError(
      'LIMIT_EXCEEDED',
      `The document has ${bytes.length} bytes; at most ${limits.bytes} are read, so split it or scan the image itself`,
    );
  }
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const first = bytes.subarray(start, start + 64).find((byte) => byte > 0x20);
  if (first !== 0x7b) return undefined;
  checkStructure(bytes, limits);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.length - start).toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Counts brackets and commas outside strings: what comes after may then recurse, and the parsed form fits in memory.
 *
 * @throws SbomError LIMIT_EXCEEDED
 */
export function checkStructure(bytes: Uint8Array, limits: Pick<SbomLimits, 'depth' | 'values'>): void {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) {
      index += 1;
      while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > limits.depth) {
        throw new SbomError(
          'LIMIT_EXCEEDED',
          `The document nests deeper than ${limits.depth} levels; no real one does`,
        );
      }
    } else if (byte === 0x2c) {
      values += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
    if (values > limits.values) {
      throw new SbomError('LIMIT_EXCEEDED', `The document has more than ${limits.values} values; split it`);
    }
  }
}
