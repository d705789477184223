import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeTarEntry, tarEnd, tarPadding, type WrittenTarEntry } from './encode-entry.ts';
import { defaultTarLimits } from './limits.ts';
import { TarReader } from './reader.ts';

const plain: WrittenTarEntry = {
  path: 'usr/bin/app',
  type: 'file',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  linkName: '',
};

function readBack(
  tar: Buffer,
): { readonly path: string; readonly type: string; readonly mode: number; readonly linkName: string }[] {
  const seen: { path: string; type: string; mode: number; linkName: string }[] = [];
  const reader = new TarReader(({ path, type, mode, linkName }) => {
    seen.push({ path, type, mode, linkName });
    return undefined;
  }, defaultTarLimits);
  reader.write(tar);
  reader.end();
  return seen;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }),
  fc.constantFrom('ä'.repeat(60), 'x'.repeat(100), 'x'.repeat(99), 'x'.repeat(101), '日本語'),
);
const name = text.map((value) => value.replaceAll(/[/\0\uD800-\uDFFF]/gu, '_'));

test('encodeTarEntry() writes names and links that are read back as they are', () => {
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 4 }),
      name,
      fc.nat({ max: 0o7777 }),
      (names, linkName, mode) => {
        const path = names.join('/');
        const entries: WrittenTarEntry[] = [
          { ...plain, path, mode },
          { ...plain, path, type: 'directory', mode },
          { ...plain, path, type: 'symlink', linkName, mode },
        ];
        assert.deepEqual(readBack(Buffer.concat([...entries.map(encodeTarEntry), tarEnd])), [
          { path, type: 'file', mode, linkName: '' },
          { path: `${path}/`, type: 'directory', mode, linkName: '' },
          { path, type: 'symlink', mode, linkName },
        ]);
      },
    ),
  );
});

test('encodeTarEntry() writes what GNU tar lists as it is: owners, times and sizes of any number', () => {
  const entries: WrittenTarEntry[] = [
    { ...plain, path: 'small', uid: 65_532, gid: 65_533, mtime: 1_700_000_000 },
    { ...plain, path: 'owner', uid: 4_294_967_294, gid: 2_097_152, mtime: 2 ** 33 + 1 },
    { ...plain, path: `${'d/'.repeat(80)}größe`, mode: 0o4711 },
    { ...plain, path: 'link', type: 'symlink', linkName: 'x'.repeat(300) },
  ];
  const listed = spawnSync('tar', ['--numeric-owner', '--utc', '-tvf', '-'], {
    input: Buffer.concat([...entries.map(encodeTarEntry), tarEnd]),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
  });
  assert.equal(listed.stderr, '');
  assert.deepEqual(
    listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
    [
      '-rwxr-xr-x 65532/65533 0 2023-11-14 22:13 small',
      '-rwxr-xr-x 4294967294/2097152 0 2242-03-16 12:56 owner',
      `-rws--x--x 0/0 0 1970-01-01 00:00 ${'d/'.repeat(80)}größe`,
      `lrwxr-xr-x 0/0 0 1970-01-01 00:00 link -> ${'x'.repeat(300)}`,
    ],
  );
});

test('encodeTarEntry() gives a file of more than 8 GiB its size in a record, since not all readers know GNU numbers', () => {
  const size = 8 ** 11;
  const bytes = encodeTarEntry({ ...plain, size });
  assert.equal(bytes.toString('latin1', 512, 531), `19 size=${size}\n`);
  let told = 0;
  new TarReader((entry) => {
    told = entry.size;
    return undefined;
  }, defaultTarLimits).write(bytes);
  assert.equal(told, size);
});

test('encodeTarEntry() refuses a NUL, and tarPadding() fills the block', () => {
  assert.throws(() => encodeTarEntry({ ...plain, path: 'a\0b' }), { code: 'UNSUPPORTED' });
  assert.throws(() => encodeTarEntry({ ...plain, linkName: 'a\0b' }), { code: 'UNSUPPORTED' });
  assert.deepEqual(
    [0, 1, 511, 512, 513].map((size) => tarPadding(size).length),
    [0, 511, 1, 0, 511],
  );
});
