import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isSeaworthyError } from '../src/base/error.ts';

/**
 * Random bytes, the seeds with bytes flipped, cut out, repeated or cut off, and of seeds that are JSON also valid JSON
 * with parts replaced by other values.
 */
function hostileBytes(seeds: readonly (string | Buffer)[]): fc.Arbitrary<Buffer> {
  const buffers = seeds.map((seed) => Buffer.from(seed));
  const mutated = fc
    .tuple(fc.constantFrom(...buffers), fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255)), { maxLength: 12 }))
    .map(([seed, edits]) => {
      let bytes = Buffer.from(seed);
      for (const [a, b, value] of edits) bytes = edit(bytes, a, b, value);
      return bytes;
    });
  const documents = buffers.flatMap((seed) => parsed(seed));
  const rewritten = fc
    .tuple(
      fc.constantFrom(...documents, null),
      fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 4 }),
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

function edit(bytes: Buffer, a: number, b: number, value: number): Buffer<ArrayBuffer> {
  const at = a % (bytes.length + 1);
  const end = Math.min(bytes.length, at + (b % 40));
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(end);
  switch (value % 5) {
    case 0:
      return Buffer.from(before);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, end), bytes.subarray(at, end), after]);
    default:
      return Buffer.concat([before, Buffer.from([value]), bytes.subarray(Math.min(bytes.length, at + 1))]);
  }
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
