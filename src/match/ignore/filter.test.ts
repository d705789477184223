import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleFinding, samplePackage } from '../../../testing/scan-report.ts';
import type { FixStatus } from '../../finding/advisory.ts';
import { severities } from '../../finding/severity.ts';
import { filterFindings } from './filter.ts';

const pkg = samplePackage('npm', 'a', '1.0.0', 'a/package.json');

test('filterFindings() keeps the severities asked for, in the order given', () => {
  const findings = severities.map((severity) => sampleFinding(pkg, severity, { severity }));
  const { kept, removed } = filterFindings(findings, {
    severities: new Set(['CRITICAL', 'LOW']),
    ignoreUnfixed: false,
  });
  assert.deepEqual(
    kept.map(({ id }) => id),
    ['LOW', 'CRITICAL'],
  );
  assert.deepEqual(
    removed.map(({ id }) => id),
    ['UNKNOWN', 'MEDIUM', 'HIGH'],
  );
});

const statuses: Readonly<Record<FixStatus, boolean>> = {
  unknown: false,
  not_affected: false,
  affected: false,
  fixed: true,
  under_investigation: false,
  will_not_fix: false,
  fix_deferred: false,
  end_of_life: false,
};

for (const [status, stays] of Object.entries(statuses)) {
  test(`filterFindings() ${stays ? 'keeps' : 'leaves out'} status ${status} when unfixed ones are ignored`, () => {
    const finding = sampleFinding(pkg, 'CVE-1', { status: status as FixStatus, fixedVersions: ['2.0.0'] });
    const chosen = new Set(severities);
    assert.equal(filterFindings([finding], { severities: chosen, ignoreUnfixed: true }).kept.length, stays ? 1 : 0);
    assert.equal(filterFindings([finding], { severities: chosen, ignoreUnfixed: false }).kept.length, 1);
  });
}
