import assert from 'node:assert/strict';
import test from 'node:test';
import { indexProviders, resolveDependencies } from './dependencies.ts';

const find = indexProviders([
  { name: 'postfix', provides: () => ['mail-transport-agent', 'exim4'] },
  { name: 'exim4', provides: () => ['mail-transport-agent'] },
  { name: 'libc6', provides: () => [] },
]);

test('resolveDependencies() names installed packages once, and never the package itself', () => {
  const cases: readonly (readonly [string, readonly (readonly string[])[], string, readonly string[]])[] = [
    ['own name before what others provide', [['exim4']], 'x', ['exim4']],
    ['first provider', [['mail-transport-agent']], 'x', ['postfix']],
    ['first installed alternative', [['missing', 'libc6', 'exim4']], 'x', ['libc6']],
    ['nothing installed', [['missing'], ['constructor']], 'x', []],
    ['itself', [['mail-transport-agent'], ['libc6']], 'postfix', ['libc6']],
    ['twice', [['libc6'], ['libc6']], 'x', ['libc6']],
  ];
  for (const [title, needs, self, expected] of cases) {
    assert.deepEqual(resolveDependencies(needs, self, find), expected, title);
  }
});
