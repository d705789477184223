import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { compileGlob } from './glob.ts';

const matches: readonly (readonly [glob: string, path: string, matches: boolean])[] = [
  ['a/b', 'a/b', true],
  ['a/b', 'a/bc', false],
  ['a/b', 'x/a/b', false],
  ['*', 'a', true],
  ['*', 'a/b', false],
  ['*.jar', '.jar', true],
  ['*.jar', 'a.jar', true],
  ['*.jar', 'a.jar.txt', false],
  ['a*b*c', 'axxbxxc', true],
  ['a*b*c', 'axxbxx', false],
  ['?', 'ü', true],
  ['?', '', false],
  ['**', 'a/b/c', true],
  ['**/*.jar', 'a.jar', true],
  ['**/*.jar', 'opt/.cache/x.jar', true],
  ['a/**', 'a/b/c', true],
  ['a/**/c', 'a/c', true],
  ['a/**/c', 'a/b/b/c', true],
  ['a/**/c', 'a/b/cc', false],
  ['**/b/**/d', 'a/b/c/b/x/d', true],
  ['[abc]', 'b', true],
  ['[!abc]', 'b', false],
  ['[a-c]x', 'bx', true],
  ['[]]', ']', true],
  ['[', '[', true],
  ['{a,b/c}/d', 'b/c/d', true],
  ['{a,b}{c,d}', 'bd', true],
  ['{a,{b,c}}', 'c', true],
  ['{a', '{a', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['A', 'a', false],
  ['a.b', 'axb', false],
];

for (const [glob, path, expected] of matches) {
  test(`compileGlob('${glob}') ${expected ? 'takes' : 'refuses'} '${path}'`, () =>
    assert.equal(compileGlob(glob)(path), expected));
}

test('compileGlob() agrees with the host where names have no dot in front', () => {
  const part = fc.stringMatching(/^[ab]{1,3}$/);
  const globPart = fc.oneof(
    fc.stringMatching(/^[ab*?]{1,4}$/).filter((one) => !one.includes('**')),
    fc.constant('**'),
  );
  const globs = fc.array(globPart, { minLength: 1, maxLength: 4 }).filter((parts) => parts.at(-1) !== '**');
  fc.assert(
    fc.property(globs, fc.array(part, { minLength: 1, maxLength: 5 }), (glob, path) => {
      assert.equal(compileGlob(glob.join('/'))(path.join('/')), posix.matchesGlob(path.join('/'), glob.join('/')));
    }),
    { numRuns: 1000 },
  );
});

test('compileGlob() takes no more than a moment for what sends others searching for ever', () => {
  assert.equal(compileGlob('*a*a*a*a*a*a*a*b')('a'.repeat(5000)), false);
  assert.equal(compileGlob('**/a/**/a/**/a/**/a/**/b')('a/'.repeat(500)), false);
  assert.equal(compileGlob('{a,b}'.repeat(30))('a'), false);
});
