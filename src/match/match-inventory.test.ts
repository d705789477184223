import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoryUpdate, makeAdvisory, makeAffected, withDatabase } from '../../testing/vulnerability-database.ts';
import type { Advisory } from '../finding/advisory.ts';
import type { Distro } from '../package/distro.ts';
import type { Inventory } from '../package/inventory.ts';
import type { InventoryPackage } from '../package/package.ts';
import type { FeedUpdate } from '../vulndb/feed-update.ts';
import { matchInventory, type MatchOptions, type MatchResult } from './match-inventory.ts';

const one = 'CVE-2024-0001';
const two = 'CVE-2024-0002';

function distro(id: string, version: string, parts: Partial<Distro> = {}): Distro {
  return { id, version, idLike: [], ...parts };
}

/** A package in short: `deb libssl3 3.0.1-1`. */
function pkg(text: string, parts: Partial<InventoryPackage> = {}): InventoryPackage {
  const [type, name, version = ''] = text.split(' ');
  return {
    type: type as InventoryPackage['type'],
    name: name as string,
    version,
    licenses: [],
    cataloger: 'test',
    purl: `pkg:${type}/${name}@${version}`,
    locations: [{ path: 'somewhere' }],
    ...parts,
  };
}

function flaw(id: string, ...affected: readonly (readonly [string, ...string[]])[]): Advisory {
  return makeAdvisory({ id, affected: affected.map(([where, ...runs]) => makeAffected(where, runs)) });
}

async function match(
  packages: readonly InventoryPackage[],
  advisories: readonly Advisory[],
  parts: { readonly distro?: Distro; readonly options?: MatchOptions; readonly more?: readonly FeedUpdate[] } = {},
): Promise<MatchResult> {
  const inventory: Inventory = {
    packages,
    problems: [],
    ...(parts.distro === undefined ? {} : { distro: parts.distro }),
  };
  return withDatabase([advisoryUpdate(advisories), ...(parts.more ?? [])], (database) =>
    matchInventory(inventory, database, parts.options),
  );
}

/** Findings in short: `name: id fixed…`. */
function told({ findings }: MatchResult): string[] {
  return findings.map(({ id, package: { name }, fixedVersions }) => [`${name}:`, id, ...fixedVersions].join(' '));
}

function codes({ problems }: MatchResult): string[] {
  return problems.map(({ code, subject }) => `${code} ${subject}`);
}

interface Case {
  readonly what: string;
  readonly distro?: Distro;
  readonly packages: readonly InventoryPackage[];
  readonly advisories: readonly Advisory[];
  readonly findings: readonly string[];
  readonly problems?: readonly string[];
}

const source = { name: 'openssl', version: '3.0.1-1' };
const origin = { name: 'openssl', version: '3.1.0-r0' };

