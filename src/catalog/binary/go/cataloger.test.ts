import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { buildElf } from '../../../../testing/executable-builder.ts';
import { inlineInfo } from '../../../../testing/go-build-info.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { parseExecutable } from '../../../codec/executable/parse.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { goBinary } from './cataloger.ts';

function read(bytes: Buffer): CatalogResult {
  return goBinary.read({ ...catalogFile('usr/bin/app', bytes), executable: () => parseExecutable(bytes) });
}

function readList(lines: readonly string[], goVersion = 'go1.22.1'): CatalogResult {
  const info = inlineInfo(goVersion, lines.map((line) => `${line}\n`).join(''));
  return read(buildElf({ bits: 64, littleEndian: true }, [{ name: '.go.buildinfo', content: info }]));
}

const base = { type: 'golang', licenses: [], cataloger: 'go-binary' } as const;
const standard = { ...base, name: 'stdlib', version: '1.22.1', licenses: ['BSD-3-Clause'] };

test('goBinary lists modules, the standard library and the main module', () => {
  const { facts, problems } = readList([
    'path\texample.com/app',
    'mod\texample.com/app\tv1.0.0\th1:main=',
    'dep\texample.com/a\tv1.0.0\th1:aaa=',
    'dep\texample.com/b\tv1.0.0+incompatible',
    'dep\texample.com/here\tv1.0.0',
    '=>\t../here\t',
    'dep\t\tv1.0.0',
    ...['.', './x', '/x', 'C:\\x', 'd:/x'].flatMap((folder) => ['dep\texample.com/x\tv1.0.0', `=>\t${folder}\t`]),
  ]);
  assert.deepEqual(
    facts.map((fact) => fact.kind === 'package' && fact.package),
    [
      standard,
      { ...base, name: 'example.com/a', version: 'v1.0.0', digest: 'h1:aaa=' },
      { ...base, name: 'example.com/b', version: 'v1.0.0+incompatible' },
      {
        ...base,
        name: 'example.com/app',
        version: 'v1.0.0',
        digest: 'h1:main=',
        main: true,
        dependsOn: ['stdlib', 'example.com/a', 'example.com/b'],
      },
    ],
  );
  assert.deepEqual(problems, []);
});

test('goBinary lists the standard library of a program built without modules', () => {
  assert.deepEqual(readList([]).facts, [{ kind: 'package', package: standard }]);
});

test('goBinary leaves out and counts modules whose name cannot be one', () => {
  const { facts, problems } = readList(['dep\texample.com/\u0007a\tv1.0.0', 'dep\texample.com/b\tv1.0.0']);
  assert.equal(facts.length, 2);
  assert.deepEqual(
    problems?.map(({ code, subject }) => [code, subject]),
    [['PACKAGES_UNREADABLE', 'usr/bin/app']],
  );
});

test('goBinary finds nothing in other files', () => {
  assert.deepEqual(goBinary.read(catalogFile('usr/bin/script', '#!/bin/sh\n')).facts, []);
  assert.deepEqual(read(buildElf({ bits: 64, littleEndian: true }, [])).facts, []);
});

for (const name of ['go.elf', 'go.exe']) {
  test(`goBinary reads the real program ${name}, built by Go 1.15`, needsSharedData('binaries', name), () => {
    const { facts, problems } = read(readFileSync(sharedData('binaries', name) as string));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      facts.map((fact) => fact.kind === 'package' && `${fact.package.name} ${fact.package.version}`),
      [
        'stdlib 1.15.2',
        'github.com/aquasecurity/go-pep440-version v0.0.0-20210121094942-22b2f8951d46',
        'github.com/aquasecurity/go-version v0.0.0-20210121072130-637058cfe492',
        'golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1',
        'github.com/aquasecurity/test (devel)',
      ],
    );
  });
}
