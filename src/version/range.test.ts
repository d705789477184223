import assert from 'node:assert/strict';
import test from 'node:test';
import { schemeOf } from './list.ts';
import { isInRange, type VersionRange } from './range.ts';
import type { VersionScheme } from './scheme.ts';

const cases: readonly (readonly [string, string, VersionRange, boolean])[] = [
  ['Debian', '1.2-3', { introduced: '0', fixed: '1.2-4' }, true],
  ['Debian', '1.2-4', { introduced: '0', fixed: '1.2-4' }, false],
  ['Debian', '1:1.0-1', { introduced: '0', fixed: '2.0-1' }, false],
  ['Debian', '1.2-4~deb12u1', { introduced: '0', fixed: '1.2-4' }, true],
  ['Alpine', '1.2.3-r0', { introduced: '0', fixed: '1.2.3-r1' }, true],
  ['Alpine', '1.2.3_rc1-r5', { introduced: '1.2.3-r0' }, false],
  ['npm', '1.2.3', { introduced: '1.2.3', fixed: '2.0.0' }, true],
  ['npm', '1.2.3-rc.1', { introduced: '1.2.3', fixed: '2.0.0' }, false],
  ['npm', '2.0.0-rc.1', { introduced: '1.2.3', fixed: '2.0.0' }, true],
  ['PyPI', '2.0.post1', { introduced: '0', lastAffected: '2.0' }, false],
  ['PyPI', '2.0', { introduced: '0', lastAffected: '2.0.0' }, true],
  ['PyPI', '2.1', { introduced: '0', lastAffected: '2.0', fixed: '3.0' }, true],
  ['Go', 'v1.2.3+incompatible', { introduced: '0', fixed: '1.2.3' }, false],
  ['Go', 'go1.21rc2', { introduced: '1.21.0-0', fixed: '1.21.0-rc.3' }, true],
  ['Red Hat', '1.0-1.el9', { introduced: '0', fixed: '0:1.0-2.el9' }, true],
  ['RubyGems', '1.0.0', { introduced: '1.0' }, true],
  // Nothing is compared for a run that holds everything, so no version is too odd for it.
  ['Alpine', '1.2_blah', { introduced: '0' }, true],
];

test('isInRange() finds a version inside or outside a run', () => {
  for (const [ecosystem, version, range, wanted] of cases) {
    const scheme = schemeOf(ecosystem) as VersionScheme;
    assert.equal(isInRange(scheme, version, range), wanted, `${ecosystem} ${version} in ${JSON.stringify(range)}`);
  }
});

test('isInRange() takes a malformed version or bound for neither inside nor outside', () => {
  const malformed: readonly (readonly [string, string, VersionRange])[] = [
    ['Alpine', '1.2_blah', { introduced: '0', fixed: '1.2' }],
    ['Alpine', '1.2', { introduced: '0', fixed: '0.8.21.r2' }],
    ['Alpine', '1.2', { introduced: '1..0' }],
    ['PyPI', '2004d', { introduced: '0', fixed: '2010' }],
    ['RubyGems', '1beta', { introduced: '0', lastAffected: '1' }],
    ['npm', 'latest', { introduced: '0', fixed: '1.0.0' }],
  ];
  for (const [ecosystem, version, range] of malformed) {
    const scheme = schemeOf(ecosystem) as VersionScheme;
    assert.throws(() => isInRange(scheme, version, range), { code: 'VERSION_INVALID' }, version);
  }
});
