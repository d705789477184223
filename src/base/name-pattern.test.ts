import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileGlob } from './glob.ts';
import { compilePattern, compilePatterns, matchesAny, patternLimits, type PatternSpec } from './name-pattern.ts';

test('compilePattern() matches whole names', () => {
  const cases: readonly (readonly [PatternSpec, string, boolean])[] = [
    ['v1', 'v1', true],
    ['v1', 'v12', false],
    ['v*', 'v1.2.3', true],
    ['*', 'latest', true],
    ['team/*', 'team/app', true],
    ['team/*', 'team/app/web', false],
    ['team/**', 'team/app/web', true],
    ['team/**', 'team', true],
    ['**', 'a/b/c', true],
    ['{latest,4.*}', '4.1', true],
    ['{latest,4.*}', '5.1', false],
    [{ glob: 'v[0-9]' }, 'v7', true],
    [{ wildcard: 'prod*' }, 'production-team1', true],
    [{ wildcard: '*prod*' }, 'repo-production', true],
    [{ wildcard: '*prod*' }, 'prod', true],
    [{ wildcard: 'prod' }, 'prod1', false],
    [{ wildcard: 'a*a' }, 'a', false],
    [{ wildcard: 'a*a' }, 'aa', true],
    [{ wildcard: 'a*b*c' }, 'a.b.b.c', true],
    [{ wildcard: 'a*b*bc' }, 'abc', false],
    [{ wildcard: '*' }, '', true],
    [{ wildcard: 'a*' }, 'a/b/c', true],
    [{ wildcard: 'v?.[0]' }, 'v1.0', false],
    [{ wildcard: 'v?.[0]' }, 'v?.[0]', true],
    [{ regex: 'v\\d+' }, 'v12', true],
    [{ regex: 'v\\d+' }, 'xv12', false],
    [{ regex: 'v\\d+' }, 'v12x', false],
    [{ regex: 'a|b' }, 'ab', false],
    [{ regex: '(?i)RC' }, 'rc', true],
  ];
  for (const [spec, name, matches] of cases) {
    assert.equal(compilePattern(spec).matches(name), matches, `${JSON.stringify(spec)} on ${name}`);
  }
});

test('compilePattern() refuses what it cannot read, and what is too long', () => {
  const bad: readonly PatternSpec[] = [
    '',
    { glob: '' },
    { wildcard: '' },
    { regex: '' },
    '[a',
    '{a',
    { regex: '(' },
    { regex: '(?<=a)b' },
    { regex: '\\1' },
    'x'.repeat(patternLimits.length + 1),
    { wildcard: '*'.repeat(patternLimits.length + 1) },
    { regex: 'x'.repeat(patternLimits.length + 1) },
  ];
  for (const spec of bad) {
    assert.throws(() => compilePattern(spec), { name: 'PatternError', code: 'PATTERN_INVALID' }, JSON.stringify(spec));
  }
});

test('compilePattern() never hangs', () => {
  assert.ok(!compilePattern({ regex: '(a+)+$' }).matches(`${'a'.repeat(50_000)}b`));
  const stars = compilePattern({ wildcard: `${'*a'.repeat(120)}b` });
  assert.ok(!stars.matches('a'.repeat(50_000)));
});

test('compilePatterns() bounds the list, and matchesAny() is false for none', () => {
  assert.ok(matchesAny(compilePatterns(['a', 'b']), 'b'));
  assert.ok(!matchesAny([], 'b'));
  const many = Array.from({ length: patternLimits.patterns + 1 }, () => 'a');
  assert.throws(() => compilePatterns(many), { code: 'LIMIT_EXCEEDED' });
});

test('the quick way to match a glob says what the slow one does', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', 'a*b', '**', 'a**', '');
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const name = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', ''), { maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(pattern, name, (text, value) => {
      fc.pre(text !== '');
      assert.equal(compilePattern(text).matches(value), compileGlob(text).matches(value), `${text} on ${value}`);
    }),
    { numRuns: 3000 },
  );
});

test('a wildcard matches what the same expression does', () => {
  const letter = fc.constantFrom('a', 'b', '.', '*');
  const pattern = fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join(''));
  const name = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(pattern, name, (text, value) => {
      const expression = new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      assert.equal(compilePattern({ wildcard: text }).matches(value), expression.test(value));
    }),
    { numRuns: 500 },
  );
});
