import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Action, actions, formatAccess, parseScopes } from './access.ts';
import { isRegistryAuthError } from './error.ts';
import type { Grant } from './grant.ts';
import { anonymous, type Identity } from './identity.ts';
import { authLimits } from './limits.ts';
import {
  allowedActions,
  compileGrants,
  grantAccess,
  isAllowed,
  isInCatalog,
  mayReadAudit,
  mayReadCatalog,
  seesWholeCatalog,
} from './permission.ts';

const user = (name: string, ...groups: readonly string[]): Identity => ({ kind: 'user', name, groups });
const limited = (identity: Identity, ...scopes: readonly string[]): Identity => ({
  ...identity,
  limitedTo: parseScopes(scopes),
});

const grants: readonly Grant[] = [
  { repositories: ['public/**'], actions: ['pull', 'list'], to: ['anonymous'] },
  { repositories: ['shared/*'], actions: ['pull'], to: ['authenticated'] },
  { repositories: ['team/**'], actions: ['pull', 'push', 'list'], to: ['group:dev', 'user:alice'] },
  { repositories: ['team/*/cache'], actions: ['delete'], to: ['robot:ci'] },
  { repositories: ['**'], actions: ['*'], to: ['user:root'] },
  { repositories: ['node'], actions: ['pull'], to: ['certificate:node-1', 'workload:gh/org/app'] },
];
const compiled = compileGrants(grants);

const cases: readonly (readonly [who: Identity, repository: string, allowed: readonly Action[]])[] = [
  [anonymous, 'public/app', ['pull', 'list']],
  [anonymous, 'public', ['pull', 'list']],
  [anonymous, 'publicity/app', []],
  [anonymous, 'shared/app', []],
  // Whoever logs in keeps what strangers may do.
  [user('bob'), 'public/app', ['pull', 'list']],
  [user('bob'), 'shared/app', ['pull']],
  [user('bob'), 'shared/a/b', []],
  [user('bob'), 'shared', []],
  [user('bob'), 'team/app', []],
  [user('bob', 'dev'), 'team/app', ['pull', 'push', 'list']],
  [user('bob', 'Dev', 'dev ', 'group:dev'), 'team/app', []],
  [user('alice'), 'team/app/cache', ['pull', 'push', 'list']],
  [user('Alice'), 'team/app', []],
  // Kinds do not borrow each other's names.
  [{ kind: 'robot', name: 'alice', groups: [] }, 'team/app', []],
  [{ kind: 'robot', name: 'ci', groups: [] }, 'team/app/cache', ['delete']],
  [{ kind: 'robot', name: 'ci', groups: [] }, 'team/app', []],
  [user('ci'), 'team/app/cache', []],
  [{ kind: 'certificate', name: 'node-1', groups: [] }, 'node', ['pull']],
  [{ kind: 'workload', name: 'gh/org/app', groups: [] }, 'node', ['pull']],
  [{ kind: 'workload', name: 'node-1', groups: [] }, 'node', []],
  [user('root'), 'any/thing/at/all', actions],
  // A name that looks like a special subject is a name.
  [user('anonymous'), 'node', []],
  [user('', 'authenticated'), 'node', []],
];

test('allowedActions() gives what grants say, and nothing else', () => {
  for (const [who, repository, allowed] of cases) {
    const about = `${who.kind}:${who.name} ${repository}`;
    // Twice: the second answer comes from memory.
    for (const _ of [1, 2]) assert.deepEqual(allowedActions(compiled, who, repository), allowed, about);
    for (const action of actions) {
      assert.equal(isAllowed(compiled, who, action, repository), allowed.includes(action), about);
    }
  }
});

test('no grants deny everything', () => {
  const none = compileGrants([]);
  for (const [who, repository] of cases) assert.deepEqual(allowedActions(none, who, repository), []);
});

test('a token only narrows', () => {
  const alice = user('alice');
  const check = (who: Identity, repository: string): readonly Action[] => {
    const allowed = allowedActions(compiled, who, repository);
    for (const action of actions) {
      assert.equal(isAllowed(compiled, who, action, repository), allowed.includes(action), `${action} ${repository}`);
    }
    return allowed;
  };
  // `pull` is what clients ask for to list tags.
  assert.deepEqual(check(limited(alice, 'repository:team/app:pull'), 'team/app'), ['pull', 'list']);
  assert.deepEqual(check(limited(alice, 'repository:team/app:list'), 'team/app'), ['list']);
  assert.deepEqual(check(limited(alice, 'repository:team/app:push'), 'team/app'), ['push']);
  assert.deepEqual(check(limited(alice, 'repository:team/app:delete'), 'team/app'), []);
  assert.deepEqual(check(limited(alice, 'repository:team/app:pull'), 'team/other'), []);
  assert.deepEqual(check(limited(alice, 'repository:team/ap:pull'), 'team/app'), []);
  assert.deepEqual(check(limited(alice, 'repository:catalog:*'), 'team/app'), []);
  assert.deepEqual(check(limited(alice), 'team/app'), []);
  assert.deepEqual(check(limited(user('bob'), 'repository:team/app:*'), 'team/app'), []);
  // An access of another type with the name of a repository is not for that repository (CVE-2025-24976).
  assert.deepEqual(check(limited(user('root'), 'registry:catalog:*'), 'catalog'), []);
});

