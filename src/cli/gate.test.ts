import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleFinding, samplePackage, sampleReport } from '../../testing/scan-report.ts';
import type { ScanReport } from '../finding/scan-report.ts';
import { sampleCheck, sampleConfigReport, sampleFile } from '../../testing/misconfig/config-report.ts';
import { configStatus, scanStatus } from './gate.ts';

const pkg = samplePackage('npm', 'a', '1', 'a');
const found: Partial<ScanReport> = { findings: [sampleFinding(pkg, 'CVE-1')] };
const clean: Partial<ScanReport> = { findings: [] };
const hidden: Partial<ScanReport> = { problems: [{ code: 'C', subject: 's', message: 'm', incomplete: true }] };

const cases: readonly (readonly [what: string, report: Partial<ScanReport>, settings: object, status: number])[] = [
  ['nothing that was asked for', { ...found, endOfLife: true }, {}, 0],
  ['a finding', found, { exitCode: 7 }, 7],
  ['a release that ended', { ...clean, endOfLife: true }, { exitOnEol: 9 }, 9],
  ['a release that ended, before what was found', { ...found, endOfLife: true }, { exitOnEol: 9, exitCode: 7 }, 9],
  ['a release that did not end', { ...found, endOfLife: false }, { exitOnEol: 9, exitCode: 7 }, 7],
  ['a release that nobody knows', clean, { exitOnEol: 9 }, 0],
  ['what hides packages, before all else', { ...hidden, endOfLife: true }, { exitOnEol: 9, exitCode: 7 }, 2],
];

for (const [what, parts, settings, status] of cases) {
  test(`scanStatus() of ${what} is ${status}`, () => {
    const reports = [sampleReport({ problems: [], ...parts })];
    assert.equal(scanStatus(reports, reports, { exitCode: 0, exitOnEol: 0, ...settings }), status);
  });
}

test('configStatus() goes by the same rules', () => {
  const medium = sampleConfigReport([sampleFile('a', [{ check: sampleCheck(), message: 'm' }])]);
  const none = sampleConfigReport([sampleFile('a', [])]);
  const hiding = { ...none, problems: [{ code: 'C', subject: 's', message: 'm', incomplete: true as const }] };
  assert.equal(configStatus([medium], [medium], { exitCode: 0 }), 0);
  assert.equal(configStatus([medium], [medium], { exitCode: 7 }), 7);
  assert.equal(configStatus([medium], [none], { exitCode: 7 }), 0);
  assert.equal(configStatus([medium], [none], { exitCode: 0, failOn: 'MEDIUM' }), 1);
  assert.equal(configStatus([medium], [medium], { exitCode: 7, failOn: 'HIGH' }), 0);
  assert.equal(configStatus([hiding, medium], [hiding, medium], { exitCode: 7 }), 2);
  assert.equal(
    configStatus([{ ...none, problems: [{ code: 'C', subject: 's', message: 'm' }] }], [none], { exitCode: 7 }),
    0,
  );
});
