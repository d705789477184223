import assert from 'node:assert/strict';
import test from 'node:test';
import { compileSkipRules, skipNothing, type SkipRules } from './skip-rules.ts';

const rules: readonly (readonly [Partial<SkipRules>, string, boolean])[] = [
  [{}, 'a/b', false],
  [{ files: ['a/b'] }, 'a/b', true],
  [{ files: ['/a/b'] }, 'a/b', true],
  [{ files: ['./a//b'] }, 'a/b', true],
  [{ files: ['a'] }, 'a/b', false],
  [{ files: ['**/*.jar'] }, 'x/y/z.jar', true],
  [{ directories: ['a'] }, 'a/b', true],
  [{ directories: ['/a/'] }, 'a/b/c', true],
  [{ directories: ['./a/./b/'] }, 'a/b/c', true],
  [{ directories: ['./'] }, 'a/b', false],
  [{ directories: ['a'] }, 'a', false],
  [{ directories: ['a'] }, 'ab/c', false],
  [{ directories: ['b'] }, 'a/b/c', false],
  [{ directories: ['**/node_modules'] }, 'srv/.hidden/node_modules/x/package.json', true],
  [{ directories: ['**/node_modules'] }, 'srv/node_modules.txt', false],
  [{ directories: ['a/*'] }, 'a/b', false],
  [{ directories: ['a/*'] }, 'a/b/c/d', true],
  [{ directories: ['/'] }, 'a/b', false],
];

for (const [rule, path, skipped] of rules) {
  test(`compileSkipRules(${JSON.stringify(rule)}) ${skipped ? 'skips' : 'keeps'} ${path}`, () => {
    const test = compileSkipRules({ ...skipNothing, ...rule });
    for (let turn = 0; turn < 2; turn += 1) assert.equal(test.file(path), skipped);
  });
}

test('compileSkipRules() tells folders whose contents need no look', () => {
  const { folder } = compileSkipRules({ directories: ['a/b'], files: [] });
  assert.deepEqual(
    ['a/b/c', 'a', 'a/b', 'b', 'a/bb'].map((path) => folder(path)),
    [true, false, true, false, false],
  );
});

test('compileSkipRules() takes paths of any depth', () => {
  assert.equal(compileSkipRules({ directories: ['x'], files: [] }).file('d/'.repeat(5_000)), false);
});
