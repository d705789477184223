import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isSeaworthyError } from '../src/base/error.ts';

/** Numbers at which sizes, offsets and counts go wrong. */
const words = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
/** What may stand for a number in text. */
const digits = ['99999999999999999999', '-1', '00', '9007199254740993', '4294967296', '1e309', 'NaN', ''];
/** JSON that is not what it seems: a `toString` that is no function, keys of prototypes, nesting, numbers past all sizes. */
const oddValues = [
  { toString: 1, valueOf: [] },
  { length: { toString: 1 } },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":null,"length":-1}'),
  JSON.parse('['.repeat(1000) + ']'.repeat(1000)),
  [null],
  [[{}]],
  -1,
  2 ** 53,
  1e308,
  'x'.repeat(20_000),
  '\u0000\uD800\u202E',
];

/**
 * Random bytes, the seeds with bytes flipped, cut out, repeated or cut off, with numbers replaced by those at which sizes
 * go wrong and with parts of other seeds put in, and of seeds that are JSON also valid JSON with parts replaced by other
 * values.
 */
function hostileBytes(seeds: readonly (string | Buffer)[]): fc.Arbitrary<Buffer> {
  const buffers = seeds.map((seed) => Buffer.from(seed));
  const mutated = fc
    .tuple(
      fc.constantFrom(...buffers),
      fc.constantFrom(...buffers),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255)), { maxLength: 12 }),
    )
    .map(([seed, other, edits]) => {
      let bytes = Buffer.from(seed);
      for (const [a, b, value] of edits) bytes = edit(bytes, a, b, value, other);
      return bytes;
    });
  const documents = buffers.flatMap((seed) => parsed(seed));
  const rewritten = fc
    .tuple(
      fc.constantFrom(...documents, null),
      fc.array(fc.tuple(fc.nat(), fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...oddValues))), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([document, edits]) => {
      let value = document;
      for (const [at, replacement] of edits) value = replaceAt(value, { left: at % countValues(value) }, replacement);
      return Buffer.from(JSON.stringify(value));
    });
  return fc.oneof(
    { weight: documents.length > 0 ? 4 : 0, arbitrary: rewritten },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 4, arbitrary: mutated },
  );
}

function parsed(seed: Buffer): unknown[] {
  try {
    return [JSON.parse(seed.toString())];
  } catch {
    return [];
  }
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + countValues(one), 1);
}

/** A copy of a JSON value in which the value met after `left` others is another one. */
function replaceAt(value: unknown, counter: { left: number }, replacement: unknown): unknown {
  counter.left -= 1;
  if (counter.left === -1) return replacement;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => replaceAt(one, counter, replacement));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaceAt(one, counter, replacement)]));
}

function edit(bytes: Buffer, a: number, b: number, value: number, other: Buffer): Buffer<ArrayBuffer> {
  const at = a % (bytes.length + 1);
  const end = Math.min(bytes.length, at + (b % 40));
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(end);
  switch (value % 8) {
    case 0:
      return Buffer.from(before);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, end), bytes.subarray(at, end), after]);
    case 3:
      return Buffer.concat([before, other.subarray(b % (other.length + 1)).subarray(0, 40 + value), after]);
    case 4:
      return withWord(bytes, at, words[b % words.length] as number, value);
    case 5:
      return withDigits(bytes, at, digits[b % digits.length] as string);
    default:
      return Buffer.concat([before, Buffer.from([value]), bytes.subarray(Math.min(bytes.length, at + 1))]);
  }
}

/** Writes a number of 16 or 32 bits in either byte order, at an even place as formats have them. */
function withWord(bytes: Buffer, at: number, word: number, kind: number): Buffer<ArrayBuffer> {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(word);
  const used = field.subarray(0, (kind & 8) === 0 ? 2 : 4);
  if ((kind & 16) !== 0) used.reverse();
  const copy = Buffer.from(bytes);
  used.copy(copy, at - (at % 2));
  return copy;
}

/** Replaces the first run of digits from `at` on. */
function withDigits(bytes: Buffer, at: number, text: string): Buffer<ArrayBuffer> {
  const run = /[0-9]+/.exec(bytes.toString('latin1', at));
  if (run === null) return Buffer.from(bytes);
  const start = at + run.index;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start + run[0].length)]);
}

/**
 * Feeds hostile bytes to a reader: it may give a value or throw a coded error, nothing else. What it gives is handed to
 * `check`, which asserts what must hold whatever the input.
 */
export function assertSurvives<Value>(
  seeds: readonly (string | Buffer)[],
  read: (bytes: Buffer) => Value,
  check: (value: Value) => void = () => undefined,
): void {
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      let value: Value;
      try {
        value = read(bytes);
      } catch (error) {
        assert.ok(isSeaworthyError(error), `threw ${String(error)}`);
        return;
      }
      check(value);
    }),
    { numRuns: 400 },
  );
}
