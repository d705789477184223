import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { sealHeader } from '../../../testing/image/tar-header.ts';
import { directory, file, hardlink, paxHeader, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import type { TarEntry as WrittenEntry } from '../../../testing/image/tar-writer.ts';
import { CodecError } from '../error.ts';
import { defaultTarLimits, type TarLimits } from './limits.ts';
import { parsePaxRecords } from './pax.ts';
import { TarReader, type TarEntry } from './reader.ts';

interface ReadEntry extends TarEntry {
  readonly body: string;
}

/** Reads a tar in pieces of the given size, keeping every body. */
function read(tar: Buffer, pieceSize = tar.length, limits: TarLimits = defaultTarLimits): ReadEntry[] {
  const entries: (TarEntry & { chunks: Buffer[] })[] = [];
  const reader = new TarReader((entry) => {
    const chunks: Buffer[] = [];
    entries.push({ ...entry, chunks });
    return { data: (chunk) => chunks.push(Buffer.from(chunk)) > 0, end: () => undefined };
  }, limits);
  for (let at = 0; at < tar.length; at += pieceSize) reader.write(tar.subarray(at, at + pieceSize));
  reader.end();
  return entries.map(({ chunks, ...entry }) => ({ ...entry, body: Buffer.concat(chunks).toString('latin1') }));
}

const long = `${'d'.repeat(90)}/${'e'.repeat(120)}/${'f'.repeat(60)}`;
const holey = Buffer.concat([Buffer.alloc(4096), Buffer.from('data'), Buffer.alloc(8192), Buffer.from('end')]);

const dialects: readonly { readonly name: string; readonly entry: WrittenEntry; readonly seen: Partial<ReadEntry> }[] =
  [
    { name: 'plain', entry: file('a/b', 'hello'), seen: { path: 'a/b', type: 'file', size: 5, body: 'hello' } },
    { name: 'v7', entry: file('a', 'x', { dialect: 'v7' }), seen: { path: 'a', type: 'file', body: 'x' } },
    {
      name: 'a POSIX file whose name ends in a slash',
      entry: file('a/', 'x'),
      seen: { path: 'a/', type: 'file', body: 'x' },
    },
    {
      name: 'ustar prefix',
      entry: file(`${'p'.repeat(120)}/${'n'.repeat(80)}`, 'x', { dialect: 'ustar' }),
      seen: { path: `${'p'.repeat(120)}/${'n'.repeat(80)}`, body: 'x' },
    },
    { name: 'PAX path', entry: file(long, 'x', { dialect: 'pax' }), seen: { path: long, body: 'x' } },
    { name: 'GNU long name', entry: file(long, 'x', { dialect: 'gnu' }), seen: { path: long, body: 'x' } },
    { name: 'PAX linkpath', entry: symlink('l', long, { dialect: 'pax' }), seen: { type: 'symlink', linkName: long } },
    { name: 'GNU long link', entry: symlink('l', long, { dialect: 'gnu' }), seen: { type: 'symlink', linkName: long } },
    { name: 'PAX size', entry: file('s', 'sized', { forceExtension: true }), seen: { size: 5, body: 'sized' } },
    { name: 'base-256 size', entry: file('s', 'sized', { base256Size: true }), seen: { size: 5, body: 'sized' } },
    {
      name: 'xattrs',
      entry: file('x', 'y', { pax: { 'SCHILY.xattr.user.a': '\0b' } }),
      seen: { path: 'x', body: 'y', attributes: ['user.a'] },
    },
    { name: 'UTF-8', entry: file('ä/日本', 'x'), seen: { path: 'ä/日本' } },
    { name: 'hard link', entry: hardlink('h', 'a'), seen: { type: 'hardlink', linkName: 'a', body: '' } },
    { name: 'folder', entry: directory('d'), seen: { type: 'directory', body: '' } },
    { name: 'FIFO', entry: { name: 'f', type: 'fifo' }, seen: { type: 'other', body: '' } },
    ...(['gnu-old', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const).map((sparse) => ({
      name: `sparse ${sparse}`,
      entry: file('holes', holey, { sparse }),
      seen: { path: 'holes', type: 'file' as const, size: holey.length, body: holey.toString('latin1') },
    })),
  ];

for (const { name, entry, seen } of dialects) {
  test(`TarReader reads ${name}, in one piece and byte by byte`, () => {
    const tar = writeTar([entry, file('after', 'still aligned')]);
    for (const pieceSize of [tar.length, 1, 511, 513]) {
      const [first, second, ...more] = read(tar, pieceSize);
      assert.deepEqual({ ...first, ...seen }, first, `pieces of ${pieceSize}`);
      assert.equal(second?.body, 'still aligned');
      assert.deepEqual(more, []);
    }
  });
}

/** The tar of one entry, its header changed by hand. */
function changed(entry: WrittenEntry, change: (header: Buffer) => void): Buffer {
  const tar = writeTar([entry], { trailer: false });
  change(tar.subarray(0, 512));
  sealHeader(tar.subarray(0, 512));
  return tar;
}

function bare(...entries: readonly WrittenEntry[]): Buffer {
  return writeTar(entries, { trailer: false });
}

/** A GNU long name for whatever follows. */
const longName = bare(file(long, '', { dialect: 'gnu' })).subarray(0, 1024);

/** Where readers of tar differ, and a hostile layer could show one thing to a scanner and another to a runtime. */
const disputes: readonly {
  readonly name: string;
  readonly tar: readonly Buffer[];
  readonly seen: readonly string[];
}[] = [
  {
    name: 'takes a global PAX header for an entry with the name of its own record, which changes no other',
    tar: [...paxHeader([['path', 'global']], true), bare(file('real', '1'))],
    seen: ['globalHeader global ', 'file real 1'],
  },
  {
    name: 'loses the PAX header before a global one',
    tar: [...paxHeader([['path', 'lost']]), ...paxHeader([['comment', 'x']], true), bare(file('real', '1'))],
    seen: ['globalHeader pax_global_header ', 'file real 1'],
  },
  {
    name: 'loses the long name before a global PAX header',
    tar: [longName, ...paxHeader([['comment', 'x']], true), bare(file('real', '1'))],
    seen: ['globalHeader pax_global_header ', 'file real 1'],
  },
  ...(
    [
      ['takes what is no time in a GNU header for a prefix', 'etc', '', 'etc/a'],
      ['takes a time before what is no time for a prefix', '00000000001', 'x', '00000000001/a'],
      [
        'takes a time before one that is too large for a prefix',
        '00000000001',
        `\x80${'\xff'.repeat(11)}`,
        '00000000001/a',
      ],
      ['takes times in a GNU header for no prefix', '00000000001', ' 17 ', 'a'],
      ['takes large times in a GNU header for no prefix', '\x80\0\0\0\x7f', `\xff\xff\xff\xff\x80`, 'a'],
      ['takes what is no ASCII in a GNU header for no prefix', 'etc\xe9', '', 'a'],
      ['takes a time after none for no prefix', '', 'x', 'a'],
    ] as const
  ).map(([name, accessTime, changeTime, path]) => ({
    name,
    tar: [
      changed(file('a', '1', { dialect: 'gnu' }), (header) => {
        header.write(accessTime, 345, 'latin1');
        header.write(changeTime, 357, 'latin1');
      }),
    ],
    seen: [`file ${path} 1`],
  })),
  {
    name: 'lets the later of two PAX headers stand alone',
    tar: [...paxHeader([['path', 'first']]), ...paxHeader([['linkpath', 'x']]), bare(file('real', '1'))],
    seen: ['file real 1'],
  },
  {
    name: 'prefers a GNU long name to a PAX path, whichever comes last',
    tar: [longName, ...paxHeader([['path', 'pax']]), bare(file('real', '1'))],
    seen: [`file ${long} 1`],
  },
  {
    name: 'ignores a sparse name without a sparse file',
    tar: [...paxHeader([['GNU.sparse.name', 'fake']]), bare(file('real', '1'))],
    seen: ['file real 1'],
  },
  {
    name: 'ignores a sparse map of an unknown version',
    tar: [
      ...paxHeader([
        ['GNU.sparse.major', '3'],
        ['GNU.sparse.minor', '0'],
        ['GNU.sparse.name', 'fake'],
        ['GNU.sparse.map', '0,1'],
      ]),
      bare(file('real', '1')),
    ],
    seen: ['file real 1'],
  },
  {
    name: 'forgets extension records after the entry that they are for, whatever it is',
    tar: [...paxHeader([['path', 'dir']]), bare(directory('d'), hardlink('h', 'dir'), file('real', '1'))],
    seen: ['directory dir ', 'hardlink h ', 'file real 1'],
  },
  {
    name: 'reads sizes behind NULs and blanks',
    tar: [
      changed(file('a', 'hello'), (header) => header.write('\0\0 5\0garbage', 124, 'latin1')),
      bare(file('b', '2')),
    ],
    seen: ['file a hello', 'file b 2'],
  },
  {
    name: 'takes a slash at the end for a folder in archives before POSIX',
    tar: [changed(file('d/', ''), (header) => header.fill(0, 156, 157)), bare(file('b', '2'))],
    seen: ['directory d/ ', 'file b 2'],
  },
  {
    name: 'keeps the times of another tar out of the prefix',
    tar: [
      changed(file('n', '1'), (header) => {
        header.write('p'.repeat(131), 345, 'latin1');
        header.write('00000000000 00000000000 ', 476, 'latin1');
        header.write('tar\0', 508, 'latin1');
      }),
    ],
    seen: [`file ${'p'.repeat(131)}/n 1`],
  },
  { name: 'accepts extension records that nothing follows', tar: [...paxHeader([['path', 'x']])], seen: [] },
];

for (const { name, tar, seen } of disputes) {
  test(`TarReader ${name}`, () => {
    const bytes = Buffer.concat([...tar, Buffer.alloc(1024)]);
    for (const pieceSize of [bytes.length, 100]) {
      assert.deepEqual(
        read(bytes, pieceSize).map(({ type, path, body }) => `${type} ${path} ${body}`),
        seen,
      );
    }
  });
}

test('TarReader stops at the end mark and notes what follows', () => {
  const reader = new TarReader(() => undefined, defaultTarLimits);
  reader.write(writeTar([file('a', 'x')]));
  reader.write(Buffer.alloc(10_240));
  assert.equal(reader.hasTrailingData, false);
  reader.write(writeTar([file('hidden', 'x')]));
  reader.end();
  assert.equal(reader.entries, 1);
  assert.equal(reader.hasTrailingData, true);
});

test('TarReader lets a sink stop early and stays aligned', () => {
  const seen: string[] = [];
  const reader = new TarReader(({ path }) => {
    seen.push(path);
    return { data: () => false, end: () => assert.fail('ended') };
  }, defaultTarLimits);
  const tar = writeTar([file('big', Buffer.alloc(5000, 1)), file('next', 'x')]);
  for (let at = 0; at < tar.length; at += 100) reader.write(tar.subarray(at, at + 100));
  reader.end();
  assert.deepEqual(seen, ['big', 'next']);
});

test('TarReader accepts an archive without an end mark', () => {
  assert.equal(read(writeTar([file('a', 'x')], { trailer: false })).length, 1);
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  return 'none';
}

const plain = writeTar([file('a', 'hello')]);
const flipped = Buffer.from(plain);
flipped[0] = 0x62;

const broken: readonly { readonly name: string; readonly code: string; readonly action: () => unknown }[] = [
  { name: 'a body that is cut', code: 'TRUNCATED', action: () => read(plain.subarray(0, 514)) },
  { name: 'a header that is cut', code: 'TRUNCATED', action: () => read(plain.subarray(0, 300)) },
  { name: 'a wrong checksum', code: 'MALFORMED', action: () => read(flipped) },
  { name: 'bytes that are no tar', code: 'MALFORMED', action: () => read(Buffer.alloc(1024, 'x')) },
  {
    name: 'an extension record beyond its cap',
    code: 'LIMIT_EXCEEDED',
    action: () =>
      read(writeTar([file(long, '', { dialect: 'gnu' })]), 512, { ...defaultTarLimits, maxExtensionBytes: 100 }),
  },
  {
    name: 'too many entries',
    code: 'LIMIT_EXCEEDED',
    action: () => read(writeTar([file('a'), file('b'), file('c')]), 512, { ...defaultTarLimits, maxEntries: 2 }),
  },
  {
    name: 'a path beyond its cap',
    code: 'LIMIT_EXCEEDED',
    action: () => read(writeTar([file(long)]), 512, { ...defaultTarLimits, maxPathBytes: 100 }),
  },
  { name: 'a sparse map without an end', code: 'MALFORMED', action: () => read(sparseMap('9'.repeat(1024))) },
  { name: 'a sparse map of lines without numbers', code: 'MALFORMED', action: () => read(sparseMap('1\n\n\n')) },
  { name: 'a sparse map of other digits', code: 'MALFORMED', action: () => read(sparseMap('1\n0x0\n1e0\n')) },
  { name: 'a sparse map of too many pieces', code: 'MALFORMED', action: () => read(sparseMap('100001\n')) },
  {
    name: 'holes beyond their cap',
    code: 'LIMIT_EXCEEDED',
    action: () =>
      read(writeTar([file('holes', holey, { sparse: 'pax-0.1' })]), 512, { ...defaultTarLimits, maxHoleBytes: 5000 }),
  },
  {
    name: 'a size with a second number',
    code: 'MALFORMED',
    action: () => read(changed(file('a', 'x'), (header) => header.write('1 2\0', 124, 'latin1'))),
  },
  {
    name: 'a PAX record that lies about its length',
    code: 'MALFORMED',
    action: () => read(Buffer.concat([writeTar([file('x', '999 path=a\n')], { trailer: false })].map(asPax))),
  },
];

/** A sparse file of format 1.0 whose map is this text. */
function sparseMap(map: string): Buffer {
  const records: [string, string][] = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.realsize', '9'],
  ];
  return Buffer.concat([...paxHeader(records), bare(file('s', map.padEnd(1024, '\0')))]);
}

/** Turns a plain entry into a PAX header with that body. */
function asPax(tar: Buffer): Buffer {
  const bytes = Buffer.from(tar);
  const sum = bytes.readUInt8(156);
  bytes[156] = 0x78;
  const stored = Number.parseInt(bytes.toString('latin1', 148, 154), 8) - sum + 0x78;
  bytes.write(`${stored.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

for (const { name, code, action } of broken) {
  test(`TarReader refuses ${name}`, () => assert.equal(codeOf(action), code));
}

test('parsePaxRecords() refuses what follows a record and is none, whether or not it has a blank', () => {
  for (const rest of ['x', 'xyz\n', '\n', ' ', '12', '5 a\n']) {
    assert.equal(
      codeOf(() => parsePaxRecords(Buffer.from(`10 path=a\n${rest}`))),
      'MALFORMED',
      JSON.stringify(rest),
    );
  }
  assert.deepEqual(parsePaxRecords(Buffer.from('10 path=a\n')), [['path', 'a']]);
});

test('TarReader ends in a coded error or a result, whatever the bytes', () => {
  const seeds = dialects.map(({ entry }) => writeTar([entry, file('z', 'z')]));
  const mutation = fc.record({
    seed: fc.nat(seeds.length - 1),
    flips: fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 6 }),
    fix: fc.boolean(),
    pieceSize: fc.integer({ min: 1, max: 2000 }),
  });
  fc.assert(
    fc.property(mutation, ({ seed, flips, fix, pieceSize }) => {
      const tar = Buffer.from(seeds[seed] as Buffer);
      for (const [at, value] of flips) tar[at % tar.length] = value;
      if (fix) fixChecksum(tar);
      codeOf(() => read(tar, pieceSize, { ...defaultTarLimits, maxEntries: 1000, maxHoleBytes: 2 ** 20 }));
    }),
    { numRuns: 3000 },
  );
});

test('TarReader ends in a coded error or a result, whatever headers with right checksums say', () => {
  const seeds = dialects.map(({ entry }) => writeTar([entry, file('z', 'z')]));
  assertSurvives(seeds, (bytes) => {
    // Blocks that have the magic of a header are taken for one, as those of the seeds are.
    for (let at = 0; at + 512 <= bytes.length; at += 512) {
      if (bytes.toString('latin1', at + 257, at + 262) === 'ustar') sealHeader(bytes.subarray(at, at + 512));
    }
    const limits = { ...defaultTarLimits, maxEntries: 1000, maxHoleBytes: 2 ** 20 };
    return read(bytes, (bytes.length % 1999) + 1, limits);
  });
});

/** Makes the first header valid again, so that mutations reach what lies behind the checksum. */
function fixChecksum(tar: Buffer): void {
  tar.fill(0x20, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
