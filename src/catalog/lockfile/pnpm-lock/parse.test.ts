import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parsePnpmLock } from './parse.ts';

const fifth = `lockfileVersion: 5.4

specifiers:
  '@s/a': ^1.0.0

dependencies:
  '@s/a': 1.0.0_b@2.0.0

devDependencies:
  tool: 1.10.0

packages:

  /@s/a/1.0.0_b@2.0.0:
    resolution: {integrity: sha512-x}
    dependencies:
      b: 2.0.0
    dev: false

  /b/2.0.0:
    resolution: {integrity: sha512-x}
    dev: false

  /tool/1.10.0:
    resolution: {integrity: sha512-x}
    dev: true
`;

const sixth = `lockfileVersion: '6.0'

importers:
  .:
    dependencies:
      '@s/a':
        specifier: ^1.0.0
        version: 1.0.0(b@2.0.0)
      archive:
        specifier: https://example.org/x.tgz
        version: '@example.org/x.tgz'
  packages/web:
    dependencies:
      app:
        specifier: workspace:*
        version: link:../..

packages:

  '@example.org/x.tgz':
    resolution: {tarball: https://example.org/x.tgz}
    name: archive
    version: 0.1.0
    dev: false

  /@s/a@1.0.0(b@2.0.0):
    resolution: {integrity: sha512-x}
    peerDependencies:
      b: '*'
    dependencies:
      b: 2.0.0
    dev: false

  /b@2.0.0:
    resolution: {integrity: sha512-x}
    deprecated: |-
      do not use
        'b@9.9.9':
    dev: false
`;

const ninth = `lockfileVersion: '9.0'

importers:
  .:
    dependencies:
      '@s/a':
        specifier: ^1.0.0
        version: 1.0.0(b@2.0.0)
      alias:
        specifier: npm:real@1
        version: real@1.0.0
    devDependencies:
      tool:
        specifier: '1'
        version: 1.10.0

packages:

  '@s/a@1.0.0':
    resolution: {integrity: sha512-x}

  b@2.0.0:
    resolution: {integrity: sha512-x}

  real@1.0.0:
    resolution: {integrity: sha512-x}

  tool@1.10.0:
    resolution: {integrity: sha512-x}

snapshots:

  '@s/a@1.0.0(b@2.0.0)':
    dependencies:
      b: 2.0.0

  b@2.0.0: {}

  real@1.0.0: {}

  tool@1.10.0:
    dependencies:
      b: 2.0.0
`;

const versions = [
  [5, fifth, ['@s/a@1.0.0 direct 14-18 > b@2.0.0', 'b@2.0.0 indirect 20-22', 'tool@1.10.0 direct dev 24-26']],
  [6, sixth, ['@s/a@1.0.0 direct 26-32 > b@2.0.0', 'archive@0.1.0 direct 20-24', 'b@2.0.0 indirect 34-39']],
  [
    9,
    ninth,
    [
      '@s/a@1.0.0 direct 19-20 > b@2.0.0',
      'b@2.0.0 indirect 22-23',
      'real@1.0.0 direct 25-26',
      'tool@1.10.0 direct dev 28-29 > b@2.0.0',
    ],
  ],
] as const;

for (const [version, text, expected] of versions) {
  test(`parsePnpmLock() reads version ${version}`, () => {
    assert.deepEqual(linesOfReading(parsePnpmLock(Buffer.from(text))), expected);
  });
}

test('parsePnpmLock() passes over the document of what pnpm itself needs', () => {
  const own = `---\nlockfileVersion: '9.0'\npackages:\n  pnpm@10.0.0: {}\nsnapshots:\n  pnpm@10.0.0: {}\n---\n${ninth}`;
  assert.deepEqual(
    linesOfReading(parsePnpmLock(Buffer.from(own))).map((line) => line.split(' ', 1)[0]),
    ['@s/a@1.0.0', 'b@2.0.0', 'real@1.0.0', 'tool@1.10.0'],
  );
});

test('parsePnpmLock() refuses what is no mapping, and aliases', () => {
  for (const text of ['- a\n', 'a: [\n', `a: &x [1]\nb: *x\n`, `a: ${'['.repeat(100)}\n`]) {
    assert.throws(() => parsePnpmLock(Buffer.from(text)), { code: 'MALFORMED' });
  }
});

test('parsePnpmLock() survives hostile bytes', () => {
  assertSurvives([fifth, sixth, ninth], parsePnpmLock);
});
