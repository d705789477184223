import assert from 'node:assert/strict';
import test from 'node:test';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { InventoryPackage } from '../../package/package.ts';
import { digestOf, sampleFinding, samplePackage, sampleReport } from '../../../testing/scan-report.ts';
import { imageConfigFields } from './image-config.ts';
import { packageFields } from './package-fields.ts';
import { jsonReport } from './render.ts';

function render(reports: readonly ScanReport[], listAllPackages: boolean = false): string {
  return jsonReport.render(reports, { version: '1', width: 80, colour: false, listAllPackages });
}

/** Of one report, to look into. */
function parsed(report: ScanReport, listAllPackages: boolean = false): Record<string, never> {
  return JSON.parse(render([report], listAllPackages)) as Record<string, never>;
}

const libssl = samplePackage('deb', 'libssl3', '3.0.11-1', 'var/lib/dpkg/status', { arch: 'amd64' });

/** A report with one finding of few words. */
function smallReport(): ScanReport {
  return {
    artifact: {
      name: 'app:1',
      type: 'container_image',
      image: {
        imageId: digestOf('1'),
        platform: { os: 'linux', architecture: 'amd64' },
        repoTags: ['app:1'],
        repoDigests: [],
        layers: [{ diffId: digestOf('a'), digest: digestOf('b'), size: 5 }],
        rawConfig: { os: 'linux', 'my.own': 1, architecture: 'amd64' },
      },
    },
    inventory: { distro: { id: 'debian', version: '12', idLike: [] }, packages: [libssl], problems: [] },
    findings: [
      sampleFinding(libssl, 'CVE-2024-5535', {
        status: 'fixed',
        fixedVersions: ['3.0.14-1', '3.1'],
        severity: 'CRITICAL',
        severitySource: 'nvd',
        vendorSeverity: { nvd: 'CRITICAL', debian: 'LOW' },
        cvss: {
          nvd: [
            { version: '2.0', vector: 'AV:N', score: 5 },
            { version: '3.0', vector: 'CVSS:3.0/AV:N', score: 9 },
            { version: '3.1', vector: 'CVSS:3.1/AV:N', score: 9.1 },
            { version: '4.0', vector: 'CVSS:4.0/AV:N', score: 9.3 },
          ],
        },
        title: 'a < b & c > d\u2028',
        references: ['https://e.org/?a=1&b=2'],
        published: '2024-06-27T11:15:24Z',
      }),
    ],
    suppressed: [],
    problems: [],
    createdAt: '2025-01-02T03:04:05.000Z',
  };
}

test('jsonReport writes what Trivy would, byte for byte', () => {
  const purl = 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64\\u0026distro=debian-12';
  const uid = (
    JSON.parse(render([smallReport()])) as { Results: { Vulnerabilities: { PkgIdentifier: { UID: string } }[] }[] }
  ).Results[0]?.Vulnerabilities[0]?.PkgIdentifier.UID;
  assert.match(uid ?? '', /^[0-9a-f]{16}$/);
  assert.equal(
    render([smallReport()]),
    `{
  "SchemaVersion": 2,
  "CreatedAt": "2025-01-02T03:04:05.000Z",
  "ArtifactName": "app:1",
  "ArtifactType": "container_image",
  "Metadata": {
    "OS": {
      "Family": "debian",
      "Name": "12"
    },
    "ImageID": "${digestOf('1')}",
    "DiffIDs": [
      "${digestOf('a')}"
    ],
    "RepoTags": [
      "app:1"
    ],
    "ImageConfig": {
      "architecture": "amd64",
      "os": "linux",
      "my.own": 1
    },
    "Layers": [
      {
        "Digest": "${digestOf('b')}",
        "DiffID": "${digestOf('a')}"
      }
    ]
  },
  "Results": [
    {
      "Target": "app:1 (debian 12)",
      "Class": "os-pkgs",
      "Type": "debian",
      "Vulnerabilities": [
        {
          "VulnerabilityID": "CVE-2024-5535",
          "PkgID": "libssl3@3.0.11-1",
          "PkgName": "libssl3",
          "PkgIdentifier": {
            "PURL": "${purl}",
            "UID": "${uid}"
          },
          "InstalledVersion": "3.0.11-1",
          "FixedVersion": "3.0.14-1, 3.1",
          "Status": "fixed",
          "Layer": {
            "Digest": "${digestOf('b')}",
            "DiffID": "${digestOf('a')}"
          },
          "SeveritySource": "nvd",
          "PrimaryURL": "https://avd.aquasec.com/nvd/cve-2024-5535",
          "DataSource": {
            "ID": "debian",
            "Name": "Debian Security Tracker",
            "URL": "https://security-tracker.debian.org"
          },
          "Title": "a \\u003c b \\u0026 c \\u003e d\\u2028",
          "Severity": "CRITICAL",
          "VendorSeverity": {
            "debian": 1,
            "nvd": 4
          },
          "CVSS": {
            "nvd": {
              "V2Vector": "AV:N",
              "V3Vector": "CVSS:3.1/AV:N",
              "V40Vector": "CVSS:4.0/AV:N",
              "V2Score": 5,
              "V3Score": 9.1,
              "V40Score": 9.3
            }
          },
          "References": [
            "https://e.org/?a=1\\u0026b=2"
          ],
          "PublishedDate": "2024-06-27T11:15:24Z"
        }
      ]
    }
  ]
}
`,
  );
});

