import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeSbom } from './detect.ts';
import type { SbomDocument } from './model.ts';

const diffId = `sha256:${'1'.repeat(64)}`;
const layerDigest = `sha256:${'2'.repeat(64)}`;

async function decode(json: unknown): Promise<SbomDocument> {
  return (await decodeSbom(Buffer.from(JSON.stringify(json)))).document;
}

function trivyProperties(facts: Readonly<Record<string, string>>): object[] {
  return Object.entries(facts).map(([name, value]) => ({ name: `aquasecurity:trivy:${name}`, value }));
}

/** The shape of `trivy image --format cyclonedx`. */
const trivyCycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  metadata: {
    timestamp: '2026-02-03T04:05:06.789+02:00',
    tools: { components: [{ type: 'application', name: 'trivy', version: '0.60.0' }] },
    component: {
      type: 'container',
      name: 'app:1',
      'bom-ref': 'root',
      purl: `pkg:oci/app@${layerDigest.replace(':', '%3A')}?repository_url=registry.example%2Fapp`,
      properties: trivyProperties({ ImageID: layerDigest, RepoTag: 'app:1', DiffID: diffId }),
    },
  },
  components: [
    {
      type: 'operating-system',
      name: 'debian',
      version: '12.5',
      'bom-ref': 'os',
      properties: trivyProperties({ Class: 'os-pkgs', Type: 'debian' }),
    },
    {
      type: 'library',
      name: 'libc6',
      version: '2.36-9+deb12u4',
      'bom-ref': 'libc',
      purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12.5',
      supplier: { name: 'GNU Libc Maintainers <debian-glibc@lists.debian.org>' },
      licenses: [{ license: { name: 'LGPL-2.1' } }, { license: { id: 'GPL-2.0-only' } }],
      properties: trivyProperties({
        LayerDiffID: diffId,
        LayerDigest: layerDigest,
        SrcName: 'glibc',
        SrcVersion: '2.36',
        SrcRelease: '9+deb12u4',
        SrcEpoch: '0',
      }),
    },
    {
      type: 'application',
      name: 'app/package-lock.json',
      'bom-ref': 'lock',
      properties: trivyProperties({ Class: 'lang-pkgs', Type: 'npm' }),
    },
    { type: 'library', name: 'ms', version: '2.0.0', 'bom-ref': 'ms', purl: 'pkg:npm/ms@2.0.0' },
    {
      type: 'library',
      group: 'org.a',
      name: 'b',
      version: '1',
      'bom-ref': 'jar',
      purl: 'pkg:maven/org.a/b@1',
      hashes: [{ alg: 'SHA-1', content: 'A'.repeat(40) }],
      properties: trivyProperties({ FilePath: 'app/b.jar', PkgType: 'jar' }),
    },
  ],
  dependencies: [
    { ref: 'root', dependsOn: ['os', 'lock', 'jar'] },
    { ref: 'os', dependsOn: ['libc'] },
    { ref: 'lock', dependsOn: ['ms'] },
    { ref: 'libc', dependsOn: ['libc'] },
  ],
};

test("decodeSbom() keeps what Trivy's CycloneDX says of sources, layers, files and the distribution", async () => {
  const document = await decode(trivyCycloneDx);
  assert.deepEqual(document.distro, { id: 'debian', version: '12.5', idLike: [] });
  assert.deepEqual(document.problems, []);
  assert.deepEqual(document.tool, { name: 'trivy', version: '0.60.0' });
  assert.equal(document.createdAt, '2026-02-03T02:05:06Z');
  assert.equal(document.uuid, '3e671687-395b-41f5-a30f-a58921a69b79');
  assert.deepEqual(document.subject, {
    name: 'app:1',
    type: 'container_image',
    imageId: layerDigest,
    repoTags: ['app:1'],
    repoDigests: [],
    layers: [{ diffId }],
    purl: trivyCycloneDx.metadata.component.purl,
  });
  assert.deepEqual(
    document.packages.map(({ id: _id, dependsOn: _names, ...pkg }) => pkg),
    [
      {
        type: 'deb',
        name: 'libc6',
        version: '2.36-9+deb12u4',
        arch: 'amd64',
        source: { name: 'glibc', version: '2.36-9+deb12u4' },
        maintainer: 'GNU Libc Maintainers <debian-glibc@lists.debian.org>',
        licenses: ['LGPL-2.1', 'GPL-2.0-only'],
        cataloger: 'sbom',
        purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12.5',
        locations: [{ path: '', layer: { diffId, digest: layerDigest } }],
      },
      {
        type: 'maven',
        name: 'org.a:b',
        version: '1',
        licenses: [],
        digest: `sha1:${'a'.repeat(40)}`,
        cataloger: 'sbom',
        purl: 'pkg:maven/org.a/b@1',
        locations: [{ path: 'app/b.jar' }],
      },
      {
        type: 'npm',
        name: 'ms',
        version: '2.0.0',
        licenses: [],
        cataloger: 'sbom',
        purl: 'pkg:npm/ms@2.0.0',
        locations: [{ path: 'app/package-lock.json' }],
      },
    ],
  );
  assert.deepEqual(document.relationships, []);
});

