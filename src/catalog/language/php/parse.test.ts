import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parseInstalledJson, type InstalledPackages } from './parse.ts';

function parse(document: unknown): InstalledPackages {
  return parseInstalledJson(Buffer.from(JSON.stringify(document)));
}

const console_ = {
  name: 'symfony/console',
  version: 'v6.4.1',
  version_normalized: '6.4.1.0',
  source: {
    type: 'git',
    url: 'https://github.com/symfony/console.git',
    reference: 'a550a7c99daeedef3f9d23fb82e3531525ff11fd',
  },
  dist: { type: 'zip', url: 'https://example.org/console.zip', shasum: '' },
  require: { php: '>=8.1', 'ext-json': '*', 'psr/log': '^1|^2|^3', 'symfony/absent': '*' },
  license: ['MIT'],
};
const log = {
  name: 'psr/log',
  version: '3.0.0',
  dist: { shasum: 'FE5EA303B0887D5CAEFD3D431C3E61AD47037001' },
  license: 'MIT',
};

const expected = [
  {
    type: 'composer',
    name: 'symfony/console',
    version: 'v6.4.1',
    licenses: ['MIT'],
    cataloger: 'composer',
    dependsOn: ['psr/log'],
  },
  {
    type: 'composer',
    name: 'psr/log',
    version: '3.0.0',
    licenses: ['MIT'],
    cataloger: 'composer',
    digest: 'sha1:fe5ea303b0887d5caefd3d431c3e61ad47037001',
  },
];

test('parseInstalledJson() reads the list of Composer 1', () => {
  assert.deepEqual(parse([console_, log]), { packages: expected, unusable: 0 });
});

test('parseInstalledJson() reads the object of Composer 2, packages for development included', () => {
  const document = { packages: [console_, log], dev: true, 'dev-package-names': ['psr/log'] };
  assert.deepEqual(parse(document), { packages: expected, unusable: 0 });
});

const sources: readonly (readonly [string, string, object, string | undefined])[] = [
  [
    'a branch',
    'dev-main',
    { type: 'git', url: 'https://example.org/a.git', reference: 'a550a7c' },
    'git+https://example.org/a.git@a550a7c',
  ],
  [
    'a numbered branch',
    '2.x-dev',
    { type: 'git', url: 'https://example.org/a.git', reference: 'a550a7c' },
    'git+https://example.org/a.git@a550a7c',
  ],
  ['a release', '2.0.0', { type: 'git', url: 'https://example.org/a.git', reference: 'a550a7c' }, undefined],
  [
    'an address with a password',
    'dev-main',
    { type: 'git', url: 'https://u:p@example.org/a.git', reference: 'a550a7c' },
    undefined,
  ],
  ['a local path', 'dev-main', { type: 'git', url: '/src/a', reference: 'a550a7c' }, undefined],
  ['another system', 'dev-main', { type: 'hg', url: 'https://example.org/a', reference: 'a550a7c' }, undefined],
  ['no reference', 'dev-main', { type: 'git', url: 'https://example.org/a.git' }, undefined],
];

for (const [what, version, source, vcsUrl] of sources) {
  test(`parseInstalledJson() ${vcsUrl === undefined ? 'keeps no' : 'keeps the'} commit of ${what}`, () => {
    assert.equal(parse([{ name: 'a/b', version, source }]).packages[0]?.qualifiers?.['vcs_url'], vcsUrl);
  });
}

test('parseInstalledJson() counts what cannot be used and passes over what has no version', () => {
  const entries = [
    log,
    { name: 'a/b' },
    { name: '', version: '1' },
    { name: 7, version: '1' },
    'text',
    null,
    { name: 'a/b', version: ['1'] },
  ];
  const { packages, unusable } = parse(entries);
  assert.deepEqual([packages.length, unusable], [1, 4]);
});

test('parseInstalledJson() keeps the package whatever its other fields hold', () => {
  const odd = { license: { a: 1 }, dist: [], source: 'git', require: ['a/b'] };
  assert.deepEqual(parse([{ name: 'a/b', version: '1', ...odd }]).packages, [
    { type: 'composer', name: 'a/b', version: '1', licenses: [], cataloger: 'composer' },
  ]);
});

for (const document of [{}, { packages: {} }, 'text', 1, null]) {
  test(`parseInstalledJson() refuses ${JSON.stringify(document)}`, () => {
    assert.throws(
      () => parse(document),
      (error) => error instanceof CatalogError && error.code === 'MALFORMED',
    );
  });
}

test('parseInstalledJson() survives hostile bytes', () => {
  assertSurvives(
    [JSON.stringify([console_, log]), JSON.stringify({ packages: [console_] })],
    parseInstalledJson,
    ({ packages }) => {
      for (const { name, version } of packages) assert.ok(name !== '' && version !== '');
    },
  );
});
