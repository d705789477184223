import { distro, flaw, type MatchCase, one, pkg, testMatches, two } from '../../testing/matching.ts';
import { makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';

const source = { name: 'openssl', version: '3.0.1-1' };
const origin = { name: 'openssl', version: '3.1.0-r0' };

const cases: readonly MatchCase[] = [
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
];

testMatches(cases);
