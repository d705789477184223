import assert from 'node:assert/strict';
import test from 'node:test';
import { buildElf, buildMacho, buildPe, type ProgramKind } from '../../../../testing/executable-builder.ts';
import { inlineInfo, pointedInfo } from '../../../../testing/go-build-info.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import type { Executable, ExecutableSegment } from '../../../codec/executable/executable.ts';
import { parseExecutable } from '../../../codec/executable/parse.ts';
import { CatalogError } from '../../error.ts';
import { type GoBuildInfo, readGoBuildInfo } from './build-info.ts';

const kinds: readonly ProgramKind[] = [
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
];
const modules = 'path\texample.com/app\nmod\texample.com/app\tv1.0.0\t\n';
const expected: GoBuildInfo = { goVersion: 'go1.22.1', modules };
const inline = inlineInfo('go1.22.1', modules);
const padding = Buffer.alloc(64, 1);

function read(bytes: Buffer): GoBuildInfo | undefined {
  const program = parseExecutable(bytes);
  assert.ok(program);
  return readGoBuildInfo(program);
}

for (const kind of kinds) {
  const title = `${kind.bits} bits, ${kind.littleEndian ? 'little' : 'big'}-endian`;

  test(`readGoBuildInfo() follows pointers, ${title}`, () => {
    const { info, data, address } = pointedInfo(kind, 'go1.17.3', modules);
    const elf = buildElf(kind, [
      { name: '.go.buildinfo', content: info, address: 0x5000, writable: true },
      { name: '.data', content: data, address, writable: true },
    ]);
    assert.deepEqual(read(elf), { goVersion: 'go1.17.3', modules });
  });

  test(`readGoBuildInfo() follows pointers of a program without modules, ${title}`, () => {
    const { info, data, address } = pointedInfo(kind, 'go1.13', undefined);
    const elf = buildElf(kind, [
      { name: '.go.buildinfo', content: info, address: 0x5000, writable: true },
      { name: '.data', content: data, address, writable: true },
    ]);
    assert.deepEqual(read(elf), { goVersion: 'go1.13', modules: '' });
  });
}

const kind: ProgramKind = { bits: 64, littleEndian: true };
const layouts: readonly (readonly [title: string, bytes: Buffer])[] = [
  ['in its ELF section', buildElf(kind, [{ name: '.go.buildinfo', content: inline }])],
  [
    'in the second writable segment of ELF',
    buildElf(
      kind,
      [
        { name: '.tdata', content: padding, writable: true },
        { name: '.data', content: Buffer.concat([padding, inline]), writable: true },
      ],
      true,
    ),
  ],
  ['in its Mach-O section', buildMacho(kind, [{ name: '__DATA,__go_buildinfo', content: inline, writable: true }])],
  ['in Mach-O data', buildMacho(kind, [{ name: '__DATA,__data', content: inline, writable: true }])],
  [
    'in PE data',
    buildPe(64, 0x40_0000, [{ name: '.data', content: Buffer.concat([padding, inline]), writable: true }]),
  ],
  [
    'behind the marker as a constant',
    buildPe(32, 0x40_0000, [
      { name: '.data', content: Buffer.concat([inline.subarray(0, 16), padding, inline]), writable: true },
    ]),
  ],
];

for (const [title, bytes] of layouts) {
  test(`readGoBuildInfo() finds build info ${title}`, () => assert.deepEqual(read(bytes), expected));
}

const absent: readonly (readonly [title: string, bytes: Buffer])[] = [
  ['a program without the marker', buildElf(kind, [{ name: '.data', content: padding, writable: true }])],
  [
    'a marker at an odd place',
    buildElf(kind, [{ name: '.data', content: Buffer.concat([Buffer.alloc(8), inline]), writable: true }]),
  ],
  ['a marker in read-only data', buildElf(kind, [{ name: '.rodata', content: inline }])],
];

for (const [title, bytes] of absent) {
  test(`readGoBuildInfo() finds nothing in ${title}`, () => assert.equal(read(bytes), undefined));
}

function patched(bytes: Buffer, at: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [index, value] of values.entries()) copy[at + index] = value;
  return copy;
}

const pointed = pointedInfo(kind, 'go1.17', modules).info;
const damaged: readonly (readonly [title: string, info: Buffer, code: string])[] = [
  ['is cut off', inline.subarray(0, 60), 'MALFORMED'],
  ['has a length without end', patched(inline, 32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'MALFORMED'],
  ['has a list of absurd length', patched(inline, 41, 0xff, 0xff, 0xff, 0x7f), 'LIMIT_EXCEEDED'],
  ['has another kind of version', inlineInfo('rust', modules), 'MALFORMED'],
  ['has pointers of odd size', patched(pointed, 14, 3), 'MALFORMED'],
  ['points outside the program', pointed, 'MALFORMED'],
  [
    'has its pointers still to be filled in',
    patched(pointed, 16, ...Array.from({ length: 16 }, () => 0)),
    'UNSUPPORTED',
  ],
];

for (const [title, info, code] of damaged) {
  test(`readGoBuildInfo() rejects build info that ${title}`, () => {
    assert.throws(
      () => read(buildElf(kind, [{ name: '.go.buildinfo', content: info }])),
      (error) => error instanceof CatalogError && error.code === code,
    );
  });
}

test('readGoBuildInfo() takes text without sentinels for no module list', () => {
  const info = inlineInfo('go1.22.1', modules, false);
  assert.deepEqual(read(buildElf(kind, [{ name: '.go.buildinfo', content: info }])), { ...expected, modules: '' });
});

/** A program whose segments all are these bytes. */
function overlapping(count: number, bytes: Buffer): Executable {
  const segment: ExecutableSegment = { address: 0x8000, writable: true, bytes };
  return { format: 'elf', ...kind, sections: [], segments: Array.from({ length: count }, () => segment) };
}

test('readGoBuildInfo() searches no more than a program can be large', () => {
  assert.throws(
    () => readGoBuildInfo(overlapping(65_535, Buffer.alloc(2 ** 20))),
    (error) => error instanceof CatalogError && error.code === 'LIMIT_EXCEEDED',
  );
});

test('readGoBuildInfo() follows the pointers of few markers', () => {
  const astray = Buffer.alloc(64 * 100, patched(pointed, 22, 0xff));
  assert.throws(
    () => readGoBuildInfo(overlapping(65_535, astray)),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('readGoBuildInfo() finds build info behind any number of markers at odd places', () => {
  const odd = Buffer.concat([Buffer.alloc(8), ...Array.from({ length: 100 }, () => inline.subarray(0, 16))]);
  const data = Buffer.concat([odd, Buffer.alloc(8), inline]);
  assert.deepEqual(read(buildElf(kind, [{ name: '.data', content: data, writable: true }], true)), expected);
});

test('readGoBuildInfo() survives hostile programs', () => {
  const old = kinds.map((each) => {
    const { info, data, address } = pointedInfo(each, 'go1.17.3', modules);
    return buildElf(each, [
      { name: '.go.buildinfo', content: info },
      { name: '.data', content: data, address, writable: true },
    ]);
  });
  assertSurvives([...old, ...layouts.map(([, bytes]) => bytes)], (bytes) => {
    const program = parseExecutable(bytes);
    return program && readGoBuildInfo(program);
  });
});
