import assert from 'node:assert/strict';
import test from 'node:test';
import type { Distro } from '../../package/distro.ts';
import type { InventoryPackage } from '../../package/package.ts';
import { schemeOf } from '../../version/list.ts';
import { osRuleOf, osRules } from './list.ts';

function distro(id: string, version: string, parts: Partial<Distro> = {}): Distro {
  return { id, version, idLike: [], ...parts };
}

/** Releases as the OSV bucket names them. */
const known: Readonly<Record<string, readonly string[]>> = {
  AlmaLinux: ['8', '9'],
  Alpine: ['v3.18', 'v3.19', 'v3.9', 'v3.10'],
  'Amazon Linux': ['1', '2', '2023'],
  'Azure Linux': ['2', '3'],
  Chainguard: [''],
  Debian: ['11', '12', '13'],
  Echo: [''],
  MinimOS: [''],
  'Oracle Linux': ['8'],
  'Photon OS': ['4.0', '5.0'],
  'Red Hat': [
    'enterprise_linux:10.0',
    'enterprise_linux:8::baseos',
    'enterprise_linux:9::appstream',
    'enterprise_linux:9::baseos',
    'openshift:4.12::el9',
    'rhel_eus:9.2::baseos',
  ],
  'Rocky Linux': ['8', '9'],
  SUSE: [
    'Linux Enterprise Micro 5.3',
    'Linux Enterprise Module for Basesystem 15 SP4',
    'Linux Enterprise Module for Basesystem 15 SP5',
    'Linux Enterprise Server 12 SP5',
    'Linux Enterprise Server 15 SP5',
    'Linux Enterprise Server 15 SP5-LTSS',
    'Linux Enterprise Server for SAP Applications 15 SP5',
    'Linux Enterprise Server 15',
    'Linux Micro 6.0',
  ],
  Ubuntu: ['16.04:LTS', '22.04:LTS', '23.10', 'Pro:16.04:LTS', 'Pro:FIPS:22.04:LTS'],
  Wolfi: [''],
  openSUSE: ['Leap 15.5', 'Tumbleweed'],
};

const releases: readonly (readonly [Distro, readonly string[]])[] = [
  [distro('almalinux', '9.3'), ['9']],
  [distro('alpine', '3.19.1'), ['v3.19']],
  [distro('alpine', '3.9.4'), ['v3.9']],
  [distro('alpine', '3.18.0', { repositories: ['v3.9', 'v3.10'] }), ['v3.10']],
  [distro('alpine', '3.18.0', { repositories: ['v3.18', 'edge'] }), []],
  [distro('alpine', '3.19_alpha20230901'), []],
  [distro('alpine', '3.2.0'), []],
  [distro('amzn', '2'), ['2']],
  [distro('amzn', '2018.03'), ['1']],
  [distro('amzn', '2023'), ['2023']],
  [distro('azurelinux', '3.0'), ['3']],
  [distro('mariner', '2.0.20231004'), ['2']],
  [distro('chainguard', '20230214'), ['']],
  [distro('debian', '12'), ['12']],
  [distro('debian', '12.5'), ['12']],
  [distro('debian', 'trixie/sid'), ['13']],
  [distro('debian', '', { codename: 'bullseye' }), ['11']],
  [distro('debian', '', { codename: '__proto__' }), []],
  [distro('debian', '7'), []],
  [distro('raspbian', '11'), ['11']],
  [distro('echo', '12'), ['']],
  [distro('minimos', ''), ['']],
  [distro('wolfi', '20230201'), ['']],
  [distro('ol', '8.9'), ['8']],
  [distro('photon', '4.0'), ['4.0']],
  [distro('photon', '5'), ['5.0']],
  [distro('rhel', '9.3'), ['enterprise_linux:9::appstream', 'enterprise_linux:9::baseos']],
  [distro('rhel', '10.0'), ['enterprise_linux:10.0']],
  [distro('centos', '8', { prettyName: 'CentOS Linux 8' }), ['enterprise_linux:8::baseos']],
  [distro('centos', '9', { prettyName: 'CentOS Stream 9' }), []],
  [distro('rhel', '1'), []],
  [distro('rocky', '8.9'), ['8']],
  [distro('sles', '15.5'), ['Linux Enterprise Module for Basesystem 15 SP5', 'Linux Enterprise Server 15 SP5']],
  [distro('sles', '15'), ['Linux Enterprise Server 15']],
  [distro('sles', '12.5'), ['Linux Enterprise Server 12 SP5']],
  [distro('sle-micro', '5.3'), ['Linux Enterprise Micro 5.3']],
  [distro('sl-micro', '6.0'), ['Linux Micro 6.0']],
  [distro('opensuse-leap', '15.5'), ['Leap 15.5']],
  [distro('opensuse-tumbleweed', '20240101'), ['Tumbleweed']],
  [distro('ubuntu', '22.04'), ['22.04:LTS']],
  [distro('ubuntu', '23.10'), ['23.10']],
  [distro('ubuntu', '16.04'), ['16.04:LTS']],
  [distro('ubuntu', '16.04', { esm: true }), ['16.04:LTS', 'Pro:16.04:LTS']],
  [distro('ubuntu', '24.04'), []],
];

for (const [asked, expected] of releases) {
  const { id, version, codename = '', repositories = [], esm = false, prettyName = '' } = asked;
  test(`releases() of ${id} ${version} ${codename}${repositories.join()}${esm ? 'esm' : ''}${prettyName} are ${expected.join() || 'none'}`, () => {
    const rule = osRuleOf(id);
    assert.ok(rule !== undefined);
    assert.deepEqual(rule.releases(asked, known[rule.ecosystem] ?? []), expected);
  });
}

