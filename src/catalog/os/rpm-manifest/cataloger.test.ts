import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { rpmManifest } from './cataloger.ts';

const path = 'var/lib/rpmmanifest/container-manifest-2';
const vendor = 'Microsoft Corporation';
const manifest = [
  ['openssl-libs', '1.1.1k-36.azl2', '1', '2', vendor, '(none)', '4', 'x86_64', '0', 'openssl-1.1.1k-36.azl2.src.rpm'],
  ['shadow-utils', '4.9-13.azl2', '1', '2', '(none)', '2', '4', 'x86_64', '2', 'shadow-utils-4.9-13.azl2.src.rpm'],
  ['gpg-pubkey', '3135ce90-5e6fda74', '1', '2', '(none)', '(none)', '0', '(none)', '0', '(none)'],
]
  .map((fields) => `${fields.join('\t')}\n`)
  .join('');

test('rpmManifest reads packages, epochs and sources', () => {
  assert.deepEqual(rpmManifest.read(catalogFile(path, manifest)), {
    facts: [
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'openssl-libs',
          version: '1.1.1k-36.azl2',
          arch: 'x86_64',
          source: { name: 'openssl', version: '1.1.1k-36.azl2' },
          licenses: [],
          maintainer: vendor,
          cataloger: 'rpm-manifest',
        },
      },
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'shadow-utils',
          version: '2:4.9-13.azl2',
          arch: 'x86_64',
          source: { name: 'shadow-utils', version: '2:4.9-13.azl2' },
          licenses: [],
          cataloger: 'rpm-manifest',
        },
      },
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'gpg-pubkey',
          version: '3135ce90-5e6fda74',
          licenses: [],
          cataloger: 'rpm-manifest',
        },
      },
    ],
    problems: [],
  });
});

test('rpmManifest counts lines that are no package', () => {
  const { facts, problems } = rpmManifest.read(
    catalogFile(path, `${manifest}only a name\n\n\tno name\nx\t1\t\t\t\t-1\n`),
  );
  assert.equal(facts.length, 3);
  assert.deepEqual(
    problems?.map(({ code, message }) => [code, Number.parseInt(message, 10)]),
    [['PACKAGES_UNREADABLE', 3]],
  );
});

test('rpmManifest refuses what is no list, and takes an empty one', () => {
  assert.throws(
    () => rpmManifest.read(catalogFile(path, '<html>\n')),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
  assert.deepEqual(rpmManifest.read(catalogFile(path, '\n')).facts, []);
  assert.deepEqual(rpmManifest.read(catalogFile(`srv/${path}`, manifest)), { facts: [] });
});

test('rpmManifest survives hostile bytes', () => {
  assertSurvives([manifest], (bytes) => rpmManifest.read(catalogFile(path, bytes)));
});
