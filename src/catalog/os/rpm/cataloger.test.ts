import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { encodeBdbHash, encodeNdb, encodeRpmHeader } from '../../../../testing/rpm-database.ts';
import type { HeaderTag } from '../../../../testing/rpm-database.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { rpmDatabaseLimits } from '../../../codec/rpm-database/limits.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { CatalogError } from '../../error.ts';
import { rpm } from './cataloger.ts';
import { rpmTag } from './tags.ts';

const path = 'var/lib/rpm/Packages';

const perl: readonly HeaderTag[] = [
  { tag: rpmTag.name, value: 'perl-libs' },
  { tag: rpmTag.version, value: '5.26.3' },
  { tag: rpmTag.release, value: '422.el8' },
  { tag: rpmTag.epoch, value: [4] },
  { tag: rpmTag.arch, value: 'x86_64' },
  { tag: rpmTag.sourceRpm, value: 'perl-5.26.3-422.el8.src.rpm' },
  { tag: rpmTag.license, value: '(GPL+ or Artistic) and MIT' },
  { tag: rpmTag.vendor, value: 'Red Hat, Inc.' },
  { tag: rpmTag.packager, value: 'Someone else' },
  { tag: rpmTag.modularityLabel, value: 'perl:5.26:820181219174508:9edba152' },
  { tag: rpmTag.headerSha256, value: 'ab'.repeat(32) },
  { tag: rpmTag.signatureMd5, value: Buffer.alloc(16, 1) },
  { tag: rpmTag.provideName, value: ['perl-libs', 'libperl.so.5.26()(64bit)'] },
  { tag: rpmTag.requireName, value: ['/bin/sh', 'libc.so.6()(64bit)', 'rpmlib(CompressedFileNames)', 'perl-libs'] },
  { tag: rpmTag.baseNames, value: ['libperl.so.5.26', 'perl5', 'lost'] },
  { tag: rpmTag.directoryNames, value: ['/usr/lib64/', '/usr/share/'] },
  { tag: rpmTag.directoryIndexes, value: [0, 1, 9] },
  { tag: rpmTag.fileModes, value: [0o100_755, 0o040_755, 0o100_644], type: 3 },
];

const bash: readonly HeaderTag[] = [
  { tag: rpmTag.name, value: 'bash' },
  { tag: rpmTag.version, value: '4.4' },
  { tag: rpmTag.release, value: '1' },
  { tag: rpmTag.epoch, value: [0] },
  { tag: rpmTag.packager, value: 'Packager' },
  { tag: rpmTag.signatureMd5, value: Buffer.alloc(16, 1) },
  { tag: rpmTag.oldFileNames, value: ['/bin/sh', '/usr/share/doc'] },
  { tag: rpmTag.fileModes, value: [0o100_755, 0o040_755], type: 3 },
];

const key: readonly HeaderTag[] = [
  { tag: rpmTag.name, value: 'gpg-pubkey' },
  { tag: rpmTag.version, value: 'fd431d51' },
  { tag: rpmTag.release, value: '4ae0493b' },
  { tag: rpmTag.headerSha1, value: 'cd'.repeat(20) },
];

const blobs = [encodeRpmHeader(perl, true), encodeRpmHeader(bash), encodeRpmHeader(key)];

function read(bytes: Buffer): CatalogResult {
  return rpm.read(catalogFile(path, bytes));
}

test('rpm reads versions, sources, modules, needs and files', () => {
  const expected = {
    facts: [
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'perl-libs',
          version: '4:5.26.3-422.el8',
          arch: 'x86_64',
          source: { name: 'perl', version: '4:5.26.3-422.el8' },
          licenses: ['(GPL+ or Artistic) and MIT'],
          maintainer: 'Red Hat, Inc.',
          modularityLabel: 'perl:5.26:820181219174508:9edba152',
          digest: `sha256:${'ab'.repeat(32)}`,
          dependsOn: ['bash'],
          cataloger: 'rpm',
        },
      },
      { kind: 'ownership', type: 'rpm', name: 'perl-libs', arch: 'x86_64', paths: ['usr/lib64/libperl.so.5.26'] },
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'bash',
          version: '4.4-1',
          licenses: [],
          maintainer: 'Packager',
          digest: `md5:${'01'.repeat(16)}`,
          cataloger: 'rpm',
        },
      },
      { kind: 'ownership', type: 'rpm', name: 'bash', paths: ['bin/sh'] },
      {
        kind: 'package',
        package: {
          type: 'rpm',
          name: 'gpg-pubkey',
          version: 'fd431d51-4ae0493b',
          licenses: [],
          digest: `sha1:${'cd'.repeat(20)}`,
          cataloger: 'rpm',
        },
      },
    ],
    problems: [],
  };
  assert.deepEqual(read(encodeNdb(blobs)), expected);
  assert.deepEqual(read(encodeBdbHash(blobs)), expected);
});

test('rpm reads the database only where rpm keeps it, under any of its names', () => {
  const bytes = encodeNdb(blobs);
  for (const file of ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'usr/share/rpm/Packages.db', 'var/lib/rpm/Packages']) {
    assert.equal(rpm.read(catalogFile(file, bytes)).facts.length, 5, file);
  }
  assert.deepEqual(rpm.read(catalogFile(`srv/chroot/${path}`, bytes)), { facts: [] });
});

