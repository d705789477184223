import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Access, actions, formatAccess, isRepositoryName, parseScopes, unite } from './access.ts';
import { isRegistryAuthError } from './error.ts';
import { authLimits } from './limits.ts';

const cases: readonly (readonly [scopes: readonly string[], read: readonly string[]])[] = [
  [[], []],
  [[''], []],
  [['repository:app:pull'], ['repository:app:pull']],
  [['repository:team/app:pull,push'], ['repository:team/app:pull,push']],
  [['repository:team/app:push,pull,push'], ['repository:team/app:pull,push']],
  [['repository:a:pull repository:b:push'], ['repository:a:pull', 'repository:b:push']],
  [['repository:a:pull', 'repository:a:delete'], ['repository:a:pull,delete']],
  [['repository:a:pull  repository:a:push'], ['repository:a:pull,push']],
  [['repository:a:*'], ['repository:a:pull,push,delete,list']],
  [['repository:a:list'], ['repository:a:list']],
  // The first colon ends the type and the last begins the actions: names may hold a port.
  [['repository:reg.example.com:5000/team/app:pull'], ['repository:reg.example.com:5000/team/app:pull']],
  [['repository(plugin):team/app:pull'], ['repository:team/app:pull']],
  [['registry:catalog:*'], ['registry:catalog:*']],
  [['registry:catalog:* registry:catalog:*'], ['registry:catalog:*']],
  // Unknown types, names and actions are left out.
  [['registry:catalog:pull'], []],
  [['registry:other:*'], []],
  [['repository:a:pull,fly'], ['repository:a:pull']],
  [['repository:a:fly'], []],
  [['repository:a:PULL'], []],
  [['repository:a:'], []],
  [['artifact:a:pull repository:a:pull'], ['repository:a:pull']],
  // So is what breaks the grammar.
  [['repository:a', 'repository', ':', '::', ':a:pull', 'aws', 'repository::pull'], []],
  [['Repository:a:pull', 'repository(:a:pull', 'repository(plugin:a:pull', 'repository(p)x:a:pull'], []],
  [['repository:../etc:pull', 'repository:/a:pull', 'repository:a/:pull', 'repository:a//b:pull'], []],
  [['repository:A:pull', 'repository:a b:pull', 'repository:**:pull', 'repository:a"b:pull'], []],
  [['repository:a:5000:pull', 'repository:a\tb:pull', 'repository:a\r\nb:pull'], []],
];

test('parseScopes() reads what clients ask for and leaves out the rest', () => {
  for (const [scopes, read] of cases) {
    assert.deepEqual(parseScopes(scopes).map(formatAccess), read, JSON.stringify(scopes));
  }
});

test('parseScopes() refuses more than one token may name', () => {
  const many = (count: number): string =>
    Array.from({ length: count }, (_, index) => `repository:r${index}:pull`).join(' ');
  assert.equal(parseScopes([many(authLimits.accesses)]).length, authLimits.accesses);
  const tooMuch = (error: unknown): boolean => isRegistryAuthError(error, 'SCOPE_INVALID');
  assert.throws(() => parseScopes([many(authLimits.accesses + 1)]), tooMuch);
  assert.throws(() => parseScopes(['x'.repeat(authLimits.scopeLength + 1)]), tooMuch);
  assert.throws(() => parseScopes(Array.from({ length: authLimits.scopeLength + 2 }, () => '')), tooMuch);
  assert.throws(() => parseScopes([`repository:${'x'.repeat(10_000_000)}:pull`]), tooMuch);
});

test('isRepositoryName() knows the grammar of names', () => {
  for (const name of ['a', 'a/b', 'a-b_c.d/e__f', 'x--y', 'localhost:5000/a', 'quay.io/a/b', `a/${'b'.repeat(253)}`]) {
    assert.ok(isRepositoryName(name), name);
  }
  const bad = ['', '/', 'a/', '/a', 'a//b', '.', '..', 'a/..', '-a', 'a_', 'a___b', 'Ab', 'a:b', 'a:5000', 'é', 'a\0'];
  for (const name of [...bad, 'a'.repeat(256), 'a/b:5000/c', ':5000/a']) {
    assert.equal(isRepositoryName(name), false, name);
  }
});

const names = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const accesses: fc.Arbitrary<Access> = fc.oneof(
  fc.record(
    {
      type: fc.constant('repository' as const),
      name: names,
      actions: fc.subarray([...actions], { minLength: 1 }),
    },
    { noNullPrototype: true },
  ),
  fc.constant({ type: 'registry', name: 'catalog', actions: ['list'] } as const),
);

test('parseScopes() gives back what formatAccess() wrote', () => {
  fc.assert(
    fc.property(fc.array(accesses, { maxLength: 8 }), fc.boolean(), (list, joined) => {
      const scopes = list.map(formatAccess);
      assert.deepEqual(parseScopes(joined ? [scopes.join(' ')] : scopes), unite(list));
    }),
  );
});

test('parseScopes() takes any text, and gives nothing twice', () => {
  const pieces = fc.constantFrom(
    'repository',
    'registry',
    'catalog',
    ':',
    ',',
    '*',
    'pull',
    'a',
    '/',
    ' ',
    '(',
    ')',
    '"',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 4 }), (scopes) => {
      const read = parseScopes(scopes);
      const written = read.map(formatAccess);
      assert.equal(new Set(read.map(({ type, name }) => `${type}:${name}`)).size, read.length);
      for (const scope of written) assert.match(scope, /^[!-~]+$/);
      assert.deepEqual(parseScopes(written), read);
    }),
    { numRuns: 2000 },
  );
});
