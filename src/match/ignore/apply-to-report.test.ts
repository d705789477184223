import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, sampleReport } from '../../../testing/scan-report.ts';
import { jsonBytes, openVex, openVexStatement } from '../../../testing/vex-documents.ts';
import type { ScanReport } from '../../finding/scan-report.ts';
import { parseVex } from '../vex/parse-vex.ts';
import { indexStatements } from '../vex/statement-index.ts';
import { filterReport } from './apply-to-report.ts';
import { parseTrivyIgnoreYaml } from './parse-trivy-ignore-yaml.ts';

const now = new Date('2025-03-01T12:00:00Z');
const report = sampleReport();

function ids({ findings }: ScanReport): string[] {
  return findings.map(({ id }) => id);
}

function suppressedIds({ suppressed }: ScanReport): string[] {
  return suppressed.map(({ finding }) => finding.id);
}

test('filterReport() changes nothing when nothing is asked for', () => {
  assert.deepEqual(filterReport(report, { now }), { shown: report, unfiltered: report, expired: [], unused: [] });
});

test('filterReport() keeps severities that are not shown for gates', () => {
  const { shown, unfiltered } = filterReport(report, { now, severities: new Set(['CRITICAL']) });
  assert.deepEqual(ids(shown), ['CVE-2024-5535', 'CVE-2021-44228']);
  assert.deepEqual(suppressedIds(shown), []);
  assert.deepEqual(unfiltered, report);
});

test('filterReport() leaves unfixed findings out of both', () => {
  const { shown, unfiltered } = filterReport(report, {
    now,
    severities: new Set(['CRITICAL', 'LOW']),
    ignoreUnfixed: true,
  });
  assert.deepEqual(ids(shown), ['CVE-2024-5535', 'CVE-2021-44228']);
  assert.deepEqual(ids(unfiltered), ['CVE-2024-5535', 'CVE-2021-44228', 'CVE-2024-24790']);
});

test('filterReport() sets aside by rules after severity and status, and lists what was set aside', async () => {
  const rules = await parseTrivyIgnoreYaml(
    `vulnerabilities:
- {id: GHSA-jfh8-c2jp-5v3q, statement: shaded}
- {id: CVE-2005-2541}
- {id: CVE-2024-24790}
- {id: CVE-2024-5535, expired_at: 2025-01-01}
- {id: CVE-1999-1}
`,
    'team.yaml',
  );
  const { shown, unfiltered, expired, unused } = filterReport(report, {
    now,
    severities: new Set(['CRITICAL', 'HIGH', 'LOW']),
    ignoreUnfixed: true,
    rules,
  });
  assert.deepEqual(ids(shown), ['CVE-2024-5535']);
  assert.deepEqual(suppressedIds(shown), ['CVE-2021-23337', 'CVE-2021-44228']);
  assert.deepEqual(shown.suppressed[1], {
    finding: report.findings[2],
    status: 'ignored',
    source: 'team.yaml',
    statement: 'shaded',
  });
  assert.deepEqual(ids(unfiltered), ['CVE-2024-5535']);
  assert.deepEqual(suppressedIds(unfiltered), ['CVE-2021-23337', 'CVE-2021-44228', 'CVE-2024-24790']);
  assert.deepEqual(
    expired.map(({ id }) => id),
    ['CVE-2024-5535'],
  );
  assert.deepEqual(
    unused.map(({ id }) => id),
    ['CVE-1999-1'],
  );
});

test('filterReport() sets aside by VEX documents what rules have left', async () => {
  const rules = await parseTrivyIgnoreYaml('vulnerabilities:\n- {id: CVE-2024-5535}\n', 'team.yaml');
  const said = ['CVE-2024-5535', 'CVE-2005-2541', 'CVE-2024-24790'].map((id) =>
    openVexStatement(id, [`pkg:oci/shop@${digestOf('2')}`]),
  );
  const vex = indexStatements([parseVex(jsonBytes(openVex(said)), 'vex.json')]);
  const options = { now, rules, vex, severities: new Set(['CRITICAL', 'MEDIUM'] as const), ignoreUnfixed: true };
  const { shown, unfiltered } = filterReport(report, options);
  assert.deepEqual(ids(shown), ['CVE-2021-44228']);
  assert.deepEqual(
    shown.suppressed.map(({ finding, source, status }) => [finding.id, source, status]),
    [
      ['CVE-2024-5535', 'team.yaml', 'ignored'],
      ['CVE-2024-24790', 'vex.json', 'not_affected'],
    ],
  );
  assert.deepEqual(ids(unfiltered), ['CVE-2021-44228']);
});

test('filterReport() leaves everything else of a report as it is', () => {
  const { findings: _, suppressed: __, ...rest } = filterReport(report, { now, severities: new Set() }).shown;
  const { findings: ___, suppressed: ____, ...expected } = report;
  assert.deepEqual(rest, expected);
});