test('osRuleOf() does not guess at distributions that it has no rule for', () => {
  for (const id of ['arch', 'fedora', 'gentoo', '', 'constructor']) assert.equal(osRuleOf(id), undefined);
});

test('osRules speak of ecosystems whose versions can be compared, each distribution once', () => {
  for (const { ecosystem } of osRules) assert.ok(schemeOf(ecosystem) !== undefined, ecosystem);
  const ids = osRules.flatMap(({ distros }) => distros);
  assert.equal(new Set(ids).size, ids.length);
});

function pkg(parts: Partial<InventoryPackage>): InventoryPackage {
  return {
    type: 'rpm',
    name: 'x',
    version: '1-1',
    licenses: [],
    cataloger: 'test',
    purl: 'pkg:rpm/x@1-1',
    locations: [{ path: 'var/lib/rpm/rpmdb.sqlite' }],
    ...parts,
  };
}

const exclusions: readonly (readonly [string, Partial<InventoryPackage>, string | undefined])[] = [
  ['rhel', { maintainer: 'Red Hat, Inc.' }, undefined],
  ['centos', { maintainer: 'CentOS' }, undefined],
  ['rhel', { maintainer: 'Docker' }, 'third-party'],
  ['rhel', {}, undefined],
  ['rhel', { name: 'gpg-pubkey' }, 'no-software'],
  ['rocky', { maintainer: 'Rocky Enterprise Software Foundation' }, undefined],
  ['rocky', { maintainer: 'Fedora Project' }, 'third-party'],
  ['almalinux', { maintainer: 'AlmaLinux' }, undefined],
  ['almalinux', { version: '1-1.module_el8.1', maintainer: 'AlmaLinux' }, 'module-unknown'],
  ['almalinux', { version: '1-1.module_el8.1', modularityLabel: 'a:1:2:3' }, undefined],
  ['ol', { maintainer: 'Oracle America' }, undefined],
  ['ol', { maintainer: 'Percona' }, 'third-party'],
  ['sles', { maintainer: 'SUSE LLC <https://www.suse.com/>' }, undefined],
  ['sles', { maintainer: 'NVIDIA' }, 'third-party'],
  ['opensuse-leap', { maintainer: 'openSUSE' }, undefined],
  ['photon', { maintainer: 'VMware, Inc.' }, undefined],
  ['photon', { maintainer: 'Somebody' }, 'third-party'],
  ['azurelinux', { maintainer: 'Microsoft Corporation' }, undefined],
  ['azurelinux', { name: 'gpg-pubkey' }, 'no-software'],
  ['amzn', { maintainer: 'Amazon Linux' }, undefined],
  ['amzn', { maintainer: 'Docker' }, 'third-party'],
  ['debian', { maintainer: 'Debian OpenSSL Team <pkg-openssl-devel@lists.alioth.debian.org>' }, undefined],
  ['debian', { maintainer: 'Docker <support@docker.com>' }, 'third-party'],
  ['debian', { maintainer: 'Chrome Linux Team <chromium-dev@google.com>' }, 'third-party'],
  ['debian', { maintainer: 'Some Body <some.body@googlemail.com>' }, undefined],
  ['debian', { maintainer: 'Some Body <some.body@google.com>' }, undefined],
  ['debian', { maintainer: 'Some Body <some.body@nvidia.com>' }, undefined],
  ['debian', { maintainer: 'cudatools <cudatools@nvidia.com>' }, 'third-party'],
  ['debian', { maintainer: 'Debian Docker Team <docker@packages.debian.org>' }, undefined],
  ['ubuntu', { maintainer: 'Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>' }, undefined],
  ['ubuntu', { maintainer: 'Microsoft Corporation' }, 'third-party'],
];

for (const [id, parts, expected] of exclusions) {
  test(`excludes() of ${id} says ${expected} of ${JSON.stringify(parts)}`, () => {
    assert.equal(osRuleOf(id)?.excludes?.(pkg(parts)), expected);
  });
}

const builds: readonly (readonly [string, Partial<InventoryPackage>, string, boolean])[] = [
  ['rhel', { version: '1-1.el9' }, '1-2.el9', true],
  ['rhel', { version: '1-1.el9' }, '1-2.module+el9', false],
  ['rhel', { version: '1-1.module+el9' }, '1-2.module+el9', true],
  ['rhel', { version: '1-1.el9', modularityLabel: 'a:1:2:3' }, '1-2.el9', false],
  ['almalinux', { version: '1-1.el8' }, '1-2.module_el8', false],
  ['rocky', { version: '1-1.el8' }, '1-2.module+el8', false],
  ['ol', { version: '1-1.el8' }, '1-2.el8', true],
  ['ol', { version: '1-1.el8' }, '1-2.ksplice1.el8', false],
  ['ol', { version: '1-1.ksplice1.el8' }, '1-2.ksplice1.el8', true],
  ['ol', { version: '1-1.el8' }, '1-2.el8_fips', false],
  ['ol', { version: '1-1.el8' }, '1-2.module+el8', false],
];

for (const [id, parts, fixed, expected] of builds) {
  test(`speaksOf() of ${id}: a fix in ${fixed} ${expected ? 'speaks' : 'does not speak'} of ${parts.version}`, () => {
    assert.equal(osRuleOf(id)?.speaksOf?.(pkg(parts), fixed), expected);
  });
}
