import assert from 'node:assert/strict';
import test from 'node:test';
import type { Package } from '../../package/package.ts';
import { schemeOf } from '../../version/list.ts';
import { go } from './go.ts';
import { languageRuleOf, languageRules } from './list.ts';

const versions: readonly (readonly [string, string, boolean, string | undefined])[] = [
  ['stdlib', 'go1.21.3', false, 'go1.21.3'],
  ['stdlib', '1.21.3', false, 'go1.21.3'],
  ['stdlib', 'go1.21', false, 'go1.21'],
  ['stdlib', 'go1.21rc2', false, 'go1.21rc2'],
  ['stdlib', 'v1.21.0-rc.2', false, 'go1.21.0rc2'],
  ['stdlib', 'go1.21.3 X:nocoverageredesign', false, 'go1.21.3'],
  ['stdlib', 'go1.22.1-vendor.4', false, 'go1.22.1'],
  ['stdlib', 'devel go1.23-abc', false, undefined],
  ['stdlib', 'go1.2.3.4', false, undefined],
  ['toolchain', 'go1.21.3', false, 'go1.21.3'],
  ['example.org/a', 'v1.2.3', false, 'v1.2.3'],
  ['example.org/a', 'v1.2.3', true, 'v1.2.3'],
  ['example.org/a', '(devel)', false, undefined],
  ['example.org/a', '(devel)', true, undefined],
  ['example.org/a', '', true, undefined],
  ['example.org/a', 'v0.0.0-20210101000000-abcdefabcdef', true, undefined],
  ['example.org/a', 'v0.0.0-20210101000000-abcdefabcdef', false, 'v0.0.0-20210101000000-abcdefabcdef'],
];

for (const [name, version, main, expected] of versions) {
  test(`version() of Go's ${main ? 'main ' : ''}${name} ${version} is ${expected}`, () => {
    const pkg: Package = { type: 'golang', name, version, licenses: [], cataloger: 'test', main };
    assert.equal(go.version?.(pkg), expected);
    if (expected !== undefined) assert.ok(schemeOf('Go')?.isValid(expected));
  });
}

test('languageRules speak of ecosystems whose versions can be compared, each type once', () => {
  for (const { ecosystem, type } of languageRules) {
    assert.ok(schemeOf(ecosystem) !== undefined, ecosystem);
    assert.equal(languageRuleOf(type)?.ecosystem, ecosystem);
  }
  assert.equal(languageRuleOf('generic'), undefined);
});
