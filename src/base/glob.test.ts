import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { compileGlob } from './glob.ts';
import { GlobError } from './glob-syntax.ts';

const table: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
  ['', '', true],
  ['usr/bin/tool', 'usr/bin/tool', true],
  ['usr/bin/tool', 'usr/bin/tools', false],
  ['usr/bin/*', 'usr/bin/tool', true],
  ['usr/bin/*', 'usr/bin/a/tool', false],
  ['usr/bin/*', 'usr/bin/.hidden', true],
  ['usr/b*n/t?ol', 'usr/bin/tool', true],
  ['?', '💧', true],
  ['a?c', 'a/c', false],
  ['**', 'a/b/c', true],
  ['**', '', true],
  ['**/package.json', 'package.json', true],
  ['**/package.json', 'a/b/package.json', true],
  ['**/package.json', '/package.json', true],
  ['a/**', 'a', true],
  ['a/**', 'a/b/c', true],
  ['a/**', 'ab', false],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/z/c/z', true],
  ['a/**/z', 'a/b/c', false],
  ['a/**/b/**/c', 'a/x/b/y/b/c', true],
  ['a**c', 'abc', true],
  ['a**c', 'a/c', false],
  ['*.jar', 'app.jar', true],
  ['**/*.{jar,war}', 'srv/app.war', true],
  ['**/*.{jar,war}', 'srv/app.ear', false],
  ['{a,b{c,d}}/x', 'bd/x', true],
  ['{a/b,c}/x', 'a/b/x', true],
  ['a{,b}', 'a', true],
  ['[ab]', 'b', true],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', 'dx', false],
  ['[^a-c]x', 'dx', true],
  ['[!a-c]x', 'bx', false],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  [String.raw`[\]]`, ']', true],
  [String.raw`[a\-c]`, 'b', false],
  ['[{,}]', '{', true],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'a', false],
  [String.raw`\{a,b\}`, '{a,b}', true],
  ['A', 'a', false],
  ['Node.js', 'Node.js', true],
  ['Node.js', 'Node-js', false],
  ['debian:12 (debian 12.5)', 'debian:12 (debian 12.5)', true],
];

for (const [pattern, path, expected] of table) {
  test(`compileGlob() finds that "${pattern}" ${expected ? 'matches' : 'does not match'} "${path}"`, () => {
    assert.equal(compileGlob(pattern).matches(path), expected);
  });
}

for (const pattern of ['[a', '[]', '[^', '{a', '{a,{b}', 'a}', '[c-a]', '\\', '{1,2}'.repeat(9), 'a'.repeat(1001)]) {
  test(`compileGlob() refuses ${JSON.stringify(pattern.slice(0, 50))}`, () => {
    assert.throws(() => compileGlob(pattern), { name: 'GlobError', code: 'GLOB_INVALID' });
  });
}

test('compileGlob() takes any text, and what it makes takes any path', () => {
  const piece = fc.constantFrom(
    '*',
    '**',
    '?',
    '[',
    ']',
    '{',
    '}',
    ',',
    '/',
    '\\',
    '-',
    '!',
    '^',
    'a',
    'b',
    '\ud800',
    '💧',
  );
  const pattern = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(
      pattern,
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text, path) => {
        try {
          assert.equal(typeof compileGlob(text).matches(path), 'boolean');
        } catch (error) {
          assert.ok(error instanceof GlobError);
        }
      },
    ),
  );
});

test('compileGlob() matches a text that is escaped, and it only', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(part, part, (path, other) => {
      const glob = compileGlob(path.replaceAll(/[*?[\]{}\\,^!-]/g, (character) => `\\${character}`));
      assert.equal(glob.matches(path), true);
      assert.equal(glob.matches(other), other === path);
    }),
  );
});

test('compileGlob() makes many stars cost no more than a product of lengths', () => {
  // A matcher that goes back to every star would not end.
  const glob = compileGlob(`${'*a'.repeat(200)}b`);
  assert.equal(glob.matches('a'.repeat(5000)), false);
  assert.equal(compileGlob(`${'**/a/'.repeat(150)}b`).matches('a/'.repeat(3000)), false);
});

test('compileGlob() agrees with the host where names have no dot in front', () => {
  const part = fc.stringMatching(/^[ab]{1,3}$/);
  const globPart = fc.oneof(
    fc.stringMatching(/^[ab*?]{1,4}$/).filter((one) => !one.includes('**')),
    fc.constant('**'),
  );
  const globs = fc.array(globPart, { minLength: 1, maxLength: 4 }).filter((parts) => parts.at(-1) !== '**');
  fc.assert(
    fc.property(globs, fc.array(part, { minLength: 1, maxLength: 5 }), (glob, path) => {
      const [pattern, text] = [glob.join('/'), path.join('/')];
      assert.equal(compileGlob(pattern).matches(text), posix.matchesGlob(text, pattern));
    }),
    { numRuns: 1000 },
  );
});
