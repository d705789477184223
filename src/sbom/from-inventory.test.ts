import assert from 'node:assert/strict';
import test from 'node:test';
import type { Artifact } from '../finding/scan-report.ts';
import type { Digest } from '../oci/digest.ts';
import type { InventoryPackage, PackageType } from '../package/package.ts';
import { SbomError } from './error.ts';
import { documentOfReport } from './from-inventory.ts';
import { sbomFormat } from './list.ts';
import type { SbomDocument } from './model.ts';

const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const tool = { name: 'seaworthy', version: '0.1.0' };

function artifact(rawConfig: unknown): Artifact {
  const platform = { os: 'linux', architecture: 'amd64' };
  const repoDigests = [`registry.example:5000/Team/App@${digest}`];
  const image = { imageId: digest, platform, repoTags: [], repoDigests, layers: [], rawConfig };
  return { name: 'app', type: 'container_image', image };
}

function pkg(type: PackageType, name: string, more: Partial<InventoryPackage> = {}): InventoryPackage {
  const purl = `pkg:${type}/${name}@1`;
  return { type, name, version: '1', licenses: [], cataloger: type, purl, locations: [{ path: `x/${name}` }], ...more };
}

function documentOf(packages: readonly InventoryPackage[], rawConfig: unknown = {}, epoch?: string): SbomDocument {
  const distro = { id: 'debian', version: '12', idLike: [] };
  const report = {
    artifact: artifact(rawConfig),
    inventory: { distro, packages, problems: [] },
    createdAt: '2026-01-01T00:00:00Z',
  };
  return documentOfReport(report, { tool, sourceDateEpoch: epoch });
}

const times: readonly (readonly [string, unknown, string | undefined, string])[] = [
  ['the time of the image', { created: '2024-01-26T23:44:47.123+01:00' }, undefined, '2024-01-26T22:44:47Z'],
  ['SOURCE_DATE_EPOCH first', { created: '2024-01-26T23:44:47Z' }, '1700000000', '2023-11-14T22:13:20Z'],
  ['an empty SOURCE_DATE_EPOCH as none', { created: '2024-01-26T23:44:47Z' }, '', '2024-01-26T23:44:47Z'],
  ['the epoch where the image tells nothing', {}, undefined, '1970-01-01T00:00:00Z'],
  ['the epoch where the image tells nonsense', { created: 'yesterday' }, undefined, '1970-01-01T00:00:00Z'],
  [
    'the epoch where the image tells no number of four digits',
    { created: '+012024-01-01T00:00:00Z' },
    undefined,
    '1970-01-01T00:00:00Z',
  ],
];

for (const [label, rawConfig, epoch, expected] of times) {
  test(`documentOfReport() takes ${label}`, () => {
    assert.equal(documentOf([], rawConfig, epoch).createdAt, expected);
  });
}

test('documentOfReport() takes the time of the scan for a directory', () => {
  const report = {
    artifact: { name: 'dir', type: 'filesystem' } as const,
    inventory: { packages: [], problems: [] },
    createdAt: '2026-01-01T00:00:00.5Z',
  };
  assert.equal(documentOfReport(report, { tool }).createdAt, '2026-01-01T00:00:00Z');
});

for (const epoch of ['-1', '1e9', '1.5', 'now', '999999999999']) {
  test(`documentOfReport() refuses SOURCE_DATE_EPOCH ${epoch}`, () => {
    assert.throws(
      () => documentOf([], {}, epoch),
      (error) => error instanceof SbomError && error.code === 'SOURCE_DATE_EPOCH_INVALID',
    );
  });
}