test('the catalog shows what may be listed, by a token for the catalog', () => {
  const bob = user('bob');
  assert.equal(isInCatalog(compiled, bob, 'public/app'), true);
  assert.equal(isInCatalog(compiled, bob, 'shared/app'), false);
  const token = limited(bob, 'registry:catalog:*');
  assert.equal(mayReadCatalog(compiled, token), true);
  assert.equal(isInCatalog(compiled, token, 'public/app'), true);
  assert.deepEqual(allowedActions(compiled, token, 'public/app'), []);
  const other = limited(bob, 'repository:public/app:*');
  assert.equal(mayReadCatalog(compiled, other), false);
  assert.equal(isInCatalog(compiled, other, 'public/app'), false);
});

test('strangers may ask for the catalog where they may list something, and whoever lists all sees all', () => {
  const nothing = compileGrants([{ repositories: ['public/**'], actions: ['pull'], to: ['anonymous'] }]);
  assert.deepEqual([mayReadCatalog(compiled, anonymous), mayReadCatalog(nothing, anonymous)], [true, false]);
  assert.equal(mayReadCatalog(nothing, user('bob')), true, 'who is logged in may, and sees nothing');
  const robot: Identity = {
    kind: 'robot',
    name: 'a',
    groups: [],
    grants: [{ repositories: ['**'], actions: ['list'] }],
  };
  for (const [who, sees] of [
    [anonymous, false],
    [user('alice'), false],
    [user('root'), true],
    [limited(user('root'), 'registry:catalog:*'), true],
    [limited(user('root'), 'repository:team/app:*'), false],
    [robot, true],
    [{ ...robot, grants: [{ repositories: ['**'], actions: ['pull', 'push'] }] } satisfies Identity, false],
    [{ ...robot, grants: [{ repositories: ['*', 'a/**'], actions: ['*'] }] } satisfies Identity, false],
  ] as const) {
    assert.equal(seesWholeCatalog(compiled, who), sees, JSON.stringify(who));
  }
});

test('grantAccess() leaves of what is asked what may be had', () => {
  const ask = (who: Identity, ...scopes: readonly string[]): readonly string[] =>
    grantAccess(compiled, who, parseScopes(scopes)).map(formatAccess);
  assert.deepEqual(ask(user('alice'), 'repository:team/app:*'), ['repository:team/app:pull,push,list']);
  assert.deepEqual(ask(user('alice'), 'repository:team/app:pull'), ['repository:team/app:pull,list']);
  assert.deepEqual(ask(user('bob'), 'repository:shared/a:pull,push repository:team/app:push'), [
    'repository:shared/a:pull',
  ]);
  assert.deepEqual(ask(anonymous, 'repository:team/app:pull'), []);
  assert.deepEqual(ask(user('bob'), 'registry:catalog:*'), ['registry:catalog:*']);
  assert.deepEqual(
    ask(limited(user('alice'), 'repository:team/app:push'), 'repository:team/app:*', 'registry:catalog:*'),
    ['repository:team/app:push'],
  );
});

test('what an identity brings itself counts for it alone', () => {
  const robot: Identity = {
    kind: 'robot',
    name: 'own',
    groups: [],
    grants: [{ repositories: ['mine/*'], actions: ['push'] }],
  };
  assert.deepEqual(allowedActions(compiled, robot, 'mine/app'), ['push']);
  assert.deepEqual(allowedActions(compiled, robot, 'mine/a/b'), []);
  assert.deepEqual(allowedActions(compiled, limited(robot, 'repository:mine/app:pull'), 'mine/app'), []);
  assert.deepEqual(allowedActions(compiled, { kind: 'robot', name: 'own', groups: [] }, 'mine/app'), []);
});

