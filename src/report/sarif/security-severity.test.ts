import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleFinding, samplePackage } from '../../../testing/scan-report.ts';
import type { CvssRating, Severity } from '../../finding/severity.ts';
import { securitySeverity } from './security-severity.ts';

const pkg = samplePackage('npm', 'a', '1', 'a/package.json');

function rating(version: string, score: number): CvssRating {
  return { version, vector: '', score };
}

const table: readonly (readonly [
  what: string,
  severity: Severity,
  source: string | undefined,
  ratings: readonly CvssRating[],
  text: string,
])[] = [
  ['the score of who gave the severity', 'HIGH', 'nvd', [rating('3.1', 7.5)], '7.5'],
  ['a whole score with its decimal', 'CRITICAL', 'nvd', [rating('3.1', 10)], '10.0'],
  ['the newest version', 'HIGH', 'nvd', [rating('2.0', 7.2), rating('4.0', 8.7), rating('3.1', 7.5)], '8.7'],
  ['the newest that gives the severity', 'HIGH', 'nvd', [rating('3.1', 7.5), rating('4.0', 9.3)], '7.5'],
  ['the word where scores say otherwise', 'LOW', 'nvd', [rating('3.1', 9.8)], '2.0'],
  ['the word where somebody else rated', 'MEDIUM', 'ghsa', [rating('3.1', 5.1)], '5.5'],
  ['the word without a source', 'MEDIUM', undefined, [rating('3.1', 5.1)], '5.5'],
  ['the word without ratings', 'CRITICAL', 'nvd', [], '9.5'],
  ['the word for high', 'HIGH', 'nvd', [rating('3.1', 0)], '8.0'],
  ['the word for unknown', 'UNKNOWN', 'nvd', [rating('3.1', 0)], '0.0'],
  ['the word where a score is no number', 'HIGH', 'nvd', [rating('3.1', Number.NaN), rating('3.1', Infinity)], '8.0'],
];

for (const [what, severity, source, ratings, expected] of table) {
  test(`securitySeverity() takes ${what}`, () => {
    const finding = sampleFinding(pkg, 'CVE-1', {
      severity,
      cvss: { nvd: ratings },
      ...(source !== undefined && { severitySource: source }),
    });
    assert.equal(securitySeverity(finding), expected);
  });
}