test('documentOfReport() names the document by its content', () => {
  const one = documentOf([pkg('npm', 'a')]);
  assert.match(one.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(documentOf([pkg('npm', 'a')]).uuid, one.uuid);
  assert.notEqual(documentOf([pkg('npm', 'b')]).uuid, one.uuid);
  assert.notEqual(documentOf([pkg('npm', 'a')], {}, '1').uuid, one.uuid);
});

test('documentOfReport() gives the image its purl', () => {
  const purl = `pkg:oci/app@${digest}?arch=amd64&repository_url=registry.example:5000%2FTeam%2FApp`;
  assert.equal(documentOf([]).subject.purl, purl);
});

test('documentOfReport() draws the edges that are certain', () => {
  const document = documentOf([
    pkg('deb', 'bash', { dependsOn: ['libc6', 'missing', 'bash'] }),
    pkg('deb', 'libc6', { arch: 'amd64', dependsOn: [] }),
    pkg('npm', 'a', { locations: [{ path: 'one' }], dependsOn: ['b', 'c'] }),
    pkg('npm', 'b', { locations: [{ path: 'one' }] }),
    pkg('npm', 'b', { locations: [{ path: 'two' }] }),
    pkg('npm', 'c', { locations: [{ path: 'two' }] }),
    pkg('npm', 'c', { locations: [{ path: 'three' }] }),
    pkg('pypi', 'libc6', { ownedBy: { type: 'deb', name: 'bash', version: '1' } }),
  ]);
  const names = new Map(
    document.packages.map(({ id, type, name, locations }) => [id, `${type} ${name} ${locations[0]?.path}`]),
  );
  assert.deepEqual(
    document.relationships.map(({ from, kind, to }) => [names.get(from), kind, names.get(to)]),
    [
      ['deb bash x/bash', 'depends-on', 'deb libc6 x/libc6'],
      ['npm a one', 'depends-on', 'npm b one'],
      ['deb bash x/bash', 'contains', 'pypi libc6 x/libc6'],
    ],
  );
});

test('both formats draw the same graph from the subject over the operating system to the packages', async () => {
  const document = documentOf([pkg('deb', 'bash', { dependsOn: ['libc6'] }), pkg('deb', 'libc6'), pkg('npm', 'a')]);
  const [bash, libc, a] = document.packages.map(({ id }) => id);
  const cycloneDx = JSON.parse((await sbomFormat('cyclonedx-json')?.encode(document)) as string) as Record<
    string,
    unknown
  >;
  assert.deepEqual(cycloneDx['dependencies'], [
    { ref: 'root', dependsOn: ['operating-system', a] },
    { ref: 'operating-system', dependsOn: [bash, libc] },
    { ref: bash, dependsOn: [libc] },
  ]);
  assert.deepEqual(cycloneDx['compositions'], [
    { aggregate: 'unknown', assemblies: ['root'] },
    { aggregate: 'unknown', dependencies: [libc, a] },
  ]);
  const spdx = JSON.parse((await sbomFormat('spdx-json')?.encode(document)) as string) as {
    relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
  };
  const short = (id: string): string => id.replace('SPDXRef-', '').replace('Package-', '');
  assert.deepEqual(
    spdx.relationships.map((edge) => [
      short(edge.spdxElementId),
      edge.relationshipType,
      short(edge.relatedSpdxElement),
    ]),
    [
      ['DOCUMENT', 'DESCRIBES', 'Root'],
      ['Root', 'CONTAINS', 'OperatingSystem'],
      ['OperatingSystem', 'CONTAINS', bash],
      ['OperatingSystem', 'CONTAINS', libc],
      ['Root', 'CONTAINS', a],
      [bash, 'DEPENDS_ON', libc],
    ],
  );
});

test('both formats carry what was told of a package in their own fields', async () => {
  const document = documentOf([
    pkg('npm', '@scope/a', {
      purl: 'pkg:npm/%40scope/a@1',
      digest: `sha1:${'0'.repeat(40)}`,
      maintainer: 'Ann <ann@example.org>',
      licenses: ['MIT OR ISC'],
      innerPath: 'lib/a',
      main: true,
      qualifiers: { vcs_url: 'git+https://example.org/a@c0ffee', download_url: 'git@example.org:a' },
    }),
  ]);
  const cycloneDx = JSON.parse((await sbomFormat('cyclonedx-json')?.encode(document)) as string) as {
    components: Record<string, unknown>[];
  };
  const { properties: _, 'bom-ref': _ref, ...component } = cycloneDx.components[1] as Record<string, unknown>;
  assert.deepEqual(component, {
    type: 'application',
    supplier: { name: 'Ann <ann@example.org>' },
    group: '@scope',
    name: 'a',
    version: '1',
    hashes: [{ alg: 'SHA-1', content: '0'.repeat(40) }],
    licenses: [{ expression: 'MIT OR ISC' }],
    purl: 'pkg:npm/%40scope/a@1',
    externalReferences: [{ type: 'vcs', url: 'git+https://example.org/a@c0ffee' }],
    evidence: { occurrences: [{ location: 'x/@scope/a!/lib/a' }] },
  });
  const spdx = JSON.parse((await sbomFormat('spdx-json')?.encode(document)) as string) as {
    packages: Record<string, unknown>[];
  };
  const { annotations: _annotations, SPDXID: _id, ...found } = spdx.packages[2] as Record<string, unknown>;
  assert.deepEqual(found, {
    name: '@scope/a',
    versionInfo: '1',
    downloadLocation: 'git+https://example.org/a@c0ffee',
    filesAnalyzed: false,
    supplier: 'Organization: Ann (ann@example.org)',
    primaryPackagePurpose: 'APPLICATION',
    checksums: [{ algorithm: 'SHA1', checksumValue: '0'.repeat(40) }],
    sourceInfo: 'found in x/@scope/a!/lib/a',
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'MIT OR ISC',
    copyrightText: 'NOASSERTION',
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:npm/%40scope/a@1' },
    ],
  });
});
