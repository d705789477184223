import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { schemeOf } from '../../version/list.ts';
import { isInRange } from '../../version/range.ts';
import type { VersionScheme } from '../../version/scheme.ts';
import { rangesOfEvents } from './ranges.ts';
import type { OsvEvent } from './schema.ts';

const semver = schemeOf('npm') as VersionScheme;
const apk = schemeOf('Alpine') as VersionScheme;

/** Events in short: `+1.0.0` introduced, `-1.0.0` fixed, `=1.0.0` last affected, `<1.0.0` limit. */
function events(text: string): OsvEvent[] {
  return text.split(' ').map((word) => {
    const version = word.slice(1);
    if (word.startsWith('+')) return { introduced: version };
    if (word.startsWith('-')) return { fixed: version };
    return word.startsWith('=') ? { last_affected: version } : { limit: version };
  });
}

function told(scheme: VersionScheme, text: string, type = 'SEMVER'): string | undefined {
  const ranges = rangesOfEvents({ type, events: events(text) }, scheme);
  return ranges
    ?.map(
      ({ introduced, fixed, lastAffected }) =>
        `[${introduced}${fixed === undefined ? '' : `, ${fixed})`}${lastAffected === undefined ? '' : `, ${lastAffected}]`}`,
    )
    .join(' ');
}

const cases: readonly (readonly [string, string, string | undefined])[] = [
  ['one pair', '+1.0.0 -2.0.0', '[1.0.0, 2.0.0)'],
  ['no end', '+0', '[0'],
  ['a last affected', '+0 =2.0.0', '[0, 2.0.0]'],
  ['several pairs', '+0 -1.0.0 +2.0.0 -3.0.0', '[0, 1.0.0) [2.0.0, 3.0.0)'],
  ['pairs and an open end', '+0 -1.0.0 +2.0.0', '[0, 1.0.0) [2.0.0'],
  ['unsorted events', '-3.0.0 +2.0.0 -1.0.0 +0', '[0, 1.0.0) [2.0.0, 3.0.0)'],
  ['an order that text gets wrong', '-10.0.0 +9.0.0', '[9.0.0, 10.0.0)'],
  ['further fixes', '+0 -1.0.0 -1.1.0 -1.2.0', '[0, 1.0.0)'],
  ['a fix where the next run starts', '+0 -1.0.0 +1.0.0 -2.0.0', '[0, 1.0.0) [1.0.0, 2.0.0)'],
  ['a single version', '+1.0.0 =1.0.0', '[1.0.0, 1.0.0]'],
  ['nothing', '+1.0.0 -1.0.0', ''],
  ['never affected', '+0 -0', ''],
  ['0 before pre-releases', '-0.0.0-alpha +0', '[0, 0.0.0-alpha)'],
  ['a limit', '+0 <2.0.0', '[0, 2.0.0)'],
  ['no limit', '+0 <*', '[0'],
  ['a version that breaks the scheme', '+0 -oops', undefined],
];

for (const [what, text, expected] of cases) {
  test(`rangesOfEvents() reads ${what}`, () => {
    assert.equal(told(semver, text), expected);
  });
}

test('rangesOfEvents() leaves out ranges of commits', () => {
  assert.equal(told(semver, '+0 -abcdef', 'GIT'), '');
});

test("rangesOfEvents() knows Alpine's word for never affected", () => {
  assert.equal(told(apk, '+0 -0', 'ECOSYSTEM'), '');
});

test('rangesOfEvents() gives runs that hold what the events say, in any order of the events', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `${a}.${b}.0`);
  const step = fc.tuple(fc.constantFrom('+', '-'), version).map(([kind, text]) => `${kind}${text}`);
  // One event per version: events of one version have no order among themselves.
  const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 6, selector: (text) => text.slice(1) });
  const both = steps.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(both, version, ([list, other], installed) => {
      const sorted = list.toSorted((a, b) => semver.compare(a.slice(1), b.slice(1)));
      let affected = false;
      for (const text of sorted) if (semver.compare(text.slice(1), installed) <= 0) affected = text.startsWith('+');
      const ranges = rangesOfEvents({ type: 'SEMVER', events: events(other.join(' ')) }, semver) ?? [];
      assert.equal(
        ranges.some((range) => isInRange(semver, installed, range)),
        affected,
      );
    }),
  );
});
