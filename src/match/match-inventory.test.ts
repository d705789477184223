import assert from 'node:assert/strict';
import test from 'node:test';
import { distro, flaw, match, one, pkg, told, two } from '../../testing/matching.ts';
import { makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';
import type { Advisory } from '../finding/advisory.ts';
import type { FeedUpdate } from '../vulndb/feed-update.ts';

test('matchInventory() looks up only the kinds of packages that were asked for', async () => {
  const packages = [pkg('deb a 1-1'), pkg('npm b 1.0.0')];
  const advisories = [flaw(one, ['Debian:12 a', '0'], ['npm b', '0'])];
  const debian = { distro: distro('debian', '12') };
  const os = await match(packages, advisories, { ...debian, options: { pkgTypes: ['os'] } });
  const library = await match(packages, advisories, { ...debian, options: { pkgTypes: ['library'] } });
  assert.deepEqual([told(os), told(library)], [[`a: ${one}`], [`b: ${one}`]]);
});

test('matchInventory() sorts by name, version, severity, id and path', async () => {
  const rated = (id: string, severity: 'LOW' | 'HIGH'): Advisory => ({ ...flaw(id, ['npm b', '0']), severity });
  const packages = [
    pkg('npm b 1.0.0', { locations: [{ path: 'z' }] }),
    pkg('npm b 1.0.0', { locations: [{ path: 'y' }] }),
    pkg('npm a 1.0.0'),
  ];
  const { findings } = await match(packages, [
    rated('CVE-2024-0003', 'HIGH'),
    rated(one, 'LOW'),
    rated(two, 'HIGH'),
    flaw('CVE-2024-0004', ['npm a', '0']),
  ]);
  assert.deepEqual(
    findings.map(({ id, severity, package: { name, locations } }) => `${name} ${severity} ${id} ${locations[0]?.path}`),
    [
      'a UNKNOWN CVE-2024-0004 somewhere',
      `b HIGH ${two} y`,
      `b HIGH ${two} z`,
      'b HIGH CVE-2024-0003 y',
      'b HIGH CVE-2024-0003 z',
      `b LOW ${one} y`,
      `b LOW ${one} z`,
    ],
  );
});

test('matchInventory() tells everything that is known of a flaw', async () => {
  const debian = { id: 'debian', name: 'Debian Security Tracker', url: 'https://security-tracker.debian.org/' };
  const ghsa = { id: 'ghsa', name: 'GitHub', url: 'https://github.com/advisories' };
  const update = makeAdvisory({
    id: 'DSA-1-1',
    upstream: [one, two],
    summary: 'openssl - security update',
    modified: '2024-01-02T00:00:00Z',
    references: ['https://d.example/'],
    source: debian,
    affected: [makeAffected('Debian:12 openssl', ['0 3.0.2-1'])],
  });
  const rated = makeAdvisory({
    id: 'GHSA-a',
    aliases: [one],
    summary: 'Bad thing',
    severity: 'CRITICAL',
    cvss: [{ version: '3.1', vector: 'v', score: 9.1 }],
    source: ghsa,
    affected: [makeAffected('npm other', ['0'])],
  });
  const more: FeedUpdate[] = [
    {
      id: 'kev',
      kind: 'exploited',
      items: [{ cve: one, exploited: { dateAdded: '2024-02-01', ransomware: true } }],
      outcome: () => ({ fingerprint: '1', dropped: new Map() }),
    },
    {
      id: 'epss',
      kind: 'scores',
      items: [{ cve: one, epss: { score: 0.5, percentile: 0.9, date: '2024-02-02' } }],
      outcome: () => ({ fingerprint: '1', dropped: new Map() }),
    },
  ];
  const openssl = pkg('deb openssl 3.0.1-1');
  const { findings } = await match([openssl], [update, rated], { distro: distro('debian', '12'), more });
  assert.deepEqual(findings, [
    {
      id: one,
      aliases: [],
      vendorIds: ['DSA-1-1'],
      package: openssl,
      fixedVersions: ['3.0.2-1'],
      status: 'fixed',
      severity: 'CRITICAL',
      severitySource: 'ghsa',
      vendorSeverity: { ghsa: 'CRITICAL' },
      cvss: { ghsa: [{ version: '3.1', vector: 'v', score: 9.1 }] },
      cwes: [],
      title: 'openssl - security update',
      description: '',
      primaryUrl: 'https://avd.aquasec.com/nvd/cve-2024-0001',
      references: ['https://d.example/'],
      modified: '2024-01-02T00:00:00Z',
      dataSource: debian,
      knownExploited: { dateAdded: '2024-02-01', ransomware: true },
      epss: { score: 0.5, percentile: 0.9, date: '2024-02-02' },
    },
    {
      id: two,
      aliases: [],
      vendorIds: ['DSA-1-1'],
      package: openssl,
      fixedVersions: ['3.0.2-1'],
      status: 'fixed',
      severity: 'UNKNOWN',
      vendorSeverity: {},
      cvss: {},
      cwes: [],
      title: 'openssl - security update',
      description: '',
      primaryUrl: 'https://avd.aquasec.com/nvd/cve-2024-0002',
      references: ['https://d.example/'],
      modified: '2024-01-02T00:00:00Z',
      dataSource: debian,
    },
  ]);
});

test("matchInventory() takes a distribution's word for a flaw without a fix", async () => {
  const affected = makeAffected('Debian:12 a', ['0'], { severity: 'LOW', status: 'end_of_life' });
  const { findings } = await match(
    [pkg('deb a 1-1')],
    [makeAdvisory({ id: one, severity: 'HIGH', affected: [affected] })],
    {
      distro: distro('debian', '12'),
    },
  );
  assert.deepEqual(
    findings.map(({ status, severity }) => [status, severity]),
    [['end_of_life', 'LOW']],
  );
});

test('matchInventory() gives more findings than a call takes arguments', async () => {
  const packages = Array.from({ length: 150_000 }, (_, at) => pkg('npm a 1', { locations: [{ path: `${at}` }] }));
  const { findings } = await match(packages, [flaw(one, ['npm a', '0'])]);
  assert.equal(findings.length, packages.length);
});
