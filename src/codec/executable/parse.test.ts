import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import {
  buildElf,
  buildFatMacho,
  buildMacho,
  buildPe,
  type ProgramKind,
  type ProgramPart,
} from '../../../testing/executable-builder.ts';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { CodecError } from '../error.ts';
import type { Executable } from './executable.ts';
import { executableMagic, isExecutableMagic } from './magic.ts';
import { parseExecutable } from './parse.ts';

const kinds: readonly ProgramKind[] = [
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
];

function parts(prefix: string): ProgramPart[] {
  return [
    { name: `${prefix}text`, content: Buffer.from('code'), address: 0x1000 },
    { name: `${prefix}a_longer_name`, content: Buffer.from('data!'), address: 0x2000, writable: true },
    { name: `${prefix}bss`, content: Buffer.alloc(64), address: 0x3000, writable: true, empty: true },
  ];
}

function summary(program: Executable | undefined): unknown {
  return (
    program && {
      format: program.format,
      bits: program.bits,
      littleEndian: program.littleEndian,
      sections: program.sections.map(({ name, address, bytes }) => [name, address, bytes.toString()]),
      segments: program.segments.map(({ address, writable, bytes }) => [address, writable, bytes.toString()]),
    }
  );
}

const segments = [
  [0x1000, false, 'code'],
  [0x2000, true, 'data!'],
  [0x3000, true, ''],
];

for (const kind of kinds) {
  const title = `${kind.bits} bits ${kind.littleEndian ? 'little' : 'big'}-endian`;

  test(`parseExecutable() reads ELF, ${title}`, () => {
    assert.deepEqual(summary(parseExecutable(buildElf(kind, parts('.')))), {
      format: 'elf',
      ...kind,
      sections: [
        ['.text', 0x1000, 'code'],
        ['.a_longer_name', 0x2000, 'data!'],
        ['.bss', 0x3000, ''],
        ['.shstrtab', 0, '\0.text\0.a_longer_name\0.bss\0.shstrtab\0'],
      ],
      segments,
    });
  });

  test(`parseExecutable() reads ELF without section headers, ${title}`, () => {
    assert.deepEqual(summary(parseExecutable(buildElf(kind, parts('.'), true))), {
      format: 'elf',
      ...kind,
      sections: [],
      segments,
    });
  });

  test(`parseExecutable() reads Mach-O, ${title}`, () => {
    assert.deepEqual(summary(parseExecutable(buildMacho(kind, parts('__SEG,')))), {
      format: 'macho',
      ...kind,
      sections: [
        ['__SEG,text', 0x1000, 'code'],
        ['__SEG,a_longer_name', 0x2000, 'data!'],
        ['__SEG,bss', 0x3000, ''],
      ],
      segments,
    });
  });
}

for (const bits of [32, 64] as const) {
  test(`parseExecutable() reads PE, ${bits} bits, with addresses from the image base`, () => {
    const base = 0x40_0000;
    assert.deepEqual(summary(parseExecutable(buildPe(bits, base, parts('.')))), {
      format: 'pe',
      bits,
      littleEndian: true,
      sections: [
        ['.text', base + 0x1000, 'code'],
        ['.a_longer_name', base + 0x2000, 'data!'],
        ['.bss', base + 0x3000, ''],
      ],
      segments: segments.map(([address, ...rest]) => [base + Number(address), ...rest]),
    });
  });

  test(`parseExecutable() reads the first readable part of a fat Mach-O file, ${bits} bits`, () => {
    const good = buildMacho({ bits: 64, littleEndian: true }, parts('__SEG,'));
    const fat = buildFatMacho([Buffer.from('no program at all'), good], bits);
    assert.deepEqual(summary(parseExecutable(fat)), summary(parseExecutable(good)));
  });
}

test('parseExecutable() reads ELF with extended section numbering', () => {
  const bytes = buildElf({ bits: 64, littleEndian: true }, parts('.'));
  const expected = summary(parseExecutable(bytes));
  const table = Number(bytes.readBigUInt64LE(40));
  bytes.writeBigUInt64LE(BigInt(bytes.readUInt16LE(60)), table + 32);
  bytes.writeUInt32LE(bytes.readUInt16LE(62), table + 40);
  bytes.writeUInt16LE(0, 60);
  bytes.writeUInt16LE(0xff_ff, 62);
  assert.deepEqual(summary(parseExecutable(bytes)), expected);
});

test('parseExecutable() cuts a segment at the end of the file', () => {
  const bytes = buildElf({ bits: 64, littleEndian: true }, parts('.'), true);
  bytes.writeBigUInt64LE(1n << 40n, 64 + 32);
  const [first] = parseExecutable(bytes)?.segments ?? [];
  assert.equal(first?.bytes.length, bytes.length - 64 - 3 * 56 - 8);
});

test('parseExecutable() gives views, not copies', () => {
  const bytes = buildElf({ bits: 64, littleEndian: true }, parts('.'));
  const [section] = parseExecutable(bytes)?.sections ?? [];
  assert.equal(section?.bytes.buffer, bytes.buffer);
});

const elf64 = buildElf({ bits: 64, littleEndian: true }, parts('.'));
const pe64 = buildPe(64, 0x40_0000, parts('.'));
const macho64 = buildMacho({ bits: 64, littleEndian: true }, parts('__SEG,'));

