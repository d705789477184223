import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleFinding, samplePackage, sampleReport } from '../../testing/scan-report.ts';
import type { ScanReport } from '../finding/scan-report.ts';
import { scanStatus } from './gate.ts';

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
