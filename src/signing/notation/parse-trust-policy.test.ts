import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { SigningError } from '../error.ts';
import { notationLimits } from './limits.ts';
import { parseTrustPolicy } from './parse-trust-policy.ts';
import { chooseStatement, type TrustStatement } from './trust-policy.ts';
import { levels } from './verification-level.ts';

const statement = {
  name: 'acme',
  registryScopes: ['registry.acme.io/net-monitor', 'localhost:5000/a/b'],
  signatureVerification: { level: 'strict', override: { expiry: 'log', revocation: 'skip' } },
  trustStores: ['ca:acme', 'tsa:acme-time', 'signingAuthority:acme.v2'],
  trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme', 'com.example: somebody'],
};
const skip = { name: 'skip', registryScopes: ['a.io/b'], signatureVerification: { level: 'skip' } };
const everybody = {
  name: 'all',
  registryScopes: ['*'],
  signatureVerification: { level: 'audit', verifyTimestamp: 'afterCertExpiry' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['*'],
};
const good = { version: '1.0', trustPolicies: [statement, skip, everybody] };

function parse(document: unknown): readonly TrustStatement[] {
  return parseTrustPolicy(Buffer.from(JSON.stringify(document)), 'trustpolicy.json');
}

test('a trust policy is read whole, and the statement about a repository is found', () => {
  const statements = parse(good);
  const [first, second, third] = statements;
  assert.deepEqual(first?.verification, {
    level: 'strict',
    enforcement: { ...levels.strict, expiry: 'log', revocation: 'skip' },
    timestamps: 'always',
    stores: [
      { type: 'ca', name: 'acme' },
      { type: 'tsa', name: 'acme-time' },
      { type: 'signingAuthority', name: 'acme.v2' },
    ],
    identities: [
      {
        text: 'x509.subject: C=US, ST=WA, O=acme',
        name: new Map([
          ['C', 'US'],
          ['ST', 'WA'],
          ['O', 'acme'],
        ]),
      },
    ],
  });
  assert.equal(second?.verification, undefined);
  assert.equal(third?.verification?.identities, '*');
  assert.equal(third?.verification?.timestamps, 'afterCertExpiry');
  const chosen = (repository: string): string | undefined => chooseStatement(statements, repository)?.name;
  assert.equal(chosen('registry.acme.io/net-monitor'), 'acme');
  assert.equal(chosen('localhost:5000/a/b'), 'acme');
  assert.equal(chosen('a.io/b'), 'skip');
  for (const repository of ['registry.acme.io/net-monitor2', 'registry.acme.io/net', 'localhost/a/b', '*']) {
    assert.equal(chosen(repository), 'all', repository);
  }
  assert.equal(chooseStatement(statements.slice(0, 2), 'registry.acme.io/other'), undefined);
});

const changed = (changes: object): object => ({ version: '1.0', trustPolicies: [{ ...statement, ...changes }] });
const refused: Readonly<Record<string, unknown>> = {
  'a list': [],
  nothing: null,
  'no version': { trustPolicies: [statement] },
  'another version': { ...good, version: '2.0' },
  'a version that is a number': { ...good, version: 1 },
  'no statements': { version: '1.0' },
  'an empty list of statements': { version: '1.0', trustPolicies: [] },
  'a field more': { ...good, $schema: 'x' },
  'a statement that is a text': { version: '1.0', trustPolicies: ['x'] },
  'a field more in a statement': changed({ globalPolicy: true }),
  'no name': changed({ name: undefined }),
  'an empty name': changed({ name: '' }),
  'a name twice': { version: '1.0', trustPolicies: [statement, { ...skip, name: 'acme' }] },
  'no scopes': changed({ registryScopes: undefined }),
  'an empty list of scopes': changed({ registryScopes: [] }),
  'a scope twice in a statement': changed({ registryScopes: ['a.io/b', 'a.io/b'] }),
  'a scope in two statements': { version: '1.0', trustPolicies: [{ ...statement, registryScopes: ['a.io/b'] }, skip] },
  'all, twice': { version: '1.0', trustPolicies: [everybody, { ...everybody, name: 'more' }] },
  'all beside another scope': changed({ registryScopes: ['*', 'a.io/b'] }),
  ...Object.fromEntries(
    ['', 'a.io', 'a.io/', '/b', 'a.io/*', 'a.io/B', 'https://a.io/b', 'a.io/b:1', 'a.io//b', 'a.io/b\n', 1].map(
      (scope) => [`the scope ${JSON.stringify(scope)}`, changed({ registryScopes: [scope] })],
    ),
  ),
  'no verification': changed({ signatureVerification: undefined }),
  'no level': changed({ signatureVerification: {} }),
  'another level': changed({ signatureVerification: { level: 'STRICT' } }),
  'the level of a prototype': changed({ signatureVerification: { level: 'toString' } }),
  'a field more in the verification': changed({ signatureVerification: { level: 'strict', overrides: {} } }),
  'an override that is a list': changed({ signatureVerification: { level: 'strict', override: [] } }),
  'an override of integrity': changed({ signatureVerification: { level: 'strict', override: { integrity: 'log' } } }),
  'an override of nothing': changed({ signatureVerification: { level: 'strict', override: { signature: 'log' } } }),
  'an override that skips expiry': changed({
    signatureVerification: { level: 'strict', override: { expiry: 'skip' } },
  }),
  'an override with another word': changed({ signatureVerification: { level: 'strict', override: { expiry: 'no' } } }),
  'another time for timestamps': changed({ signatureVerification: { level: 'strict', verifyTimestamp: 'never' } }),
  'no trust stores': changed({ trustStores: undefined }),
  'an empty list of trust stores': changed({ trustStores: [] }),
  ...Object.fromEntries(
    ['acme', 'ca', 'ca:', 'CA:acme', 'x:acme', 'ca:a/b', 'ca:..', 'ca:.', 'ca:a:b', 'ca:a b', 'ca:acme,tsa:x', ''].map(
      (store) => [`the trust store ${JSON.stringify(store)}`, changed({ trustStores: [store] })],
    ),
  ),
  'no identities': changed({ trustedIdentities: undefined }),
  'an empty list of identities': changed({ trustedIdentities: [] }),
  'an empty identity': changed({ trustedIdentities: [''] }),
  'anybody and somebody': changed({ trustedIdentities: ['*', 'x509.subject: C=US, ST=WA, O=acme'] }),
  'an identity without a kind': changed({ trustedIdentities: ['C=US, ST=WA, O=acme'] }),
  'an identity without a name': changed({ trustedIdentities: ['x509.subject:'] }),
  'an identity without an organisation': changed({ trustedIdentities: ['x509.subject: C=US, ST=WA'] }),
  'an identity twice': changed({
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme', 'x509.subject: O=acme, C=US, ST=WA'],
  }),
  'an identity within another': changed({
    trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme, CN=x', 'x509.subject: O=acme, C=US, ST=WA'],
  }),
  'nobody asked and somebody trusted': { version: '1.0', trustPolicies: [{ ...skip, trustedIdentities: ['*'] }] },
  'nobody asked and a store trusted': { version: '1.0', trustPolicies: [{ ...skip, trustStores: ['ca:a'] }] },
  'nobody asked about all': { version: '1.0', trustPolicies: [{ ...skip, registryScopes: ['*'] }] },
  'nobody asked, with an override': {
    version: '1.0',
    trustPolicies: [{ ...skip, signatureVerification: { level: 'skip', override: {} } }],
  },
  'too many entries': changed({ trustStores: Array.from({ length: notationLimits.policyEntries + 1 }, () => 'ca:a') }),
  'too long an entry': changed({ trustStores: [`ca:${'a'.repeat(notationLimits.entryLength)}`] }),
};

for (const [name, document] of Object.entries(refused)) {
  test(`a trust policy is refused for ${name}`, () => {
    assert.throws(
      () => parse(document),
      (error) => error instanceof SigningError && error.code === 'TRUST_POLICY_INVALID',
    );
  });
}

test('a trust policy is JSON that nobody can read in two ways', () => {
  const text = JSON.stringify(good);
  for (const spoilt of [
    '',
    `${text}x`,
    `\ufeff${text}`,
    text.replace('"level":"strict"', '"level":"strict","level":"audit"'),
    text.replace('"name":"acme"', '"name":"acme","__proto__":{"trustedIdentities":["*"]}'),
    ' '.repeat(notationLimits.policyBytes + 1),
    '['.repeat(100_000),
  ]) {
    assert.throws(() => parseTrustPolicy(Buffer.from(spoilt), 'x'), SigningError, spoilt.slice(0, 40));
  }
  assertSurvives([text], (bytes) => parseTrustPolicy(bytes, 'x'));
});
