import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileReferenceGlob } from './glob.ts';

function matches(glob: string, name: string): boolean {
  const compiled = compileReferenceGlob(glob);
  assert.ok(typeof compiled !== 'string', compiled.toString());
  return compiled(name);
}

for (const [glob, name, answer] of [
  ['ghcr.io/*', 'ghcr.io/org/app:1', true],
  ['ghcr.io/*', 'ghcrXio/org/app', false],
  ['ghcr.io/**/app:*', 'ghcr.io/a/b/app:1', true],
  ['*/app', 'evil.io/x/app', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[abc]x', 'bx', true],
  ['[!abc]x', 'bx', false],
  ['[a-c]x', 'bx', true],
  ['[a-c]x', '-x', false],
  ['{ghcr.io,quay.io}/*', 'quay.io/a', true],
  ['{ghcr.io,quay.io}/*', 'docker.io/a', false],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a,b', 'a,b', true],
  ['(a|b)', 'a', false],
] as const) {
  test(`a pattern of references: ${glob} ${answer ? 'matches' : 'does not match'} ${name}`, () => {
    assert.equal(matches(glob, name), answer);
  });
}

for (const glob of ['', '[ab', '[]', '{a', 'a}', '{{a}}', '[c-a]', 'x'.repeat(2000)]) {
  test(`a pattern of references is refused: ${JSON.stringify(glob.slice(0, 10))}`, () => {
    assert.equal(typeof compileReferenceGlob(glob), 'string');
  });
}

test('a pattern of references is read or refused whatever it is, and texts match themselves', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (glob, name) => {
      const compiled = compileReferenceGlob(glob);
      if (typeof compiled !== 'string') compiled(name);
      const plain = name.replaceAll(/[*?[\]{}\\]/g, '');
      if (plain !== '' && plain.length < 1000) assert.equal(matches(plain, plain), true);
    }),
    { numRuns: 500 },
  );
});

test('a pattern of references with very many stars is no more work than one with few', () => {
  assert.equal(matches(`${'*a'.repeat(300)}b`, 'a'.repeat(1000)), false);
});
