import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileGlob } from '../../base/glob.ts';
import { compileRepositories, maskOf } from './compile-repositories.ts';

test('the quick ways of matching mean what the globs mean', () => {
  const parts = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '?', '[ab]', '{a,b}');
  const patterns = fc.array(parts, { minLength: 1, maxLength: 4 }).map((list) => list.join('/'));
  const names = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 4 })
    .map((list) => list.join('/'));
  fc.assert(
    fc.property(patterns, names, (pattern, name) => {
      const compiled = compileRepositories({ repositories: [pattern], actions: ['pull'] }, 'it');
      assert.equal(compiled(name) !== 0, compileGlob(pattern).matches(name), `${pattern} ${name}`);
    }),
    { numRuns: 3000 },
  );
});

test('maskOf() gives each action its bit', () => {
  assert.deepEqual([maskOf([]), maskOf(['pull']), maskOf(['push', 'list']), maskOf(['*'])], [0, 1, 10, 15]);
});
