import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeAffected } from '../../testing/vulnerability-database.ts';
import type { AffectedRange } from '../finding/advisory.ts';
import { schemeOf } from '../version/list.ts';
import type { VersionScheme } from '../version/scheme.ts';
import type { StoredAffected } from '../vulndb/stored.ts';
import { evaluateAffected, type Installed } from './evaluate.ts';

const semver = schemeOf('npm') as VersionScheme;
const rpm = schemeOf('AlmaLinux') as VersionScheme;

function runs(...texts: string[]): StoredAffected[] {
  return [makeAffected('npm x', texts)];
}

const cases: readonly (readonly [string, Installed | string, readonly StoredAffected[], string])[] = [
  ['before the run', '0.9.0', runs('1.0.0 2.0.0'), 'no'],
  ['at its start', '1.0.0', runs('1.0.0 2.0.0'), 'fixed 2.0.0'],
  ['at its end', '2.0.0', runs('1.0.0 2.0.0'), 'no'],
  ['at the last affected', '2.0.0', runs('1.0.0 <=2.0.0'), 'fixed '],
  ['after the last affected', '2.0.1', runs('1.0.0 <=2.0.0'), 'no'],
  ['a run without end', '9.0.0', runs('0'), 'fixed '],
  [
    'the fix of the own run first, then later ones',
    '2.5.0',
    runs('3.0.0 3.1.0', '2.0.0 2.6.0', '1.0.0 1.5.0'),
    'fixed 2.6.0 3.1.0',
  ],
  ['ends that lie within other runs', '1.5.0', runs('1.0.0 2.0.0', '2.0.0 3.0.0', '4.0.0 4.1.0'), 'fixed 3.0.0 4.1.0'],
  ['runs of one package stated twice', '1.0.0', runs('0 4.8.11', '0 4.8.7'), 'fixed 4.8.11'],
  ['an end within a run without end', '1.0.0', runs('0 2.0.0', '0'), 'fixed '],
  ['an end that another run has as its last', '1.0.0', runs('0 2.0.0', '1.5.0 <=2.0.0'), 'fixed '],
  ['between two runs', '1.7.0', runs('1.0.0 1.5.0', '2.0.0 2.6.0'), 'no'],
  ['a version named', '1.2.3', [makeAffected('npm x', [], { versions: ['1.2.3'] })], 'fixed '],
  [
    'a version named in another spelling',
    '1.2.3+build',
    [makeAffected('npm x', [], { versions: ['1.2.3'] })],
    'fixed ',
  ],
  ['another version named', '1.2.4', [makeAffected('npm x', [], { versions: ['1.2.3'] })], 'no'],
  ['an unreadable version in a run with an end', 'latest', runs('0 2.0.0'), 'unreadable'],
  ['an unreadable version in a run that holds every version', 'latest', runs('0'), 'fixed '],
  [
    'an unreadable version that is named',
    'latest',
    [makeAffected('npm x', ['0 2.0.0'], { versions: ['latest'] })],
    'fixed 2.0.0',
  ],
  ['an unreadable bound', '1.0.0', runs('0 oops'), 'unreadable'],
  [
    'another architecture',
    { version: '1.0.0', arch: 's390x' },
    [makeAffected('npm x', ['0'], { arches: ['x86_64'] })],
    'no',
  ],
  [
    'the same architecture by its other name',
    { version: '1.0.0', arch: 'amd64' },
    [makeAffected('npm x', ['0'], { arches: ['x86_64'] })],
    'fixed ',
  ],
  [
    'a package for all architectures',
    { version: '1.0.0', arch: 'noarch' },
    [makeAffected('npm x', ['0'], { arches: ['x86_64'] })],
    'fixed ',
  ],
  ['a run of other builds', { version: '1.0.0', speaksOf: (fixed) => fixed !== '2.0.0' }, runs('0 2.0.0'), 'no'],
  [
    'a run of other builds with its versions',
    { version: '1.0.0', speaksOf: () => false },
    [makeAffected('npm x', ['0 2.0.0'], { versions: ['1.0.0'] })],
    'no',
  ],
];