test('rpm reports damage beside what it could read', () => {
  const bytes = encodeNdb([...blobs, encodeRpmHeader([{ tag: 1001, value: 'nameless' }]), Buffer.alloc(4)]);
  // The first package's checksum no longer fits.
  bytes.writeUInt8(9, 4096 + 8);
  const { facts, problems } = read(bytes);
  assert.equal(facts.length, 5);
  assert.deepEqual(
    problems?.map(({ code, incomplete }) => [code, incomplete]),
    [
      ['PACKAGES_UNREADABLE', true],
      ['MALFORMED', true],
    ],
  );
});

test('rpm keeps a package whose file list is damaged', () => {
  const header = encodeRpmHeader([
    { tag: rpmTag.name, value: 'bash' },
    { tag: rpmTag.version, value: '1' },
    { tag: rpmTag.baseNames, value: ['a', 'b'] },
  ]);
  header.writeUInt32BE(9, 8 + 2 * 16 + 12);
  const { facts, problems } = read(encodeNdb([header]));
  assert.deepEqual(
    facts.map(({ kind }) => kind),
    ['package'],
  );
  assert.deepEqual(
    problems?.map(({ code, incomplete }) => [code, incomplete]),
    [['MALFORMED', true]],
  );
});

test('rpm refuses databases of which nothing can be read', () => {
  const cases: readonly (readonly [string, Buffer, CatalogError['code']])[] = [
    ['unknown kind', Buffer.from('no database'), 'UNSUPPORTED'],
    ['cut off', encodeBdbHash(blobs).subarray(0, 100), 'MALFORMED'],
    ['no readable header', encodeNdb([Buffer.alloc(4)]), 'MALFORMED'],
  ];
  for (const [title, bytes, code] of cases) {
    assert.throws(
      () => read(bytes),
      (error) => error instanceof CatalogError && error.code === code,
      title,
    );
  }
  assert.deepEqual(read(Buffer.alloc(0)), { facts: [] });
});

test('rpm bounds file lists that a small database makes huge', () => {
  const count = 100_000;
  const header = encodeRpmHeader([
    { tag: rpmTag.name, value: 'bomb' },
    { tag: rpmTag.version, value: '1' },
    { tag: rpmTag.directoryNames, value: [`/${'d'.repeat(4000)}/`] },
    { tag: rpmTag.baseNames, value: Array.from({ length: count }, () => 'f') },
    { tag: rpmTag.directoryIndexes, value: Array.from({ length: count }, () => 0) },
  ]);
  const { facts, problems } = read(encodeNdb([header]));
  assert.deepEqual(
    problems?.map(({ code }) => code),
    ['OWNERSHIP_INCOMPLETE'],
  );
  assert.ok(facts[1]?.kind === 'ownership' && facts[1].paths.length < 20_000);
});

test('rpm stops at absurdly many headers that are none', () => {
  // Pages of keys and values of one byte each: values without any content.
  const pageSize = 65_536;
  const pairs = 10_000;
  const pages = Math.ceil(rpmDatabaseLimits.damagedPlaces / pairs) + 1;
  const bytes = Buffer.alloc((pages + 1) * pageSize);
  bytes.writeUInt32LE(0x0006_1561, 12);
  bytes.writeUInt32LE(pageSize, 20);
  bytes.writeUInt8(8, 25);
  bytes.writeUInt32LE(pages, 32);
  for (let start = pageSize; start < bytes.length; start += pageSize) {
    bytes.writeUInt32LE(start / pageSize, start + 8);
    bytes.writeUInt8(13, start + 25);
    bytes.writeUInt16LE(pairs * 2, start + 20);
    for (let item = 0; item < pairs * 2; item += 1) bytes.writeUInt16LE(pageSize - 1 - item, start + 26 + item * 2);
    bytes.fill(1, start + pageSize - pairs * 2, start + pageSize);
  }
  assert.throws(
    () => read(bytes),
    (error) => error instanceof CatalogError && error.code === 'LIMIT_EXCEEDED',
  );
});

test('rpm survives hostile bytes', () => {
  const seeds = [encodeNdb(blobs), encodeBdbHash(blobs, { pageSize: 512 }), blobs[0] as Buffer];
  assertSurvives(seeds, read);
  // Headers alone, so that the changes hit them rather than the frame around them.
  assertSurvives(blobs, (bytes) => read(encodeNdb([bytes])));
});

const real = [
  {
    file: ['package-db', 'rpm-ndb', 'Packages.db'],
    found: ['system-user-root 20190513-3.3.1', 'filesystem 15.0-11.8.1', 'glibc 2.31-150300.63.1'],
  },
  { file: ['package-db', 'rpm-bdb-libuuid', 'Packages'], found: ['libuuid 2.32.1-42.el8_8'] },
];

for (const { file, found } of real) {
  test(`rpm reads the real ${file.join('/')}`, needsSharedData(...file), () => {
    const { facts, problems } = read(readFileSync(sharedData(...file) as string));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      facts.flatMap((fact) => (fact.kind === 'package' ? [`${fact.package.name} ${fact.package.version}`] : [])),
      found,
    );
  });
}