test('jsonReport writes one object for one report and an array for several', () => {
  assert.equal(render([smallReport(), smallReport()]).startsWith('[\n  {\n    "SchemaVersion": 2,'), true);
  assert.deepEqual(JSON.parse(render([smallReport(), smallReport()])), [parsed(smallReport()), parsed(smallReport())]);
  assert.equal(render([]), '[]\n');
});

test('jsonReport keeps its own facts in members of their own', () => {
  const { Results, Seaworthy } = parsed(sampleReport()) as unknown as {
    Results: { Type: string; Vulnerabilities?: { Seaworthy?: unknown }[]; ExperimentalModifiedFindings?: unknown[] }[];
    Seaworthy: unknown;
  };
  assert.deepEqual(Seaworthy, {
    Problems: [{ Code: 'MALFORMED', Subject: 'app/broken.jar', Message: 'The archive has no central directory.' }],
    Database: { BuiltAt: '2025-01-01T00:00:00Z', SchemaVersion: 1 },
  });
  assert.deepEqual(Results.find(({ Type }) => Type === 'jar')?.Vulnerabilities?.[0]?.Seaworthy, {
    Aliases: ['GHSA-jfh8-c2jp-5v3q'],
    KnownExploited: { DateAdded: '2021-12-10', DueDate: '2021-12-24', Ransomware: true },
    EPSS: { Score: 0.94, Percentile: 0.999, Date: '2025-01-01' },
  });
  const [modified] = (Results.find(({ Type }) => Type === 'node-pkg')?.ExperimentalModifiedFindings ??
    []) as unknown as [{ Finding: { VulnerabilityID: string; PkgPath: string } }];
  const { Finding, ...rest } = modified;
  assert.deepEqual(rest, {
    Type: 'vulnerability',
    Status: 'ignored',
    Statement: 'not reachable',
    Source: '.trivyignore',
  });
  assert.deepEqual(
    [Finding.VulnerabilityID, Finding.PkgPath],
    ['CVE-2021-23337', 'app/node_modules/lodash/package.json'],
  );
});