/** The shape of `syft -o cyclonedx-json`. */
const syftCycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'container', name: 'app', version: layerDigest } },
  components: [
    {
      type: 'library',
      name: 'glibc-common',
      version: '2.34-83.el9',
      'bom-ref': 'pkg:rpm/x?package-id=1',
      purl: 'pkg:rpm/redhat/glibc-common@2.34-83.el9?arch=x86_64&distro=rhel-9.3&upstream=glibc-2.34-83.el9.src.rpm',
      properties: [
        { name: 'syft:package:foundBy', value: 'rpm-db-cataloger' },
        { name: 'syft:location:0:layerID', value: diffId },
        { name: 'syft:location:0:path', value: '/var/lib/rpm/rpmdb.sqlite' },
        { name: 'syft:location:1:path', value: '/usr/lib/x' },
      ],
    },
    {
      type: 'library',
      name: 'musl',
      version: '1.2.4-r2',
      'bom-ref': '2',
      purl: 'pkg:apk/alpine/musl-utils@1.2.4-r2',
      properties: [{ name: 'syft:metadata:originPackage', value: 'musl' }],
    },
    { type: 'file', name: '/etc/passwd' },
    {
      type: 'operating-system',
      name: 'rhel',
      version: '9.3',
      properties: [
        { name: 'syft:distro:id', value: 'rhel' },
        { name: 'syft:distro:versionID', value: '9.3' },
      ],
    },
  ],
  dependencies: [{ ref: '2', dependsOn: ['pkg:rpm/x?package-id=1', 'nowhere'] }],
};

test("decodeSbom() keeps what Syft's CycloneDX says of sources, layers, files and the distribution", async () => {
  const document = await decode(syftCycloneDx);
  assert.deepEqual(document.distro, { id: 'rhel', version: '9.3', idLike: [] });
  assert.deepEqual(document.problems, []);
  assert.deepEqual(
    document.packages.map(({ name, source, locations, arch }) => ({ name, source, locations, arch })),
    [
      { name: 'musl-utils', source: { name: 'musl', version: '1.2.4-r2' }, locations: [{ path: '' }], arch: undefined },
      {
        name: 'glibc-common',
        source: { name: 'glibc', version: '2.34-83.el9' },
        locations: [{ path: 'var/lib/rpm/rpmdb.sqlite', layer: { diffId } }, { path: 'usr/lib/x' }],
        arch: 'x86_64',
      },
    ],
  );
  assert.deepEqual(
    document.relationships.map(({ from, kind, to }) => [from.slice(0, 8), kind, to.slice(0, 9)]),
    [['apk-musl', 'depends-on', 'rpm-glibc']],
  );
});

