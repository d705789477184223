import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRegistryAuthError } from '../error.ts';
import { findClaim } from './claim.ts';
import { oidcLimits } from './limits.ts';
import { compileOidcRule, type OidcRule } from './rule.ts';

const github = {
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository: 'acme/app',
  repository_owner: 'acme',
  ref: 'refs/heads/main',
  run_attempt: 1,
};
const cluster = {
  sub: 'system:serviceaccount:build:ci',
  'kubernetes.io': { namespace: 'build', serviceaccount: { name: 'ci', uid: 'x' } },
};
const person = { sub: '7', email: 'alice@example.com', email_verified: true, groups: ['dev', 'ops', 7, ['x'], 'a\nb'] };

function judge(rule: OidcRule, claims: Readonly<Record<string, unknown>>): string {
  const identity = compileOidcRule(rule, 'the rule')(claims);
  return identity === undefined ? 'nobody' : [identity.kind, identity.name, ...identity.groups].join(' ');
}

const cases: readonly (readonly [rule: OidcRule, claims: Readonly<Record<string, unknown>>, identity: string])[] = [
  [{ claims: { repository: 'acme/*' }, name: 'github/{repository}' }, github, 'workload github/acme/app'],
  [
    { claims: { repository: 'acme/*', ref: 'refs/heads/main' }, name: 'x', groups: ['{repository_owner}', 'ci'] },
    github,
    'workload x acme ci',
  ],
  [{ claims: { repository: 'acme/*', ref: 'refs/tags/**' }, name: 'x' }, github, 'nobody'],
  [{ claims: { ref: ['refs/tags/**', 'refs/heads/*'] }, name: 'x' }, github, 'workload x'],
  // The whole of a claim has to match, and exactly as it is written.
  [{ claims: { repository: 'acme' }, name: 'x' }, github, 'nobody'],
  [{ claims: { repository: 'Acme/app' }, name: 'x' }, github, 'nobody'],
  [{ claims: { repository: '*' }, name: 'x' }, github, 'nobody'],
  [{ claims: { repository_owner: 'acm' }, name: 'x' }, github, 'nobody'],
  [{ claims: { missing: '**' }, name: 'x' }, github, 'nobody'],
  [{ claims: { run_attempt: '1' }, name: 'x' }, github, 'workload x'],
  [{ claims: { repository: 'acme/*' }, name: '{missing}' }, github, 'nobody'],
  [{ claims: { repository: 'acme/*' }, name: '{repository}', groups: ['{missing}'] }, github, 'workload acme/app'],
  [
    { claims: { 'kubernetes.io/namespace': 'build' }, name: '{kubernetes.io/serviceaccount/name}' },
    cluster,
    'workload ci',
  ],
  [{ claims: { 'kubernetes.io': '**' }, name: 'x' }, cluster, 'nobody'],
  [
    { claims: { sub: 'system:serviceaccount:build:*' }, name: 'k8s/{sub}' },
    cluster,
    'workload k8s/system:serviceaccount:build:ci',
  ],
  [
    { claims: { groups: 'ops' }, kind: 'user', name: '{sub}', groups: ['{groups}', 'all'] },
    person,
    'user 7 dev ops 7 all',
  ],
  [{ claims: { groups: 'op' }, name: 'x' }, person, 'nobody'],
  // Addresses count when somebody has checked them.
  [{ claims: { sub: '7' }, kind: 'user', name: '{email}' }, person, 'user alice@example.com'],
  [{ claims: { sub: '7' }, kind: 'user', name: '{email}' }, { ...person, email_verified: false }, 'nobody'],
  [{ claims: { sub: '7' }, kind: 'user', name: '{email}' }, { ...person, email_verified: undefined }, 'nobody'],
  [{ claims: { email: '*@example.com' }, name: 'x' }, { ...person, email_verified: 0 }, 'nobody'],
  [{ claims: { email: '*@example.com' }, name: 'x' }, { ...person, email_verified: 'true' }, 'workload x'],
  // Conditions.
  [{ condition: 'claims.repository.startsWith("acme/") && claims.run_attempt < 3', name: 'x' }, github, 'workload x'],
  [{ condition: 'claims.repository == "other"', name: 'x' }, github, 'nobody'],
  [{ condition: 'claims.missing == "x"', name: 'x' }, github, 'nobody'],
  [{ condition: 'claims.repository', name: 'x' }, github, 'nobody'],
  [{ claims: { ref: 'no' }, condition: 'true', name: 'x' }, github, 'nobody'],
  // What would make a name of nothing, or one that is no name.
  [{ claims: { a: '1' }, name: 'x{b}' }, { a: '1', b: '' }, 'nobody'],
  [{ claims: { a: '1' }, name: 'x{b}' }, { a: '1', b: 'y\nz' }, 'nobody'],
  [{ claims: { a: '1' }, name: 'x{b}' }, { a: '1', b: ['y'] }, 'nobody'],
  [{ claims: { a: '1' }, name: 'x{b}' }, { a: '1', b: 'y'.repeat(600) }, 'nobody'],
  [{ claims: { toString: '**' }, name: 'x' }, {}, 'nobody'],
  [{ claims: { a: '1' }, name: '{constructor/name}' }, { a: '1' }, 'nobody'],
];

test('a rule is met by the claims that it asks for, and names who has them', () => {
  for (const [rule, claims, identity] of cases) assert.equal(judge(rule, claims), identity, JSON.stringify(rule));
});

test('too many groups are nobody, rather than some of them', () => {
  const groups = Array.from({ length: oidcLimits.groups + 1 }, (_, index) => `g${index}`);
  const rule: OidcRule = { claims: { a: '1' }, name: 'x', groups: ['{groups}'] };
  assert.equal(judge(rule, { a: '1', groups }), 'nobody');
  assert.notEqual(judge(rule, { a: '1', groups: groups.slice(1) }), 'nobody');
});

test('findClaim() takes a claim of the whole name first', () => {
  assert.equal(findClaim({ 'https://x/y': 1, 'https:': { '': 2 } }, 'https://x/y'), 1);
  assert.equal(findClaim({ a: { b: 2 } }, 'a/b'), 2);
  assert.equal(findClaim({ a: [1] }, 'a/0'), undefined);
  assert.equal(findClaim({ a: 'text' }, 'a/length'), undefined);
});

test('rules that cannot be meant are refused', () => {
  const bad: readonly OidcRule[] = [
    { name: 'everybody' },
    { claims: {}, name: 'everybody' },
    { claims: { a: [] }, name: 'x' },
    { claims: { a: '[x' }, name: 'x' },
    { condition: 'claims.', name: 'x' },
    { condition: 'token.a == 1', name: 'x' },
    { claims: { a: '1' }, name: '' },
    { claims: { a: '1' }, name: 'x{' },
    { claims: { a: '1' }, name: 'x{}' },
    { claims: { a: '1' }, name: '}x' },
    { claims: { a: '1' }, name: '{{a}}' },
    { claims: { a: '1' }, name: 'x', groups: ['{'] },
    { claims: { a: '1' }, name: 'x'.repeat(oidcLimits.templateLength + 1) },
  ];
  for (const rule of bad) {
    assert.throws(
      () => compileOidcRule(rule, 'rule 3'),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID') && error.message.includes('rule 3'),
      JSON.stringify(rule).slice(0, 80),
    );
  }
});