test('jsonReport lists packages when asked, without those of others', () => {
  const bash = samplePackage('rpm', 'bash', '1:4.2-31.el7', 'var/lib/rpm/Packages', {
    arch: 'x86_64',
    source: { name: 'bash', version: '1:4.2-31.el7' },
    licenses: ['GPLv3+'],
    maintainer: 'CentOS',
    modularityLabel: 'm:1',
    digest: 'md5:00',
    dependsOn: ['zlib', 'absent'],
  });
  const zlib = samplePackage('rpm', 'zlib', '1.2', 'var/lib/rpm/Packages');
  const owned = samplePackage('pypi', 'six', '1.16.0', 'usr/lib/six.egg-info', {
    ownedBy: { type: 'rpm', name: 'zlib', version: '1.2' },
  });
  const jar = samplePackage('maven', 'g:a', '1', 'app.jar!/lib/a.jar', { licenses: ['MIT'], main: true });
  const report = sampleReport({
    inventory: { distro: { id: 'centos', version: '7', idLike: [] }, packages: [bash, zlib, jar, owned], problems: [] },
    findings: [],
    suppressed: [],
  });
  const { Results } = parsed(report, true) as unknown as {
    Results: { Type: string; Packages: Record<string, unknown>[] }[];
  };
  assert.deepEqual(
    Results.map(({ Type }) => Type),
    ['centos', 'jar'],
  );
  const layer = { Digest: digestOf('b'), DiffID: digestOf('a') };
  const [first, second] = (Results[0]?.Packages ?? []) as [Record<string, unknown>, Record<string, unknown>];
  assert.deepEqual(
    { ...first, Identifier: undefined },
    {
      ID: 'bash@4.2-31.el7.x86_64',
      Name: 'bash',
      Identifier: undefined,
      Version: '4.2',
      Release: '31.el7',
      Epoch: 1,
      Arch: 'x86_64',
      SrcName: 'bash',
      SrcVersion: '4.2',
      SrcRelease: '31.el7',
      SrcEpoch: 1,
      Licenses: ['GPLv3+'],
      Maintainer: 'CentOS',
      Modularitylabel: 'm:1',
      DependsOn: ['zlib@1.2'],
      Layer: layer,
      Digest: 'md5:00',
    },
  );
  assert.equal(
    Object.keys(first).join(),
    'ID,Name,Identifier,Version,Release,Epoch,Arch,SrcName,SrcVersion,SrcRelease,SrcEpoch,Licenses,Maintainer,Modularitylabel,DependsOn,Layer,Digest',
  );
  assert.deepEqual(second['Seaworthy'], {
    Contains: [{ PURL: 'pkg:pypi/six@1.16.0', FilePath: 'usr/lib/six.egg-info' }],
  });
  assert.deepEqual(
    { ...Results[1]?.Packages[0], Identifier: undefined },
    {
      ID: 'g:a@1',
      Name: 'g:a',
      Identifier: undefined,
      Version: '1',
      Licenses: ['MIT'],
      Relationship: 'root',
      Layer: layer,
      FilePath: 'app.jar/lib/a.jar',
    },
  );
  assert.equal(
    Results.every(({ Packages }) => Packages.length > 0),
    true,
  );
  assert.doesNotMatch(render([report]), /"Packages"/);
});

test('jsonReport names the source of every apk and deb package, its own where it has no other', () => {
  const sources: readonly (readonly [pkg: InventoryPackage, fields: readonly unknown[]])[] = [
    [samplePackage('deb', 'tar', '1:1.34-2', 'var/lib/dpkg/status'), ['tar', '1.34', '2', 1]],
    [
      samplePackage('deb', 'tar', '1', 'var/lib/dpkg/status', { source: { name: 'gtar', version: '2:3-4' } }),
      ['gtar', '3', '4', 2],
    ],
    [samplePackage('apk', 'musl', '1.2.5-r0', 'lib/apk/db/installed'), ['musl', '1.2.5-r0', undefined, undefined]],
    [samplePackage('rpm', 'bash', '4.2-1', 'var/lib/rpm/Packages'), [undefined, undefined, undefined, undefined]],
  ];
  for (const [pkg, expected] of sources) {
    const fields = packageFields(pkg, [], []);
    assert.deepEqual(
      ['SrcName', 'SrcVersion', 'SrcRelease', 'SrcEpoch'].map((name) => fields[name]),
      expected,
      pkg.purl,
    );
  }
});

test('jsonReport writes a folder without layers', () => {
  const pkg = { ...libssl, locations: [{ path: 'var/lib/dpkg/status' }] };
  const report = parsed({
    ...smallReport(),
    artifact: { name: 'dir', type: 'filesystem' },
    findings: [sampleFinding(pkg, 'CVE-1', { status: 'unknown' })],
    endOfLife: true,
  }) as unknown as { Metadata: unknown; Results: { Vulnerabilities: Record<string, unknown>[] }[] };
  assert.deepEqual(report.Metadata, { OS: { Family: 'debian', Name: '12', EOSL: true } });
  assert.deepEqual(report.Results[0]?.Vulnerabilities[0]?.['Layer'], {});
  assert.equal(Object.hasOwn(report.Results[0]?.Vulnerabilities[0] ?? {}, 'Status'), false);
});

test('imageConfigFields() leaves out what is no config', () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  for (const config of [undefined, null, 'x', [], { config: deep }]) assert.equal(imageConfigFields(config), undefined);
  const named = JSON.parse('{"__proto__": {"a": 1}, "os": "linux"}') as unknown;
  assert.equal(JSON.stringify(imageConfigFields(named)), '{"os":"linux","__proto__":{"a":1}}');
});
