import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CatalogError } from '../error.ts';
import { readSpdxPackages, type SpdxPackages } from './spdx.ts';

function reference(referenceLocator: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}

function read(packages: unknown, fields: object = {}): SpdxPackages {
  return readSpdxPackages(Buffer.from(JSON.stringify({ spdxVersion: 'SPDX-2.3', ...fields, packages })), 'bitnami');
}

const nginx = {
  SPDXID: 'SPDXRef-Package-nginx',
  name: 'nginx',
  versionInfo: '1.25.3-0',
  supplier: 'Organization: Example Inc.',
  licenseDeclared: 'BSD-2-Clause',
  externalRefs: [
    { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:x' },
    reference('pkg:golang/example.org/x@v1.0.0'),
    reference('pkg:bitnami/nginx@1.25.3-0?arch=amd64&distro=debian-12'),
  ],
};

test('readSpdxPackages() gives what the purl of the wanted type says', () => {
  assert.deepEqual(
    read([nginx, { name: 'x', externalRefs: [reference('pkg:golang/example.org/x@v1.0.0')] }, { name: 'y' }]),
    {
      unusable: 0,
      packages: [
        {
          purl: { type: 'bitnami', name: 'nginx', version: '1.25.3-0', arch: 'amd64' },
          licenses: ['BSD-2-Clause'],
          supplier: 'Example Inc.',
          described: false,
        },
      ],
    },
  );
});

const licenses: readonly (readonly [object, readonly string[]])[] = [
  [{ licenseDeclared: 'NOASSERTION', licenseConcluded: 'MIT' }, ['MIT']],
  [{ licenseDeclared: 'NONE', licenseConcluded: 'NOASSERTION' }, []],
  [{ licenseConcluded: 'MIT' }, ['MIT']],
  [{ licenseDeclared: ['MIT'] }, []],
];

for (const [fields, expected] of licenses) {
  test(`readSpdxPackages() reads the licences ${JSON.stringify(expected)} from ${JSON.stringify(fields)}`, () => {
    assert.deepEqual(
      read([{ externalRefs: [reference('pkg:bitnami/a@1')], ...fields }]).packages[0]?.licenses,
      expected,
    );
  });
}

test('readSpdxPackages() knows what a document describes, by its list or by a relationship', () => {
  const relationship = {
    spdxElementId: 'SPDXRef-DOCUMENT',
    relationshipType: 'DESCRIBES',
    relatedSpdxElement: 'SPDXRef-Package-nginx',
  };
  assert.equal(read([nginx], { documentDescribes: ['SPDXRef-Package-nginx'] }).packages[0]?.described, true);
  assert.equal(read([nginx], { relationships: [null, relationship] }).packages[0]?.described, true);
});

const purls: readonly (readonly [string, number, number])[] = [
  ['pkg:bitnami/a@1', 1, 0],
  ['pkg:Bitnami/a@1', 1, 0],
  ['pkg:bitnami/a', 0, 0],
  ['pkg:bitnami/', 0, 1],
  ['pkg:bitnami/a@%FF', 0, 1],
  ['pkg:bitnami/a@1%00', 0, 1],
  [`pkg:bitnami/${'a'.repeat(5000)}@1`, 0, 1],
  ['https://example.org/pkg:bitnami/a@1', 0, 0],
];

for (const [purl, count, unusable] of purls) {
  test(`readSpdxPackages() finds ${count} packages and ${unusable} unusable ones in ${purl.slice(0, 40)}`, () => {
    const found = read([{ externalRefs: [reference(purl)] }]);
    assert.deepEqual([found.packages.length, found.unusable], [count, unusable]);
  });
}

test('readSpdxPackages() passes over parts of other shapes', () => {
  for (const packages of [
    undefined,
    {},
    [null, 1, [], { externalRefs: {} }, { externalRefs: [1, { referenceType: 'purl', referenceLocator: 1 }] }],
  ]) {
    assert.deepEqual(read(packages), { packages: [], unusable: 0 });
  }
});

test('readSpdxPackages() refuses other documents', () => {
  for (const [document, code] of [
    ['{"spdxVersion":"SPDX-3.0"}', 'UNSUPPORTED'],
    ['{"bomFormat":"CycloneDX"}', 'UNSUPPORTED'],
    ['SPDXVersion: SPDX-2.3', 'MALFORMED'],
  ] as const) {
    assert.throws(
      () => readSpdxPackages(Buffer.from(document), 'bitnami'),
      (error) => error instanceof CatalogError && error.code === code,
    );
  }
});

test('readSpdxPackages() survives hostile bytes', () => {
  assertSurvives(
    [JSON.stringify({ spdxVersion: 'SPDX-2.3', documentDescribes: ['SPDXRef-Package-nginx'], packages: [nginx] })],
    (bytes) => readSpdxPackages(bytes, 'bitnami'),
    ({ packages }) => {
      for (const { purl } of packages) assert.ok(purl.type === 'bitnami' && purl.name !== '' && purl.version !== '');
    },
  );
});