const cases: readonly Case[] = [
  {
    what: 'Debian by source package and its version',
    distro: distro('debian', '12'),
    packages: [pkg('deb libssl3 9:9-9', { source }), pkg('deb openssl 3.0.5-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0 3.0.2-1']), flaw(two, ['Debian:12 libssl3', '0'])],
    findings: [`libssl3: ${one} 3.0.2-1`],
  },
  {
    what: 'Debian flaws without a fix, and no other release',
    distro: distro('debian', '12'),
    packages: [pkg('deb openssl 3.0.1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0']), flaw(two, ['Debian:11 openssl', '0'])],
    findings: [`openssl: ${one}`],
  },
  {
    what: 'the highest of several updates of a distribution',
    distro: distro('debian', '12'),
    packages: [pkg('deb openssl 3.0.1-1')],
    advisories: [
      makeAdvisory({ id: 'DSA-1-1', upstream: [one], affected: [makeAffected('Debian:12 openssl', ['0 3.0.2-1'])] }),
      makeAdvisory({ id: 'DSA-1-2', upstream: [one], affected: [makeAffected('Debian:12 openssl', ['0 3.0.10-1'])] }),
    ],
    findings: [`openssl: ${one} 3.0.10-1`],
  },
  {
    what: 'Alpine by origin and its branch from the repositories',
    distro: distro('alpine', '3.18.0', { repositories: ['v3.19'] }),
    packages: [pkg('apk libssl3 9.9.9-r9', { source: origin })],
    advisories: [flaw(one, ['Alpine:v3.19 openssl', '0 3.1.1-r0']), flaw(two, ['Alpine:v3.18 openssl', '0 3.1.1-r0'])],
    findings: [`libssl3: ${one} 3.1.1-r0`],
  },
  {
    what: 'Wolfi by origin and the version that is installed',
    distro: distro('wolfi', '20230201'),
    packages: [pkg('apk libssl3 3.0.0-r0', { source: { name: 'openssl', version: '9.9.9-r0' } })],
    advisories: [flaw(one, ['Wolfi openssl', '0 3.1.1-r0'])],
    findings: [`libssl3: ${one} 3.1.1-r0`],
  },
  {
    what: 'Photon by source name and the version that is installed',
    distro: distro('photon', '4.0'),
    packages: [pkg('rpm openssl-libs 1.0-1', { source: { name: 'openssl', version: '9-9' } })],
    advisories: [flaw(one, ['Photon OS:4.0 openssl', '0 1.1-1'])],
    findings: [`openssl-libs: ${one} 1.1-1`],
  },
  {
    what: 'Azure Linux by source package and its version',
    distro: distro('azurelinux', '3.0'),
    packages: [pkg('rpm openssl-libs 9-9', { source: { name: 'openssl', version: '1.0-1' } })],
    advisories: [flaw(one, ['Azure Linux:3 openssl', '0 1.1-1'])],
    findings: [`openssl-libs: ${one} 1.1-1`],
  },
  {
    what: 'Red Hat by binary package with its epoch, in all of its repositories',
    distro: distro('rhel', '9.3'),
    packages: [
      pkg('rpm openssl-libs 1:3.0.1-1.el9', { source: { name: 'openssl', version: '9-9' } }),
      pkg('rpm vim-minimal 2:8.2-1.el9'),
    ],
    advisories: [
      flaw(one, ['Red Hat:enterprise_linux:9::baseos openssl-libs', '0 1:3.0.7-1.el9']),
      flaw(two, ['Red Hat:enterprise_linux:9::appstream openssl-libs', '0 0:9.0.7-1.el9']),
      flaw('CVE-2024-0003', ['Red Hat:enterprise_linux:9::appstream vim-minimal', '0 2:8.3-1.el9']),
      flaw('CVE-2024-0004', ['Red Hat:enterprise_linux:9::appstream openssl', '0']),
    ],
    findings: [`openssl-libs: ${one} 1:3.0.7-1.el9`, 'vim-minimal: CVE-2024-0003 2:8.3-1.el9'],
  },
  {
    what: 'modules apart from what is outside them',
    distro: distro('rocky', '8.9'),
    packages: [
      pkg('rpm nodejs 1:10.0-1.module+el8.1', { modularityLabel: 'nodejs:10:1:2' }),
      pkg('rpm perl 5.0-1.el8'),
    ],
    advisories: [
      flaw(one, ['Rocky Linux:8 nodejs', '0 1:10.2-1.module+el8.2']),
      flaw(two, ['Rocky Linux:8 perl', '0 5.1-1.module+el8.2']),
    ],
    findings: [`nodejs: ${one} 1:10.2-1.module+el8.2`],
  },
  {
    what: 'fixes of AlmaLinux that leave out the epoch',
    distro: distro('almalinux', '8.9'),
    packages: [pkg('rpm bind 32:9.11-1.el8')],
    advisories: [flaw(one, ['AlmaLinux:8 bind', '0 9.12-1.el8'])],
    findings: [`bind: ${one} 9.12-1.el8`],
  },
  {
    what: 'Ubuntu without the fixes of Pro',
    distro: distro('ubuntu', '16.04'),
    packages: [pkg('deb wayland 1.12.0-1+esm1')],
    advisories: [flaw(one, ['Ubuntu:16.04:LTS wayland', '0'], ['Ubuntu:Pro:16.04:LTS wayland', '0 1.12.0-1+esm1'])],
    findings: [`wayland: ${one}`],
  },
  {
    what: 'Ubuntu with Pro, which overrules the plain release',
    distro: distro('ubuntu', '16.04', { esm: true }),
    packages: [pkg('deb wayland 1.12.0-1+esm1'), pkg('deb weston 1.0-1')],
    advisories: [
      flaw(one, ['Ubuntu:16.04:LTS wayland', '0'], ['Ubuntu:Pro:16.04:LTS wayland', '0 1.12.0-1+esm1']),
      flaw(two, ['Ubuntu:16.04:LTS wayland', '0']),
      flaw('CVE-2024-0003', ['Ubuntu:16.04:LTS weston', '0'], ['Ubuntu:Pro:16.04:LTS weston', '0 1.0-1+esm1']),
    ],
    findings: [`wayland: ${two}`, 'weston: CVE-2024-0003 1.0-1+esm1'],
  },
  {
    what: 'packages of other publishers, and what came with them',
    distro: distro('debian', '12'),
    packages: [
      pkg('deb docker-ce 5:20-1', { maintainer: 'Docker <support@docker.com>' }),
      pkg('deb python3-jinja 2.0-1'),
      pkg('pypi a 1.0', { ownedBy: { type: 'deb', name: 'docker-ce', version: '5:20-1' } }),
      pkg('pypi b 1.0', { ownedBy: { type: 'deb', name: 'python3-jinja', version: '2.0-1' } }),
    ],
    advisories: [flaw(one, ['Debian:12 docker-ce', '0']), flaw(two, ['PyPI a', '0'], ['PyPI b', '0'])],
    findings: [`a: ${two}`],
    problems: ['PACKAGES_NOT_COVERED debian 12'],
  },
  {
    what: 'a release without data, which is not a release without flaws',
    distro: distro('debian', '7'),
    packages: [pkg('deb openssl 1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0'])],
    findings: [],
    problems: ['NO_ADVISORIES_FOR_RELEASE debian 7'],
  },
  {
    what: 'a release with data and no flaw',
    distro: distro('debian', '12'),
    packages: [pkg('deb bash 1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0'])],
    findings: [],
  },
  {
    what: 'a distribution that is not known',
    distro: distro('arch', ''),
    packages: [pkg('deb bash 1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0'])],
    findings: [],
    problems: ['NO_ADVISORIES_FOR_DISTRO arch'],
  },
  {
    what: 'packages of nobody knows which distribution',
    packages: [pkg('deb bash 1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0'])],
    findings: [],
    problems: ['DISTRO_UNKNOWN operating system'],
  },
  {
    what: 'packages of another package manager',
    distro: distro('debian', '12'),
    packages: [pkg('rpm openssl 1-1')],
    advisories: [flaw(one, ['Debian:12 openssl', '0'])],
    findings: [],
    problems: ['PACKAGES_NOT_COVERED debian 12'],
  },
  {
    what: 'signing keys, which are no packages',
    distro: distro('rocky', '8'),
    packages: [pkg('rpm gpg-pubkey 1-1')],
    advisories: [flaw(one, ['Rocky Linux:8 gpg-pubkey', '0'])],
    findings: [],
  },
  {
    what: 'a version that cannot be compared, when there is what to compare it with',
    packages: [pkg('npm a latest'), pkg('npm b latest')],
    advisories: [flaw(one, ['npm a', '0 2.0.0'])],
    findings: [],
    problems: ['VERSION_UNREADABLE npm'],
  },
  {
    what: 'a language without data',
    packages: [pkg('npm a 1.0.0'), pkg('generic b 1.0.0')],
    advisories: [flaw(one, ['PyPI a', '0'])],
    findings: [],
    problems: ['NO_ADVISORIES_FOR_ECOSYSTEM npm', 'NO_ADVISORIES_FOR_TYPE generic'],
  },
  {
    what: 'every spelling of a Python name',
    packages: [pkg('pypi Zope.Interface_X 1.0')],
    advisories: [flaw(one, ['PyPI zope-interface.x', '0 2.0'])],
    findings: [`Zope.Interface_X: ${one} 2.0`],
  },
  {
    what: 'names of NuGet and Packagist in any case',
    packages: [pkg('nuget newtonsoft.JSON 1.0'), pkg('composer Symfony/Http 1.0')],
    advisories: [flaw(one, ['NuGet Newtonsoft.Json', '0 2.0'], ['Packagist symfony/http', '0 2.0'])],
    findings: [`Symfony/Http: ${one} 2.0`, `newtonsoft.JSON: ${one} 2.0`],
  },
  {
    what: 'Go paths letter for letter',
    packages: [pkg('golang github.com/A/b v1.0.0'), pkg('golang github.com/a/b v1.0.0')],
    advisories: [flaw(one, ['Go github.com/a/b', '0 1.2.0'])],
    findings: [`github.com/a/b: ${one} 1.2.0`],
  },
  {
    what: "Go's standard library by the version that built the program",
    packages: [pkg('golang stdlib go1.21.3')],
    advisories: [flaw(one, ['Go stdlib', '0 1.20.11', '1.21.0-0 1.21.4']), flaw(two, ['Go stdlib', '0 1.21.3'])],
    findings: [`stdlib: ${one} 1.21.4`],
  },
  {
    what: "Go's main module without a version",
    packages: [pkg('golang a (devel)', { main: true }), pkg('golang b (devel)', { main: true })],
    advisories: [flaw(one, ['Go a', '0 1.20.11'])],
    findings: [],
    problems: ['VERSION_UNREADABLE Go'],
  },
  {
    what: 'the other languages',
    packages: [
      pkg('bitnami redis 1.0.0'),
      pkg('cargo tokio 1.0.0'),
      pkg('gem rails 1.0.0'),
      pkg('maven g:a 1.0.0'),
      pkg('npm @s/p 1.0.0'),
    ],
    advisories: [
      flaw(one, ['Bitnami redis', '0 2'], ['crates.io tokio', '0 2.0.0'], ['RubyGems rails', '0 2']),
      flaw(two, ['Maven g:a', '0 2'], ['npm @s/p', '0 2.0.0']),
    ],
    findings: [`@s/p: ${two} 2.0.0`, `g:a: ${two} 2`, `rails: ${one} 2`, `redis: ${one} 2`, `tokio: ${one} 2.0.0`],
  },
  {
    what: 'withdrawn advisories, which match nothing',
    packages: [pkg('npm a 1.0.0')],
    advisories: [{ ...flaw(one, ['npm a', '0']), withdrawn: '2024-01-01T00:00:00Z' }, flaw(two, ['npm a', '0'])],
    findings: [`a: ${two}`],
  },
  {
    what: 'every fix that databases of a language name, the own one first',
    packages: [pkg('npm a 2.1.0')],
    advisories: [
      makeAdvisory({
        id: 'GHSA-a',
        aliases: [one],
        affected: [makeAffected('npm a', ['0 1.5.0', '2.0.0 2.3.0', '3.0.0 3.1.0'])],
      }),
      makeAdvisory({ id: 'X-1', aliases: ['GHSA-a'], affected: [makeAffected('npm a', ['0 2.2.0'])] }),
    ],
    findings: [`a: ${one} 2.2.0 2.3.0 3.1.0`],
  },
];

for (const { what, packages, advisories, findings, problems = [], ...parts } of cases) {
  test(`matchInventory() matches ${what}`, async () => {
    const found = await match(packages, advisories, parts);
    assert.deepEqual(told(found), findings);
    assert.deepEqual(codes(found), problems);
  });
}

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
