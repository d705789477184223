import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseSemverRange } from './range.ts';
import { compareSemver, parseSemver, type Semver } from './semver.ts';

test('versions are ordered as the specification says', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
  ];
  const all = [...ordered, '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'].map((text) => parseSemver(text) as Semver);
  for (const [at, left] of all.entries()) {
    for (const [other, right] of all.entries())
      assert.equal(Math.sign(compareSemver(left, right)), Math.sign(at - other));
  }
  assert.equal(compareSemver(parseSemver('1.0.0+a') as Semver, parseSemver('1.0.0+b') as Semver), 0);
});

for (const text of [
  '',
  '1',
  '1.0',
  '01.0.0',
  '1.0.0-',
  '1.0.0-01',
  'v1.0.0',
  '1.0.0+',
  '1.0.0 ',
  '1.0.0-a..b',
  '1.0.0.0',
]) {
  test(`${JSON.stringify(text)} is no version`, () => assert.equal(parseSemver(text), undefined));
}

const ranges: readonly (readonly [range: string, within: readonly string[], without: readonly string[]])[] = [
  ['1.2.3', ['1.2.3', '1.2.3+b'], ['1.2.4', '1.2.3-a']],
  ['=1.2.3', ['1.2.3'], ['1.2.4']],
  ['!1.2.3', ['1.2.4'], ['1.2.3']],
  ['!= 1.2.3', ['1.2.4'], ['1.2.3']],
  ['>1.0.0 <2.0.0', ['1.0.1', '1.9.9'], ['1.0.0', '2.0.0']],
  ['>=1.0.0 <=2.0.0', ['1.0.0', '2.0.0'], ['0.9.0', '2.0.1']],
  ['>= 1.0.0  <= 2.0.0', ['1.0.0', '2.0.0'], ['0.9.0', '2.0.1']],
  ['<1.0.0 || >=3.0.0', ['0.1.0', '3.0.0'], ['2.0.0']],
  ['1.x', ['1.0.0', '1.9.9'], ['0.9.0', '2.0.0']],
  ['1.2.x || 3.x.x', ['1.2.9', '3.4.5'], ['1.3.0', '2.0.0']],
  ['>1.2.x', ['1.3.0'], ['1.2.9']],
  ['>=1.2.x', ['1.2.0'], ['1.1.9']],
  ['<1.2.x', ['1.1.9'], ['1.2.0']],
  ['<=1.2.x', ['1.2.9'], ['1.3.0']],
  ['!1.2.x', ['1.3.0', '1.1.0'], ['1.2.5']],
  ['>1.0.0 !1.5.0', ['1.4.0', '1.6.0'], ['1.5.0', '1.0.0']],
];

for (const [range, within, without] of ranges) {
  test(`the range ${range}`, () => {
    const found = parseSemverRange(range);
    for (const text of within) assert.equal(found?.(parseSemver(text) as Semver), true, text);
    for (const text of without) assert.equal(found?.(parseSemver(text) as Semver), false, text);
  });
}

for (const text of [
  '',
  ' ',
  '||',
  '1.0.0 ||',
  'a',
  '>',
  '>>1.0.0',
  '1.0',
  '^1.0.0',
  '~1.0.0',
  '1.x.1',
  '1.0.0 - 2.0.0',
  '> =1.0.0 x',
]) {
  test(`${JSON.stringify(text)} is no range`, () => assert.equal(parseSemverRange(text), undefined));
}

test('any text is a range or none', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('0123.x*<>=!| -a')) }),
      (text) => void parseSemverRange(text),
    ),
  );
});
