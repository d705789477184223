import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { CatalogError } from '../../error.ts';
import { apk } from './cataloger.ts';

const path = 'lib/apk/db/installed';

const database = `C:Q1zwvKMnYs1b6ZdPTBJ0Z7D5P3jyA=
P:busybox
V:1.36.1-r15
A:x86_64
S:509580
L:GPL-2.0-only
o:busybox
m:Sören Tempel <soeren@example.org>
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.36.1-r15
r:busybox-initscripts
F:bin
M:0:0:1777
R:busybox
a:0:0:755
Z:Q1Xz/7bxV3fk+0mjgPzHRbcCbs0qI=
F:
R:.hidden
F:etc/udhcpd
R:udhcpd.conf

C:not-a-checksum
P:ssl_client
V:1.36.1-r15
o:busybox
L:GPL-2.0-only AND  MIT
D:busybox=1.36.1-r15 so:libc.musl-x86_64.so.1>=1 missing !conflict cmd:busybox

P:musl
V:1.2.4_git20230717-r4
p:so:libc.musl-x86_64.so.1=1
`;

test('apk reads packages, origins, licences, needs and files', () => {
  const { facts, problems } = apk.read(catalogFile(path, database));
  assert.deepEqual(problems, []);
  assert.deepEqual(facts, [
    {
      kind: 'package',
      package: {
        type: 'apk',
        name: 'busybox',
        version: '1.36.1-r15',
        arch: 'x86_64',
        source: { name: 'busybox', version: '1.36.1-r15' },
        licenses: ['GPL-2.0-only'],
        maintainer: 'Sören Tempel <soeren@example.org>',
        digest: `sha1:${Buffer.from('zwvKMnYs1b6ZdPTBJ0Z7D5P3jyA=', 'base64').toString('hex')}`,
        dependsOn: ['musl'],
        cataloger: 'apk',
      },
    },
    { kind: 'ownership', type: 'apk', name: 'busybox', paths: ['bin/busybox', '.hidden', 'etc/udhcpd/udhcpd.conf'] },
    {
      kind: 'package',
      package: {
        type: 'apk',
        name: 'ssl_client',
        version: '1.36.1-r15',
        source: { name: 'busybox', version: '1.36.1-r15' },
        licenses: ['GPL-2.0-only AND  MIT'],
        dependsOn: ['busybox', 'musl'],
        cataloger: 'apk',
      },
    },
    {
      kind: 'package',
      package: { type: 'apk', name: 'musl', version: '1.2.4_git20230717-r4', licenses: [], cataloger: 'apk' },
    },
  ]);
});

test('apk reads digests of SHA-256', () => {
  const base64 = Buffer.alloc(32, 7).toString('base64');
  const { facts } = apk.read(catalogFile(path, `P:a\nV:1\nC:Q2${base64}\n`));
  assert.equal(facts[0]?.kind === 'package' && facts[0].package.digest, `sha256:${'07'.repeat(32)}`);
});

test('apk reads lines of any length', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `so:lib${index}.so`).join(' ');
  const { facts } = apk.read(catalogFile(path, `P:a\nV:1\np:${names}\n\nP:b\nV:1\nD:so:lib19999.so\n`));
  assert.deepEqual(facts[1]?.kind === 'package' && facts[1].package.dependsOn, ['a']);
});

test('apk reads the database only where apk keeps it', () => {
  assert.equal(apk.read(catalogFile('usr/lib/apk/db/installed', database)).facts.length, 4);
  assert.deepEqual(apk.read(catalogFile('srv/chroot/lib/apk/db/installed', database)), { facts: [] });
});

test('apk counts what it cannot read', () => {
  const { facts, problems } = apk.read(catalogFile(path, 'P:a\nV:1\n\nP:no version\n\nnonsense\nP:b\nV:\u001b[31m\n'));
  assert.equal(facts.length, 1);
  assert.deepEqual(
    problems?.map(({ code, message }) => [code, Number.parseInt(message, 10)]),
    [
      ['PACKAGES_UNREADABLE', 2],
      ['LINES_UNREADABLE', 1],
    ],
  );
});

test('apk refuses what is no database, and takes an empty one', () => {
  for (const text of ['\0\0\0', '<html>', 'P:a\n']) {
    assert.throws(
      () => apk.read(catalogFile(path, text)),
      (error) => error instanceof CatalogError && error.code === 'MALFORMED',
      text,
    );
  }
  assert.deepEqual(apk.read(catalogFile(path, '')).facts, []);
});

test('apk survives hostile bytes', () => {
  assertSurvives([database], (bytes) => apk.read(catalogFile(path, bytes)));
});

test('apk reads a real database', needsSharedData('package-db', 'apk', 'installed'), () => {
  const bytes = readFileSync(sharedData('package-db', 'apk', 'installed') as string);
  const { facts, problems } = apk.read(catalogFile(path, bytes));
  const packages = facts.flatMap((fact) => (fact.kind === 'package' ? [fact.package] : []));
  assert.deepEqual(problems, []);
  assert.equal(packages.length, bytes.toString().match(/^P:/gm)?.length);
  assert.ok(packages.every(({ source, digest }) => source !== undefined && /^sha1:[0-9a-f]{40}$/.test(digest ?? '')));
});
