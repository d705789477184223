import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LangError } from '../../../lang/error.ts';
import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import { celValue } from './value.ts';

/** The value with each whole number as an int, in the plain way. */
function copied(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each)]));
}

test('celValue() makes ints of whole numbers, and leaves what it was given as it was', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value = JSON.parse(text) as JsonValue;
      assert.deepEqual(celValue(value), copied(value));
      assert.deepEqual(value, JSON.parse(text));
    }),
  );
});

test('celValue() copies nothing that has no whole number in it', () => {
  const env = [{ name: 'A', value: 'b' }];
  const containers = [{ env, ports: [{ containerPort: 8080 }] }, { env }];
  const made = celValue({ containers, ratio: 0.5 }) as { containers: readonly { env: unknown }[] };
  assert.notEqual(made.containers, containers);
  assert.equal(made.containers[0]?.env, env);
  assert.equal(made.containers[1], containers[1]);
});

test('celValue() gives a member called __proto__ as any other', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"b":2}') as JsonObject;
  const made = celValue(value) as Record<string, unknown>;
  assert.deepEqual(Object.keys(made), ['__proto__', 'b']);
  assert.deepEqual(Object.getOwnPropertyDescriptor(made, '__proto__')?.value, { a: 1n });
  assert.equal(Object.getPrototypeOf(made), Object.prototype);
});

test('celValue() refuses what nests without end', () => {
  let deep: JsonValue = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const isTooDeep = (error: unknown): boolean => error instanceof LangError && error.code === 'LIMIT_EXCEEDED';
  assert.throws(() => celValue(deep), isTooDeep);
});
