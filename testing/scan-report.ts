import type { ScanReport } from '../src/finding/scan-report.ts';
import type { VulnerabilityFinding } from '../src/finding/vulnerability.ts';
import { parseDigest, type Digest } from '../src/oci/digest.ts';
import type { Distro } from '../src/package/distro.ts';
import type { InventoryPackage, PackageType } from '../src/package/package.ts';
import { purlOfPackage } from '../src/package/purl-of-package.ts';

const debian: Distro = {
  id: 'debian',
  version: '12',
  prettyName: 'Debian GNU/Linux 12 (bookworm)',
  idLike: [],
};

/** A digest of one repeated digit. */
export function digestOf(digit: string): Digest {
  return parseDigest(`sha256:${digit.repeat(64)}`);
}

/** A package as an inventory has it. */
export function samplePackage(
  type: PackageType,
  name: string,
  version: string,
  path: string,
  rest: Partial<InventoryPackage> = {},
): InventoryPackage {
  const bare = { type, name, version, licenses: [], cataloger: type, ...rest };
  return {
    ...bare,
    purl: purlOfPackage(bare, debian),
    locations: [{ path, layer: { diffId: digestOf('a'), digest: digestOf('b') } }],
  };
}

/** A finding about a package. */
export function sampleFinding(
  pkg: InventoryPackage,
  id: string,
  rest: Partial<VulnerabilityFinding> = {},
): VulnerabilityFinding {
  return {
    id,
    aliases: [],
    vendorIds: [],
    package: pkg,
    fixedVersions: [],
    status: 'affected',
    severity: 'UNKNOWN',
    vendorSeverity: {},
    cvss: {},
    cwes: [],
    title: '',
    description: '',
    primaryUrl: `https://avd.aquasec.com/nvd/${id.toLowerCase()}`,
    references: [],
    dataSource: { id: 'debian', name: 'Debian Security Tracker', url: 'https://security-tracker.debian.org' },
    ...rest,
  };
}

const libssl = samplePackage('deb', 'libssl3', '3.0.11-1~deb12u2', 'var/lib/dpkg/status', {
  arch: 'amd64',
  source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
  licenses: ['Apache-2.0'],
  maintainer: 'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
});
const tar = samplePackage('deb', 'tar', '1.34+dfsg-1.2', 'var/lib/dpkg/status', { arch: 'amd64' });
const lodash = samplePackage('npm', 'lodash', '4.17.4', 'app/node_modules/lodash/package.json', { licenses: ['MIT'] });
const owned = samplePackage('pypi', 'six', '1.16.0', 'usr/lib/python3/dist-packages/six-1.16.0.egg-info', {
  ownedBy: { type: 'deb', name: 'tar', version: '1.34+dfsg-1.2' },
});
const stdlib = samplePackage('golang', 'stdlib', '1.22.1', 'usr/local/bin/tool', { main: false });
const log4j = samplePackage(
  'maven',
  'org.apache.logging.log4j:log4j-core',
  '2.14.1',
  'app/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar',
);

/** A report with something of everything. */
export function sampleReport(rest: Partial<ScanReport> = {}): ScanReport {
  return {
    artifact: {
      name: 'shop:1.4',
      type: 'container_image',
      image: {
        imageId: digestOf('1'),
        manifestDigest: digestOf('2'),
        platform: { os: 'linux', architecture: 'amd64' },
        repoTags: ['shop:1.4'],
        repoDigests: [`shop@${digestOf('2')}`],
        layers: [{ diffId: digestOf('a'), digest: digestOf('b'), size: 1234 }],
        rawConfig: {
          config: { Env: ['A=1 && 2'] },
          os: 'linux',
          architecture: 'amd64',
          rootfs: { type: 'layers', diff_ids: [digestOf('a')] },
        },
      },
    },
    inventory: { distro: debian, packages: [libssl, tar, stdlib, log4j, lodash, owned], problems: [] },
    findings: [
      sampleFinding(libssl, 'CVE-2024-5535', {
        severity: 'CRITICAL',
        severitySource: 'nvd',
        vendorSeverity: { nvd: 'CRITICAL', debian: 'LOW' },
        cvss: { nvd: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H', score: 9.1 }] },
        status: 'fixed',
        fixedVersions: ['3.0.14-1~deb12u2'],
        vendorIds: ['DSA-5764-1'],
        title: 'openssl: SSL_select_next_proto buffer overread',
        cwes: ['CWE-200'],
        references: ['https://www.openssl.org/news/secadv/20240627.txt?a=1&b=2'],
        published: '2024-06-27T11:15:24Z',
        modified: '2024-11-21T09:47:54Z',
      }),
      sampleFinding(tar, 'CVE-2005-2541', {
        severity: 'LOW',
        severitySource: 'debian',
        title: 'tar: setuid on extract',
      }),
      sampleFinding(log4j, 'CVE-2021-44228', {
        aliases: ['GHSA-jfh8-c2jp-5v3q'],
        severity: 'CRITICAL',
        severitySource: 'ghsa',
        status: 'fixed',
        fixedVersions: ['2.15.0', '2.12.2', '2.3.1'],
        title: 'Remote code injection in Log4j',
        description: 'Log4j <= 2.14.1 evaluates lookups in messages.',
        dataSource: { id: 'ghsa', name: 'GitHub Security Advisories', url: 'https://github.com/advisories' },
        knownExploited: { dateAdded: '2021-12-10', dueDate: '2021-12-24', ransomware: true },
        epss: { score: 0.94, percentile: 0.999, date: '2025-01-01' },
      }),
      sampleFinding(stdlib, 'CVE-2024-24790', {
        severity: 'MEDIUM',
        status: 'fixed',
        fixedVersions: ['1.21.11', '1.22.4'],
      }),
    ],
    suppressed: [
      {
        finding: sampleFinding(lodash, 'CVE-2021-23337', { severity: 'HIGH', title: 'Command injection in lodash' }),
        status: 'ignored',
        source: '.trivyignore',
        statement: 'not reachable',
      },
    ],
    problems: [{ code: 'MALFORMED', subject: 'app/broken.jar', message: 'The archive has no central directory.' }],
    createdAt: '2025-01-02T03:04:05.000Z',
    database: { builtAt: '2025-01-01T00:00:00Z', schemaVersion: 1 },
    ...rest,
  };
}