for (const [what, installed, affected, expected] of cases) {
  test(`evaluateAffected() decides on ${what}`, () => {
    const found = evaluateAffected(
      semver,
      typeof installed === 'string' ? { version: installed } : installed,
      affected,
    );
    const told = found === undefined ? 'no' : found === 'unreadable' ? found : `fixed ${found.fixed.join(' ')}`;
    assert.equal(told, expected);
  });
}

test('evaluateAffected() leaves the epoch out where the advisory has none, and only there', () => {
  const at = (fixed: string, epochMayLack: boolean): unknown =>
    evaluateAffected(rpm, { version: '32:9.11-1', epochMayLack }, runs(`0 ${fixed}`));
  assert.notEqual(at('9.12-1', true), undefined);
  assert.equal(at('9.12-1', false), undefined);
  assert.equal(at('9.10-1', true), undefined);
  assert.notEqual(at('32:9.12-1', true), undefined);
  assert.equal(at('31:9.12-1', true), undefined);
});

test('evaluateAffected() gives as fixed what it does not hold for affected itself', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(3)).map(([major, minor]) => `${major}.${minor}.0`);
  const range = fc
    .tuple(fc.oneof(version, fc.constant('0')), fc.option(version), fc.boolean())
    .map(([introduced, end, last]): AffectedRange =>
      end === null ? { introduced } : last ? { introduced, lastAffected: end } : { introduced, fixed: end },
    );
  fc.assert(
    fc.property(version, fc.array(range, { minLength: 1, maxLength: 6 }), (installed, ranges) => {
      const touches = (at: string): unknown => evaluateAffected(semver, { version: at }, [{ ranges, versions: [] }]);
      const found = evaluateAffected(semver, { version: installed }, [{ ranges, versions: [] }]);
      if (found === undefined || found === 'unreadable') return;
      const ends = new Set(ranges.map(({ fixed }) => fixed).filter((fixed) => fixed !== undefined));
      const higher = [...ends].filter((end) => semver.compare(end, installed) > 0 && touches(end) === undefined);
      assert.deepEqual([...found.fixed].sort(), higher.sort());
    }),
  );
});

test('evaluateAffected() gives the severity and status of the entry that holds the version', () => {
  const found = evaluateAffected(semver, { version: '2.0.0' }, [
    makeAffected('npm x', ['0 1.0.0'], { severity: 'LOW' }),
    makeAffected('npm x', ['2.0.0'], { severity: 'HIGH', status: 'end_of_life' }),
  ]);
  assert.deepEqual(found, { fixed: [], severity: 'HIGH', status: 'end_of_life' });
});

test('evaluateAffected() answers the same however a run is split', () => {
  const version = fc.tuple(fc.nat(5), fc.nat(5)).map(([major, minor]) => `${major}.${minor}.0`);
  const compare = (a: string, b: string): number => semver.compare(a, b);
  fc.assert(
    fc.property(version, fc.uniqueArray(version, { minLength: 2, maxLength: 6 }), (installed, cuts) => {
      const points = cuts.toSorted(compare);
      const whole: AffectedRange = { introduced: points[0] as string, fixed: points.at(-1) as string };
      const parts: AffectedRange[] = points
        .slice(1)
        .map((fixed, index) => ({ introduced: points[index] as string, fixed }));
      const is = (ranges: readonly AffectedRange[]): boolean =>
        evaluateAffected(semver, { version: installed }, [{ ranges, versions: [] }]) !== undefined;
      assert.equal(is(parts), is([whole]));
      assert.equal(is(parts.toReversed()), is([whole]));
      const entries = parts.map((range) => ({ ranges: [range], versions: [] }));
      assert.equal(evaluateAffected(semver, { version: installed }, entries) !== undefined, is([whole]));
    }),
  );
});