function purlRef(purl: string): object[] {
  return [
    { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:x' },
    { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
  ];
}

test("decodeSbom() keeps what Syft's SPDX says, edges the right way round, the distribution from purls", async () => {
  const pkg = { downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseConcluded: 'NOASSERTION' };
  const document = await decode({
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'app',
    documentNamespace: 'https://example.org/image/app-3e671687-395b-41f5-a30f-a58921a69b79',
    creationInfo: { created: '2026-02-03T04:05:06Z', creators: ['Organization: Anchore, Inc', 'Tool: syft-1.20.0'] },
    packages: [
      { ...pkg, SPDXID: 'SPDXRef-DocumentRoot-Image-app', name: 'app', primaryPackagePurpose: 'CONTAINER' },
      {
        ...pkg,
        SPDXID: 'SPDXRef-Package-deb-libc6',
        name: 'libc6',
        versionInfo: '2.36-9',
        supplier: 'Person: GNU Libc Maintainers (debian-glibc@lists.debian.org)',
        sourceInfo: 'acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/libc6/copyright',
        licenseDeclared: 'LicenseRef-x',
        externalRefs: purlRef('pkg:deb/debian/libc6@2.36-9?arch=amd64&upstream=glibc&distro=debian-12'),
      },
      {
        ...pkg,
        SPDXID: 'SPDXRef-Package-deb-bash',
        name: 'bash',
        licenseDeclared: 'GPL-3.0-or-later',
        externalRefs: purlRef('pkg:deb/debian/bash@5?distro=debian-12'),
      },
    ],
    hasExtractedLicensingInfos: [{ licenseId: 'LicenseRef-x', extractedText: 'Some Licence' }],
    relationships: [
      {
        spdxElementId: 'SPDXRef-Package-deb-libc6',
        relatedSpdxElement: 'SPDXRef-Package-deb-bash',
        relationshipType: 'DEPENDENCY_OF',
      },
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relatedSpdxElement: 'SPDXRef-DocumentRoot-Image-app',
        relationshipType: 'DESCRIBES',
      },
    ],
  });
  assert.deepEqual(document.distro, { id: 'debian', version: '12', idLike: [] });
  assert.deepEqual(document.problems, []);
  assert.deepEqual(document.tool, { name: 'syft', version: '1.20.0' });
  const [bash, libc] = document.packages;
  assert.deepEqual(bash?.dependsOn, ['libc6']);
  assert.deepEqual(document.relationships, [{ from: bash?.id, kind: 'depends-on', to: libc?.id }]);
  assert.deepEqual(libc?.source, { name: 'glibc', version: '2.36-9' });
  assert.deepEqual(libc?.licenses, ['Some Licence']);
  assert.deepEqual(libc?.locations, [{ path: 'var/lib/dpkg/status' }, { path: 'usr/share/doc/libc6/copyright' }]);
});

test("decodeSbom() keeps what Trivy's SPDX says in annotations, attribution texts and source notes", async () => {
  const annotation = (comment: string): object => ({ annotator: 'Tool: trivy', annotationType: 'OTHER', comment });
  const document = await decode({
    spdxVersion: 'SPDX-2.3',
    packages: [
      { SPDXID: 'SPDXRef-OS', name: 'redhat', versionInfo: '8.4', primaryPackagePurpose: 'OPERATING-SYSTEM' },
      {
        SPDXID: 'SPDXRef-App',
        name: 'app/go.sum',
        primaryPackagePurpose: 'APPLICATION',
        attributionTexts: ['Class: lang-pkgs', 'Type: gobinary'],
      },
      {
        SPDXID: 'SPDXRef-1',
        name: 'nodejs',
        sourceInfo: 'built package from: nodejs 1:16.20.2-3.el8',
        attributionTexts: [`LayerDiffID: ${diffId}`],
        annotations: [annotation('Modularitylabel: nodejs:16:8:el8'), annotation('no fact')],
        externalRefs: purlRef('pkg:rpm/redhat/nodejs-libs@16.20.2-3.el8?arch=x86_64&distro=redhat-8.4&epoch=1'),
      },
      { SPDXID: 'SPDXRef-2', name: 'x', externalRefs: purlRef('pkg:golang/example.org/x@v1.0.0') },
      { SPDXID: 'SPDXRef-3', name: 'nameless' },
    ],
    relationships: [{ spdxElementId: 'SPDXRef-App', relatedSpdxElement: 'SPDXRef-2', relationshipType: 'CONTAINS' }],
  });
  assert.deepEqual(document.distro, { id: 'rhel', version: '8.4', idLike: [] });
  assert.deepEqual(
    document.problems.map(({ message }) => message.split(' ')[0]),
    ['1'],
  );
  const [go, nodejs] = document.packages;
  assert.deepEqual(go?.locations, [{ path: 'app/go.sum' }]);
  assert.equal(nodejs?.version, '1:16.20.2-3.el8');
  assert.deepEqual(nodejs?.source, { name: 'nodejs', version: '1:16.20.2-3.el8' });
  assert.equal(nodejs?.modularityLabel, 'nodejs:16:8:el8');
  assert.deepEqual(nodejs?.locations, [{ path: '', layer: { diffId } }]);
});
