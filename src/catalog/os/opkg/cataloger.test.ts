import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { opkg } from './cataloger.ts';

const status = `Package: libustream-openssl
Version: 2023-02-25-498f6e26-1
Depends: libc, libopenssl3
Status: install user installed
Architecture: x86_64
Installed-Time: 1

Package: libopenssl
Version: 3.0.8-1
Provides: libopenssl3
Status: install ok installed
Architecture: x86_64

Package: gone
Version: 1
Status: deinstall ok not-installed
`;

const control = `Package: libopenssl
Version: 3.0.8-1
Depends: libc
Source: package/libs/openssl
SourceName: openssl
License: Apache-2.0
Maintainer: Someone <s@example.org>
Architecture: x86_64
Description: library
`;

test('opkg reads the database', () => {
  assert.deepEqual(opkg.read(catalogFile('usr/lib/opkg/status', status)), {
    facts: [
      {
        kind: 'package',
        package: {
          type: 'opkg',
          name: 'libustream-openssl',
          version: '2023-02-25-498f6e26-1',
          arch: 'x86_64',
          licenses: [],
          dependsOn: ['libopenssl'],
          cataloger: 'opkg',
        },
      },
      {
        kind: 'package',
        package: {
          type: 'opkg',
          name: 'libopenssl',
          version: '3.0.8-1',
          arch: 'x86_64',
          licenses: [],
          cataloger: 'opkg',
        },
      },
    ],
    problems: [],
  });
});

test('opkg takes control files for declarations', () => {
  assert.deepEqual(opkg.read(catalogFile('usr/lib/opkg/info/libopenssl.control', control)).facts, [
    {
      kind: 'package',
      declared: true,
      package: {
        type: 'opkg',
        name: 'libopenssl',
        version: '3.0.8-1',
        arch: 'x86_64',
        source: { name: 'openssl', version: '3.0.8-1' },
        licenses: ['Apache-2.0'],
        maintainer: 'Someone <s@example.org>',
        cataloger: 'opkg',
      },
    },
  ]);
});

test('opkg reads who owns files', () => {
  assert.deepEqual(opkg.read(catalogFile('usr/lib/opkg/info/a.list', '/usr/lib/liba.so\n')).facts, [
    { kind: 'ownership', type: 'opkg', name: 'a', paths: ['usr/lib/liba.so'] },
  ]);
});

test('opkg reads the database only where opkg keeps it', () => {
  for (const folder of ['usr/lib/opkg', 'lib/opkg', 'var/lib/opkg']) {
    assert.equal(opkg.read(catalogFile(`${folder}/status`, status)).facts.length, 2, folder);
  }
  for (const elsewhere of ['rom/usr/lib/opkg/status', 'rom/usr/lib/opkg/info/a.control']) {
    assert.deepEqual(opkg.read(catalogFile(elsewhere, status)), { facts: [] }, elsewhere);
  }
});

test('opkg refuses what is no database', () => {
  assert.throws(
    () => opkg.read(catalogFile('usr/lib/opkg/status', '\0\u0001')),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('opkg survives hostile bytes', () => {
  for (const path of ['usr/lib/opkg/status', 'usr/lib/opkg/info/a.control']) {
    assertSurvives([status, control], (bytes) => opkg.read(catalogFile(path, bytes)));
  }
});
