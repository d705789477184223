import assert from 'node:assert/strict';
import test from 'node:test';
import { schemeOf, schemes } from './list.ts';

test('schemes has each id once, sorted', () => {
  const ids = schemes.map((scheme) => scheme.id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
});

test('schemeOf() gives the scheme of an OSV ecosystem', () => {
  const expected: Readonly<Record<string, string>> = {
    Alpine: 'apk',
    Wolfi: 'apk',
    Debian: 'deb',
    Ubuntu: 'deb',
    'Red Hat': 'rpm',
    'Rocky Linux': 'rpm',
    npm: 'semver',
    'crates.io': 'semver',
    PyPI: 'pep440',
    Go: 'go',
    Maven: 'maven',
    RubyGems: 'gem',
    NuGet: 'nuget',
    Packagist: 'packagist',
    Pub: 'pub',
    CRAN: 'cran',
    Hackage: 'hackage',
    Bitnami: 'bitnami',
    ConanCenter: 'generic',
  };
  const actual = Object.keys(expected).map((ecosystem) => [ecosystem, schemeOf(ecosystem)?.id]);
  assert.deepEqual(Object.fromEntries(actual), expected);
});

test('schemeOf() knows nothing of other names', () => {
  for (const ecosystem of ['', 'Debian:12', 'debian', 'Root', 'constructor', '__proto__']) {
    assert.equal(schemeOf(ecosystem), undefined, ecosystem);
  }
});
