import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { buildElf, buildMacho, buildPe } from '../../../../testing/executable-builder.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { parseExecutable } from '../../../codec/executable/parse.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { CatalogError, type CatalogErrorCode } from '../../error.ts';
import { parseAuditData } from './audit-data.ts';
import { rustBinary } from './cataloger.ts';

const kind = { bits: 64, littleEndian: true } as const;

function packed(value: unknown): Buffer {
  return deflateSync(JSON.stringify(value));
}

function read(bytes: Buffer): CatalogResult {
  return rustBinary.read({ ...catalogFile('usr/bin/app', bytes), executable: () => parseExecutable(bytes) });
}

function readSection(content: Buffer): CatalogResult {
  return read(buildElf(kind, [{ name: '.dep-v0', content }]));
}

const list = {
  packages: [
    { name: 'app', version: '0.1.0', source: 'local', dependencies: [1, 2], root: true },
    { name: 'serde', version: '1.0.1', source: 'crates.io', kind: 'runtime', dependencies: [3] },
    { name: 'cc', version: '1.0.2', source: 'crates.io', kind: 'build' },
    { name: 'libc', version: '0.2.3', source: 'crates.io' },
    { name: 'libc', version: '0.1.9', source: 'crates.io' },
  ],
};
const base = { type: 'cargo', licenses: [], cataloger: 'rust-binary' } as const;
const expected = [
  { ...base, name: 'app', version: '0.1.0', dependsOn: ['serde'] },
  { ...base, name: 'serde', version: '1.0.1', dependsOn: ['libc'] },
  { ...base, name: 'libc', version: '0.2.3' },
  { ...base, name: 'libc', version: '0.1.9' },
];

const programs: readonly (readonly [title: string, bytes: Buffer])[] = [
  ['ELF', buildElf(kind, [{ name: '.dep-v0', content: packed(list) }])],
  ['PE', buildPe(64, 0x40_0000, [{ name: '.dep-v0', content: packed(list) }])],
  ['Mach-O', buildMacho(kind, [{ name: '__DATA,.dep-v0', content: packed(list) }])],
  ['a padded section', buildElf(kind, [{ name: '.dep-v0', content: Buffer.concat([packed(list), Buffer.alloc(99)]) }])],
];

for (const [title, bytes] of programs) {
  test(`rustBinary reads the crates of ${title}`, () => {
    assert.deepEqual(
      read(bytes).facts.map((fact) => fact.kind === 'package' && fact.package),
      expected,
    );
  });
}

test('rustBinary finds nothing in other programs', () => {
  assert.deepEqual(read(buildElf(kind, [{ name: '.text', content: Buffer.from('code') }])).facts, []);
  assert.deepEqual(rustBinary.read(catalogFile('usr/bin/script', '#!/bin/sh\n')).facts, []);
});

test('rustBinary counts crates without a usable name or version', () => {
  const { facts, problems } = readSection(
    packed({ packages: [{ name: 1, version: '1.0.0' }, null, { name: 'a', version: '1.0.0' }] }),
  );
  assert.equal(facts.length, 1);
  assert.equal(problems?.[0]?.code, 'PACKAGES_UNREADABLE');
});

const rejected: readonly (readonly [title: string, section: Buffer, code: CatalogErrorCode])[] = [
  ['no zlib stream', Buffer.from('nothing of the kind'), 'MALFORMED'],
  ['a cut-off stream', packed(list).subarray(0, 30), 'MALFORMED'],
  ['no JSON', deflateSync('{'), 'MALFORMED'],
  ['no object', packed([]), 'MALFORMED'],
  ['an index too high', packed({ packages: [{ dependencies: [1] }] }), 'MALFORMED'],
  ['a negative index', packed({ packages: [{ dependencies: [-1] }] }), 'MALFORMED'],
  ['an index that is no number', packed({ packages: [{ dependencies: ['0'] }] }), 'MALFORMED'],
  ['a crate that needs itself', packed({ packages: [{ dependencies: [0] }] }), 'MALFORMED'],
  [
    'a circle',
    packed({ packages: [{ dependencies: [1] }, { dependencies: [2] }, { dependencies: [0] }] }),
    'MALFORMED',
  ],
  ['two roots', packed({ packages: [{ root: true }, { root: true }] }), 'MALFORMED'],
  ['more than 8 MiB', deflateSync(Buffer.alloc(9_000_000, 32)), 'LIMIT_EXCEEDED'],
  ['too many crates', packed({ packages: Array.from({ length: 50_001 }, () => 0) }), 'LIMIT_EXCEEDED'],
];

for (const [title, section, code] of rejected) {
  test(`parseAuditData() rejects ${title}`, () => {
    assert.throws(
      () => parseAuditData(section),
      (error) => error instanceof CatalogError && error.code === code,
    );
  });
}

test('parseAuditData() walks long chains without recursion', () => {
  const count = 50_000;
  const packages = Array.from({ length: count }, (_, index) => ({
    dependencies: index + 1 < count ? [index + 1] : [],
  }));
  assert.equal(parseAuditData(packed({ packages })).length, count);
});

test('rustBinary survives hostile programs', () => {
  assertSurvives(
    programs.map(([, bytes]) => bytes),
    read,
  );
  assertSurvives([JSON.stringify(list)], (json) => parseAuditData(deflateSync(json)));
});

test('rustBinary reads a real program', needsSharedData('binaries', 'rust-auditable.elf'), () => {
  const { facts } = read(readFileSync(sharedData('binaries', 'rust-auditable.elf') as string));
  assert.deepEqual(
    facts.map((fact) => fact.kind === 'package' && fact.package),
    [
      { ...base, name: 'crate_with_features', version: '0.1.0', dependsOn: ['library_crate'] },
      { ...base, name: 'library_crate', version: '0.1.0' },
    ],
  );
});
