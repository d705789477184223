import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { AffectedRange } from '../finding/advisory.ts';
import { decodeAffected, encodeAffected } from './codec.ts';
import type { StoredAffected } from './stored.ts';

test('decodeAffected() reads what encodeAffected() wrote', () => {
  const range: fc.Arbitrary<AffectedRange> = fc.record(
    { introduced: fc.string(), fixed: fc.string(), lastAffected: fc.string() },
    { requiredKeys: ['introduced'] },
  );
  const affected: fc.Arbitrary<StoredAffected> = fc.record(
    {
      ranges: fc.array(range),
      versions: fc.array(fc.string()),
      severity: fc.constantFrom('LOW', 'HIGH'),
      status: fc.constantFrom('end_of_life', 'will_not_fix'),
      arches: fc.array(fc.string(), { minLength: 1 }),
    },
    { requiredKeys: ['ranges', 'versions'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(affected, (value) => {
      const text = encodeAffected(value);
      assert.deepEqual(JSON.parse(JSON.stringify(decodeAffected(JSON.parse(text)))), JSON.parse(JSON.stringify(value)));
    }),
  );
});
