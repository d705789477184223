import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import type { Package } from '../../../package/package.ts';
import { CatalogError } from '../../error.ts';
import { dpkg } from './cataloger.ts';

const path = 'var/lib/dpkg/status';

const status = `Package: libssl3
Status: install ok installed
Priority: optional
Maintainer: Debian OpenSSL Team <pkg@example.org>
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 3.0.15-1~deb12u1
Provides: libssl (= 3)
Depends: libc6 (>= 2.34), missing | debconf (>= 0.5) | debconf-2.0
Description: toolkit
 Package: not-one
 .
 more

Package: cdebconf
Status: install ok installed
Architecture: amd64
Version: 1:0.270
Source: cdebconf-source (2:0.269)
Pre-Depends: libssl3
Provides: debconf-2.0, debconf

Package: removed
Status: deinstall ok config-files
Version: 1.0

Package: never
Status: unknown ok not-installed

Package: libc6
Status: hold ok installed
Architecture: amd64
Source: glibc ()
Version: 2.36-9
`;

function packages(file: string, text: string): readonly Package[] {
  return dpkg.read(catalogFile(file, text)).facts.flatMap((fact) => (fact.kind === 'package' ? [fact.package] : []));
}

test('dpkg reads installed packages, their sources and needs', () => {
  assert.deepEqual(packages(path, status), [
    {
      type: 'deb',
      name: 'libssl3',
      version: '3.0.15-1~deb12u1',
      arch: 'amd64',
      source: { name: 'openssl', version: '3.0.15-1~deb12u1' },
      licenses: [],
      maintainer: 'Debian OpenSSL Team <pkg@example.org>',
      dependsOn: ['libc6', 'cdebconf'],
      cataloger: 'dpkg',
    },
    {
      type: 'deb',
      name: 'cdebconf',
      version: '1:0.270',
      arch: 'amd64',
      source: { name: 'cdebconf-source', version: '2:0.269' },
      licenses: [],
      dependsOn: ['libssl3'],
      cataloger: 'dpkg',
    },
    {
      type: 'deb',
      name: 'libc6',
      version: '2.36-9',
      arch: 'amd64',
      source: { name: 'glibc', version: '2.36-9' },
      licenses: [],
      cataloger: 'dpkg',
    },
  ]);
});

test('dpkg reads one stanza per file of status.d, whatever the file is called', () => {
  const text = 'Package: tzdata\nVersion: 2024a-0\nArchitecture: all\nDepends: debconf (>= 0.5) | debconf-2.0\n';
  assert.deepEqual(packages('var/lib/dpkg/status.d/dHpkYXRh', text), [
    {
      type: 'deb',
      name: 'tzdata',
      version: '2024a-0',
      arch: 'all',
      licenses: [],
      dependsOn: ['debconf', 'debconf-2.0'],
      cataloger: 'dpkg',
    },
  ]);
});

test('dpkg passes over files of status.d that hold no stanza', () => {
  for (const text of ['', '#!/bin/sh\nexit 0\n', 'Version: 1\n', '\0\u0001\u0002']) {
    assert.deepEqual(dpkg.read(catalogFile('var/lib/dpkg/status.d/x.preinst', text)), { facts: [], problems: [] });
  }
});

test('dpkg reads who owns files', () => {
  const sum = '0123456789abcdef0123456789abcdef  usr/share/zoneinfo/UTC\n';
  assert.deepEqual(dpkg.read(catalogFile('var/lib/dpkg/status.d/tzdata.md5sums', sum)).facts, [
    { kind: 'ownership', type: 'deb', name: 'tzdata', paths: ['usr/share/zoneinfo/UTC'] },
  ]);
  assert.deepEqual(dpkg.read(catalogFile('var/lib/dpkg/info/bash.list', '/.\n/bin\n/bin/bash\n')).facts, [
    { kind: 'ownership', type: 'deb', name: 'bash', paths: ['bin/bash'] },
  ]);
});

test('dpkg reads the database only where dpkg keeps it', () => {
  for (const elsewhere of [
    'srv/chroot/var/lib/dpkg/status',
    'usr/share/x/var/lib/dpkg/status.d/bash',
    'opt/var/lib/dpkg/info/bash.list',
  ]) {
    assert.deepEqual(dpkg.read(catalogFile(elsewhere, status)), { facts: [] }, elsewhere);
  }
});

test('dpkg counts what it cannot read', () => {
  const text = 'Package: a\nVersion: 1\n\nPackage: no-version\n\nPackage: b\u202e\nVersion: 1\nnonsense\n';
  const { facts, problems } = dpkg.read(catalogFile(path, text));
  assert.equal(facts.length, 1);
  assert.deepEqual(
    problems?.map(({ code, message }) => [code, Number.parseInt(message, 10)]),
    [
      ['PACKAGES_UNREADABLE', 2],
      ['LINES_UNREADABLE', 1],
    ],
  );
});

test('dpkg refuses what is no database, and takes an empty one', () => {
  for (const text of ['\0\0\0', '<html>\n</html>', 'Version: 1\nnonsense\n']) {
    assert.throws(
      () => dpkg.read(catalogFile(path, text)),
      (error) => error instanceof CatalogError && error.code === 'MALFORMED',
      text,
    );
  }
  assert.deepEqual(dpkg.read(catalogFile(path, '\n')).facts, []);
});

test('dpkg survives hostile bytes', () => {
  for (const file of [path, 'var/lib/dpkg/status.d/x']) {
    assertSurvives([status], (bytes) => dpkg.read(catalogFile(file, bytes)));
  }
});
