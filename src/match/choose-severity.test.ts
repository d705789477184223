import assert from 'node:assert/strict';
import test from 'node:test';
import { makeAdvisory } from '../../testing/vulnerability-database.ts';
import type { Severity } from '../finding/severity.ts';
import type { Rating } from '../vulndb/stored.ts';
import { chooseSeverity } from './choose-severity.ts';
import type { Hit } from './hit.ts';

function hit(source: string, stated?: Severity, ofPackage?: Severity): Hit {
  const detail = makeAdvisory({
    id: 'X-1',
    source: { id: source, name: source, url: 'https://x.example/' },
    ...(stated === undefined ? {} : { severity: stated }),
  });
  return { detail, fixed: [], ...(ofPackage === undefined ? {} : { severity: ofPackage }) };
}

function rating(source: string, severity: Severity): Rating {
  return { source, severity, cvss: [], title: '' };
}

const cases: readonly (readonly [string, string, readonly Hit[], readonly Rating[], string])[] = [
  ['the package, before all', 'CVE-1', [hit('debian', 'HIGH', 'LOW')], [rating('ghsa', 'CRITICAL')], 'LOW debian'],
  ['not a package without a word', 'CVE-1', [hit('debian', 'HIGH', 'UNKNOWN')], [], 'HIGH debian'],
  ['the matching source', 'CVE-1', [hit('ubuntu', 'MEDIUM')], [rating('nvd', 'HIGH')], 'MEDIUM ubuntu'],
  ['GitHub for its ids', 'GHSA-1', [hit('rustsec')], [rating('ghsa', 'LOW'), rating('nvd', 'HIGH')], 'LOW ghsa'],
  ['NVD for CVEs', 'CVE-1', [hit('debian')], [rating('ghsa', 'LOW'), rating('nvd', 'HIGH')], 'HIGH nvd'],
  [
    'others in a fixed order',
    'CVE-1',
    [hit('alpine')],
    [rating('ghsa', 'LOW'), rating('redhat', 'MEDIUM')],
    'MEDIUM redhat',
  ],
  ['others by name', 'CVE-1', [hit('alpine')], [rating('zz', 'LOW'), rating('aa', 'HIGH')], 'HIGH aa'],
  ['nobody', 'CVE-1', [hit('alpine')], [rating('zz', 'UNKNOWN')], 'UNKNOWN undefined'],
];

for (const [what, id, hits, ratings, expected] of cases) {
  test(`chooseSeverity() believes ${what}`, () => {
    const { severity, severitySource } = chooseSeverity(id, hits, ratings);
    assert.equal(`${severity} ${severitySource}`, expected);
  });
}

test('chooseSeverity() tells what every source says', () => {
  const vector = { version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 };
  const chosen = chooseSeverity('CVE-1', [hit('debian', 'LOW')], [{ ...rating('ghsa', 'CRITICAL'), cvss: [vector] }]);
  assert.deepEqual(chosen.vendorSeverity, { debian: 'LOW', ghsa: 'CRITICAL' });
  assert.deepEqual(chosen.cvss, { ghsa: [vector] });
});