function patched(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const hostile: readonly (readonly [title: string, bytes: Buffer, code: string])[] = [
  ['ELF header alone', elf64.subarray(0, 20), 'TRUNCATED'],
  ['ELF section table past the end', patched(elf64, (copy) => copy.writeUInt32LE(1 << 30, 40)), 'TRUNCATED'],
  ['ELF section table beyond any file', patched(elf64, (copy) => copy.fill(0xff, 40, 48)), 'TRUNCATED'],
  ['ELF segment table past the end', patched(elf64, (copy) => copy.writeUInt32LE(1 << 30, 32)), 'TRUNCATED'],
  ['ELF of unknown class', patched(elf64, (copy) => copy.fill(7, 4, 5)), 'MALFORMED'],
  ['ELF of unknown byte order', patched(elf64, (copy) => copy.fill(7, 5, 6)), 'MALFORMED'],
  ['ELF section headers of no size', patched(elf64, (copy) => copy.writeUInt16LE(0, 58)), 'MALFORMED'],
  ['ELF segment headers of no size', patched(elf64, (copy) => copy.writeUInt16LE(0, 54)), 'MALFORMED'],
  [
    'ELF section past the end',
    patched(elf64, (copy) => copy.fill(0x7f, copy.readUInt32LE(40) + 64 + 32, copy.readUInt32LE(40) + 64 + 36)),
    'TRUNCATED',
  ],
  [
    'ELF with millions of sections',
    patched(elf64, (copy) => {
      copy.writeUInt16LE(0, 60);
      copy.writeUInt32LE(100_000_000, copy.readUInt32LE(40) + 32);
    }),
    'LIMIT_EXCEEDED',
  ],
  ['PE sections past the end', patched(pe64, (copy) => copy.writeUInt16LE(0xff_ff, 0x86)), 'TRUNCATED'],
  ['PE optional header unknown', patched(pe64, (copy) => copy.writeUInt16LE(1, 0x98)), 'MALFORMED'],
  ['Mach-O header alone', macho64.subarray(0, 12), 'TRUNCATED'],
  ['Mach-O commands without size', patched(macho64, (copy) => copy.writeUInt32LE(0, 36)), 'MALFORMED'],
  ['Mach-O commands without end', patched(macho64, (copy) => copy.writeUInt32LE(1e9, 16)), 'LIMIT_EXCEEDED'],
  ['Mach-O sections past their segment', patched(macho64, (copy) => copy.writeUInt32LE(9, 32 + 64)), 'MALFORMED'],
  ['fat Mach-O without a readable part', buildFatMacho([Buffer.from('nothing'), Buffer.alloc(1)]), 'MALFORMED'],
  ['fat Mach-O parts past the end', buildFatMacho([macho64]).subarray(0, 60), 'TRUNCATED'],
];

for (const [title, bytes, code] of hostile) {
  test(`parseExecutable() rejects: ${title}`, () => {
    assert.throws(
      () => parseExecutable(bytes),
      (error) => error instanceof CodecError && error.code === code,
    );
  });
}

const strangers: readonly (readonly [title: string, bytes: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['a script', Buffer.from('#!/bin/sh\n')],
  ['a Java class', Buffer.from('cafebabe00000034', 'hex')],
  ['a DOS program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)])],
  ['two letters', Buffer.from('MZ')],
];

for (const [title, bytes] of strangers) {
  test(`parseExecutable() takes ${title} for no program`, () => assert.equal(parseExecutable(bytes), undefined));
}

test('isExecutableMagic() knows programs by their first bytes', () => {
  assert.equal(executableMagic(elf64.subarray(0, 4)), 'elf');
  assert.equal(executableMagic(pe64.subarray(0, 4)), 'dos');
  assert.equal(executableMagic(macho64.subarray(0, 4)), 'macho');
  assert.equal(executableMagic(buildFatMacho([macho64]).subarray(0, 8)), 'macho');
  assert.equal(isExecutableMagic(Buffer.from('cafebabe00000034', 'hex')), false);
  assert.equal(isExecutableMagic(Buffer.from('ELF')), false);
});

test('parseExecutable() survives hostile programs', () => {
  const seeds = [
    ...kinds.flatMap((kind) => [buildElf(kind, parts('.')), buildMacho(kind, parts('__SEG,'))]),
    buildPe(32, 0x40_0000, parts('.')),
    pe64,
    buildFatMacho([macho64, elf64]),
    buildFatMacho([macho64], 64),
  ];
  assertSurvives(seeds, parseExecutable, (program) => {
    for (const { bytes } of program?.sections ?? []) assert.ok(Buffer.isBuffer(bytes));
  });
});

test('parseExecutable() reads real programs', needsSharedData('binaries', 'go.elf'), () => {
  const read = (name: string): Executable | undefined =>
    parseExecutable(readFileSync(sharedData('binaries', name) as string));
  const goElf = read('go.elf');
  assert.equal(goElf?.sections.length, 24);
  assert.deepEqual(
    goElf?.segments.map(({ address, writable, bytes }) => [address, writable, bytes.length]),
    [
      [0x40_0000, false, 854_928],
      [0x4d_1000, false, 837_965],
      [0x59_e000, true, 97_920],
    ],
  );
  const goExe = read('go.exe');
  assert.equal(goExe?.sections.find(({ name }) => name === '.data')?.address, 0x5b_3000);
  const rust = read('rust-auditable.elf');
  assert.equal(rust?.sections.find(({ name }) => name === '.dep-v0')?.bytes.length, 118);
});
