import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parseRelease } from './parse.ts';

const temurin =
  'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_RUNTIME_VERSION="17.0.9+9"\nJAVA_VERSION="17.0.9"\nIMAGE_TYPE="JRE"\n';

function parse(text: string): ReturnType<typeof parseRelease> {
  return parseRelease(Buffer.from(text));
}

test('parseRelease() reads vendor and version', () => {
  assert.deepEqual(parse(temurin), {
    type: 'generic',
    name: 'temurin',
    version: '17.0.9+9',
    licenses: [],
    maintainer: 'Eclipse Adoptium',
    cataloger: 'jvm-release',
  });
});

const releases: readonly (readonly [string, string, readonly [string, string] | undefined])[] = [
  [
    'Debian',
    'IMPLEMENTOR="Debian"\nJAVA_RUNTIME_VERSION="17.0.9+9-Debian-1deb12u1"\nJAVA_VERSION="17.0.9"',
    ['openjdk', '17.0.9+9-Debian-1deb12u1'],
  ],
  [
    'Java 8',
    'JAVA_VERSION="1.8.0_392"\nOS_NAME="Linux"\nOS_ARCH="amd64"\nBUILD_TYPE="commercial"',
    ['oracle-jdk', '1.8.0_392'],
  ],
  ['a jlink image', 'JAVA_VERSION="21.0.1"\nMODULES="java.base java.logging"', ['openjdk', '21.0.1']],
  ['GraalVM', 'IMPLEMENTOR="Oracle Corporation"\nJAVA_VERSION="17.0.9"\nGRAALVM_VERSION="23.0"', ['graalvm', '17.0.9']],
  ['Corretto', 'IMPLEMENTOR="Amazon.com Inc."\nJAVA_VERSION="11.0.21"', ['corretto', '11.0.21']],
  ['Zulu', 'IMPLEMENTOR="Azul Systems, Inc."\nJAVA_VERSION="11.0.21"', ['zulu', '11.0.21']],
  ['Liberica', 'IMPLEMENTOR="BellSoft"\nJAVA_VERSION="11.0.21"', ['liberica', '11.0.21']],
  [
    'Semeru',
    'IMPLEMENTOR="International Business Machines Corporation"\nJAVA_VERSION="11.0.21"',
    ['semeru', '11.0.21'],
  ],
  ['SapMachine', 'IMPLEMENTOR="SAP SE"\nJAVA_VERSION="11.0.21"', ['sapmachine', '11.0.21']],
  ['bare values and CRLF', 'JAVA_VERSION=11.0.21\r\nIMAGE_TYPE=JDK\r\n', ['openjdk', '11.0.21']],
  ['an empty runtime version', 'JAVA_VERSION="11.0.21"\nJAVA_RUNTIME_VERSION=""\n', ['openjdk', '11.0.21']],
  ['an empty version', 'JAVA_VERSION=""\nIMAGE_TYPE="JDK"', undefined],
  ['a version alone', 'JAVA_VERSION="11.0.21"', undefined],
  ['another release file', 'NAME="Some Linux"\nVERSION_ID="1"', undefined],
  ['bytes', '\u0000\u0001ELF', undefined],
];

for (const [what, text, expected] of releases) {
  test(`parseRelease() reads ${what}`, () => {
    const found = parse(text);
    assert.deepEqual(found === undefined ? undefined : [found.name, found.version], expected);
  });
}

test('parseRelease() names no vendor where the file has none', () => {
  assert.equal(parse('JAVA_VERSION="11.0.21"\nIMPLEMENTOR="N/A"')?.maintainer, undefined);
});

test('parseRelease() refuses a version with control characters', () => {
  assert.throws(
    () => parse('JAVA_VERSION="11\u001B[2J"\nIMAGE_TYPE="JDK"'),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('parseRelease() survives hostile bytes', () => {
  assertSurvives([temurin], parseRelease, (found) => assert.ok(found === undefined || found.version !== ''));
});
