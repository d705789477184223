import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { loadCvssRater } from './rate-cvss.ts';

const rate = await loadCvssRater();

// Scores as FIRST's calculators give them.
const vectors: readonly (readonly [string, string | undefined, number | undefined])[] = [
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 9.8],
  ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', '3.0', 10],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3],
  ['AV:N/AC:L/Au:N/C:P/I:P/A:P', '2.0', 7.5],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', '3.1', 0],
  ['CVSS:3.1/AV:N', undefined, undefined],
  ['CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', undefined, undefined],
  ['9.8', undefined, undefined],
  ['', undefined, undefined],
  ['A'.repeat(10_000), undefined, undefined],
];

for (const [vector, version, score] of vectors) {
  test(`loadCvssRater() rates ${vector.slice(0, 50) || 'nothing'} as ${score}`, () => {
    const rating = rate(vector);
    assert.deepEqual([rating?.version, rating?.score], [version, score]);
    assert.deepEqual(rate(vector), rating);
  });
}

test('loadCvssRater() rates any text or none, and never throws', () => {
  const metric = fc.constantFrom(
    'AV:N',
    'AC:L',
    'PR:N',
    'UI:N',
    'S:U',
    'C:H',
    'I:H',
    'A:H',
    'CVSS:3.1',
    'CVSS:4.0',
    'X:Y',
    '',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(metric).map((parts) => parts.join('/')),
  );
  fc.assert(
    fc.property(text, (vector) => {
      const score = rate(vector)?.score;
      assert.ok(score === undefined || (score >= 0 && score <= 10));
    }),
  );
});
