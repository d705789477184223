import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { embeddedSbom } from './cataloger.ts';

function entry(purl: string, fields: object = {}): object {
  return { name: 'x', externalRefs: [{ referenceType: 'purl', referenceLocator: purl }], ...fields };
}

test('embeddedSbom.read() declares the apk packages and nothing else', () => {
  const document = {
    spdxVersion: 'SPDX-2.3',
    packages: [
      entry('pkg:apk/wolfi/ca-certificates-bundle@20230506-r3?arch=x86_64&distro=wolfi', {
        licenseDeclared: 'MPL-2.0 AND MIT',
      }),
      entry('pkg:apk/chainguard/nginx-mainline@1.25.3-r0?arch=aarch64&upstream=nginx'),
      entry('pkg:github/nginx/nginx@release-1.25.3'),
    ],
  };
  const file = catalogFile('var/lib/db/sbom/a.spdx.json', JSON.stringify(document));
  assert.deepEqual(embeddedSbom.read(file), {
    problems: [],
    facts: [
      {
        type: 'apk',
        name: 'ca-certificates-bundle',
        version: '20230506-r3',
        arch: 'x86_64',
        licenses: ['MPL-2.0 AND MIT'],
        cataloger: 'embedded-sbom',
      },
      {
        type: 'apk',
        name: 'nginx-mainline',
        version: '1.25.3-r0',
        arch: 'aarch64',
        source: { name: 'nginx', version: '1.25.3-r0' },
        licenses: [],
        cataloger: 'embedded-sbom',
      },
    ].map((found) => ({ kind: 'package', declared: true, package: found })),
  });
});

test('embeddedSbom.read() reports purls that cannot be read', () => {
  const document = { spdxVersion: 'SPDX-2.3', packages: [entry('pkg:apk/wolfi/a@%FF')] };
  const { facts, problems } = embeddedSbom.read(catalogFile('var/lib/db/sbom/a.spdx.json', JSON.stringify(document)));
  assert.deepEqual(facts, []);
  assert.equal(problems?.[0]?.code, 'PACKAGES_UNREADABLE');
});
