import assert from 'node:assert/strict';
import test from 'node:test';
import { packageKey } from './package-key.ts';
import { shardKey } from './shard-key.ts';

test('shardKey() names shards for people, each once', () => {
  const taken = new Set(['kev']);
  const places: readonly (readonly [string, string])[] = [
    ['Debian', '12'],
    ['Alpine', 'v3.19'],
    ['npm', ''],
    ['crates.io', ''],
    ['Ubuntu', 'Pro:16.04:LTS'],
    ['Ubuntu', 'Pro-16.04-LTS'],
    ['kev', ''],
  ];
  assert.deepEqual(
    places.map(([ecosystem, release]) => shardKey(ecosystem, release, taken)),
    ['debian-12', 'alpine-v3.19', 'npm', 'crates.io', 'ubuntu-pro-16.04-lts', 'ubuntu-pro-16.04-lts-2', 'kev-2'],
  );
});

const names: readonly (readonly [string, string, string])[] = [
  ['PyPI', 'Zope.Interface__X', 'zope-interface-x'],
  ['NuGet', 'Newtonsoft.Json', 'newtonsoft.json'],
  ['Packagist', 'Symfony/Http', 'symfony/http'],
  ['Go', 'github.com/A/b', 'github.com/A/b'],
  ['npm', 'JSONStream', 'JSONStream'],
  ['Debian', 'libX', 'libX'],
];

for (const [ecosystem, name, key] of names) {
  test(`packageKey() writes ${name} of ${ecosystem} as ${key}`, () => {
    assert.equal(packageKey(ecosystem, name), key);
  });
}