test('groups count as they are now', () => {
  assert.deepEqual(allowedActions(compiled, user('eve', 'dev'), 'team/app'), ['pull', 'push', 'list']);
  assert.deepEqual(allowedActions(compiled, user('eve'), 'team/app'), []);
  // Nor does one identity's memory answer for another whose parts read alike.
  assert.deepEqual(allowedActions(compiled, user('eve","dev'), 'team/app'), []);
});

test('the memory of answers is bounded', () => {
  const few = compileGrants(grants);
  for (let at = 0; at < authLimits.cachedPermissions + 500; at += 1) allowedActions(few, user('alice'), `team/r${at}`);
  assert.equal(few.answers.size, authLimits.cachedPermissions);
  allowedActions(few, user('alice'), `team/${'x'.repeat(1_000_000)}`);
  assert.ok([...few.answers.keys()].every((key) => key.length < 1000));
});

test('compileGrants() names the grant that cannot be meant', () => {
  const good: Grant = { repositories: ['a'], actions: ['pull'], to: ['anonymous'] };
  const bad: readonly Partial<Grant>[] = [
    { repositories: [] },
    { repositories: [''] },
    { repositories: ['/a'] },
    { repositories: ['a/'] },
    { repositories: ['Team/*'] },
    { repositories: ['a b'] },
    { repositories: ['[a'] },
    { repositories: ['{a'] },
    { actions: [] },
    { actions: ['fly' as Action] },
    { to: [] },
    { to: ['alice'] },
    { to: ['user:'] },
    { to: [':alice'] },
    { to: ['everyone'] },
    { to: ['team:dev'] },
    { to: ['anonymous:x'] },
  ];
  for (const part of bad) {
    assert.throws(
      () => compileGrants([good, { ...good, ...part }]),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID') && error.message.includes('grant 2'),
      JSON.stringify(part),
    );
  }
});

test('isAllowed() agrees with reading the grants one by one', () => {
  const repositories = fc.constantFrom('a', 'a/b', 'a/b/c', 'b', 'b/a');
  const who = fc.record({
    kind: fc.constantFrom('user' as const, 'robot' as const),
    name: fc.constantFrom('x', 'y'),
    groups: fc.subarray(['g', 'h']),
  });
  const exact = fc.record({
    repositories: fc.uniqueArray(repositories, { minLength: 1, maxLength: 3 }),
    actions: fc.subarray([...actions], { minLength: 1 }),
    to: fc.subarray(['user:x', 'robot:x', 'robot:y', 'group:g', 'authenticated', 'anonymous'], { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(exact, { maxLength: 5 }), who, repositories, (list, identity, repository) => {
      const subjects = new Set([
        'anonymous',
        'authenticated',
        `${identity.kind}:${identity.name}`,
        ...identity.groups.map((group) => `group:${group}`),
      ]);
      const wanted = actions.filter((action) =>
        list.some(
          (grant) =>
            grant.repositories.includes(repository) &&
            grant.actions.includes(action) &&
            grant.to.some((subject) => subjects.has(subject)),
        ),
      );
      assert.deepEqual(allowedActions(compileGrants(list), identity, repository), wanted);
    }),
  );
});

test('mayReadAudit() is for those who may do everything to every repository', () => {
  const all = { repositories: ['**'], actions: ['*'] } as const;
  const audited = compileGrants([
    { ...all, to: ['user:root', 'group:admins'] },
    { repositories: ['team/**', '**'], actions: ['pull', 'push', 'delete', 'list'], to: ['user:spelled'] },
    { repositories: ['**'], actions: ['pull', 'push', 'list'], to: ['user:alice', 'authenticated'] },
    { repositories: ['*', '*/**'], actions: ['*'], to: ['user:almost'] },
    { repositories: ['**'], actions: ['delete'], to: ['user:alice'] },
  ]);
  const user = { kind: 'user', name: 'root', groups: [] } as const;
  const token = [{ type: 'repository', name: 'a', actions: ['pull'] }] as const;
  for (const [identity, expected] of [
    [user, true],
    [{ ...user, name: 'spelled' }, true],
    [{ ...user, name: 'bob', groups: ['admins'] }, true],
    [{ ...user, kind: 'robot', grants: [all] }, true],
    [{ ...user, kind: 'robot', grants: [{ ...all, repositories: ['a/**'] }] }, false],
    [{ ...user, kind: 'robot' }, false],
    [{ ...user, name: 'alice' }, false],
    [{ ...user, name: 'almost' }, false],
    [anonymous, false],
    [{ ...user, limitedTo: token }, false],
    [{ ...user, limitedTo: [{ type: 'registry', name: 'catalog', actions: ['list'] }] }, true],
  ] as const) {
    assert.equal(mayReadAudit(audited, identity), expected, JSON.stringify(identity));
  }
});
