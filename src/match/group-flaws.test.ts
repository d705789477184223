import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { groupFlaws, type AdvisoryIds } from './group-flaws.ts';

function ids(id: string, aliases: readonly string[] = [], upstream: readonly string[] = []): AdvisoryIds {
  return { id, aliases, upstream };
}

/** Rows as `id = aliases | vendor ids | members`. */
function rowsOf(advisories: readonly AdvisoryIds[]): string[] {
  return groupFlaws(advisories, (advisory) => advisory).map(
    ({ id, aliases, vendorIds, members }) =>
      `${id} = ${aliases.join(' ')} | ${vendorIds.join(' ')} | ${members.map((member) => member.id).join(' ')}`,
  );
}

const one = 'CVE-2024-0001';
const two = 'CVE-2024-0002';

const cases: readonly (readonly [string, readonly AdvisoryIds[], readonly string[]])[] = [
  [
    'databases of a language that alias one CVE',
    [ids('GHSA-a', [one]), ids('GO-1', [one, 'GHSA-a']), ids('PYSEC-1', ['GHSA-a', one])],
    [`${one} = GHSA-a GO-1 PYSEC-1 |  | GHSA-a GO-1 PYSEC-1`],
  ],
  [
    'an announcement of several CVEs, each in its row',
    [ids('DSA-1-1', [], [one, two])],
    [`${one} =  | DSA-1-1 | DSA-1-1`, `${two} =  | DSA-1-1 | DSA-1-1`],
  ],
  [
    'ids that distributions make from a CVE',
    [ids(`ALPINE-${one}`), ids(`DEBIAN-${one}`, [], [one]), ids('USN-1-1', [], [`UBUNTU-${one}`])],
    [`${one} = ALPINE-${one} DEBIAN-${one} UBUNTU-${one} | USN-1-1 | ALPINE-${one} DEBIAN-${one} USN-1-1`],
  ],
  [
    'upstream CVE and GHSA of one rolling release advisory',
    [ids('CGA-1', [], [one, 'GHSA-a'])],
    [`${one} = CGA-1 GHSA-a |  | CGA-1`],
  ],
  [
    'no GHSA where there are several CVEs',
    [ids('CGA-1', [], [one, two, 'GHSA-a'])],
    [`${one} = CGA-1 |  | CGA-1`, `${two} = CGA-1 |  | CGA-1`],
  ],
  [
    'an advisory without CVE joins through its alias',
    [ids('GHSA-a', [one]), ids('RUSTSEC-1', ['GHSA-a'])],
    [`${one} = GHSA-a RUSTSEC-1 |  | GHSA-a RUSTSEC-1`],
  ],
  [
    'advisories without any CVE, joined through others',
    [ids('GO-1', ['GHSA-a']), ids('PYSEC-1', ['GHSA-b']), ids('X-1', ['GHSA-a', 'GHSA-b'])],
    ['GHSA-a = GHSA-b GO-1 PYSEC-1 X-1 |  | GO-1 PYSEC-1 X-1'],
  ],
  ['an advisory alone', [ids('DLA-1-1')], ['DLA-1-1 =  |  | DLA-1-1']],
  [
    'flaws that share only an announcement stay apart',
    [ids('DSA-1-1', [], [one]), ids('DSA-1-1', [], [two])],
    [`${one} =  | DSA-1-1 | DSA-1-1`, `${two} =  | DSA-1-1 | DSA-1-1`],
  ],
  [
    'advisories without a CVE that only mention an announcement stay apart from its flaws',
    [ids('DSA-1-1', [], [one]), ids('X-1', [], ['DSA-1-1']), ids('X-2', [], ['DSA-1-1'])],
    [`${one} =  | DSA-1-1 | DSA-1-1`, 'X-1 =  | DSA-1-1 | X-1', 'X-2 =  | DSA-1-1 | X-2'],
  ],
];

for (const [what, advisories, rows] of cases) {
  test(`groupFlaws() makes one row per flaw: ${what}`, () => {
    assert.deepEqual(rowsOf(advisories), rows);
  });
}

test('groupFlaws() does not depend on the order of the advisories', () => {
  const name = fc.constantFrom(one, two, 'CVE-2024-0003', 'GHSA-a', 'GHSA-b', 'GHSA-c', 'DSA-1-1', 'GO-1', 'X-1');
  const advisory = fc.record({
    id: fc.constantFrom('GHSA-a', 'GHSA-b', 'GO-1', 'GO-2', 'RUSTSEC-1', 'DSA-1-1', 'DSA-2-1', `ALPINE-${one}`),
    aliases: fc.array(name, { maxLength: 3 }),
    upstream: fc.array(name, { maxLength: 2 }),
  });
  const advisories = fc.uniqueArray(advisory, { maxLength: 8, selector: ({ id }) => id });
  const shuffled = advisories.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      assert.deepEqual(rowsOf(other), rowsOf(list));
      // No advisory is lost.
      const shown = new Set(groupFlaws(list, (entry) => entry).flatMap(({ members }) => members.map(({ id }) => id)));
      assert.equal(shown.size, list.length);
    }),
  );
});
