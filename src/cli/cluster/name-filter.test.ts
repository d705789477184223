import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeNames, mayHoldName } from './name-filter.ts';

test('mayHoldName() never says no to a name that was put in', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.nat(7), (names, shift) => {
      // As it lies in a file: at any place of a buffer.
      const bytes = Buffer.concat([Buffer.alloc(shift), encodeNames(names)]).subarray(shift);
      for (const name of names) assert.ok(mayHoldName(bytes, name));
    }),
  );
});

test('mayHoldName() says no to nearly all others', () => {
  const names = Array.from({ length: 2000 }, (_, at) => `pkg-${at}`);
  const filter = encodeNames(names);
  const others = Array.from({ length: 2000 }, (_, at) => `lib${at}`);
  assert.ok(others.filter((name) => mayHoldName(filter, name)).length < 5);
  assert.equal(mayHoldName(encodeNames([]), ''), false);
});
