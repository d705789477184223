import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../net/clock.ts';
import { openNetwork } from '../../../net/open-network.ts';
import { jwtMaker } from '../../../../testing/registry-auth/jwt-maker.ts';
import { listen } from '../../../../testing/registry/listen.ts';
import { startTestSigstore } from '../../../../testing/sigstore.ts';
import { isRegistryAuthError } from '../error.ts';
import { OidcAuthenticator, type OidcIssuer } from './authenticator.ts';

const registry = 'reg.example.com';

test('tokens of GitHub, GitLab, Kubernetes and people become identities', async () => {
  await using sigstore = await startTestSigstore();
  await using network = openNetwork();
  const { github, gitlab, kubernetes, email } = sigstore.issuers;
  const issuers: readonly OidcIssuer[] = [
    {
      issuer: github,
      audiences: [registry],
      rules: [
        { claims: { repository: 'example/*', ref: 'refs/heads/main' }, name: 'github/{repository}', groups: ['ci'] },
      ],
    },
    {
      issuer: gitlab,
      audiences: [registry],
      rules: [{ claims: { project_path: 'example/**' }, name: 'gitlab/{project_path}' }],
    },
    {
      issuer: kubernetes,
      audiences: [registry],
      keys: { kind: 'url', at: `${kubernetes}/keys` },
      rules: [{ claims: { sub: 'system:serviceaccount:*' }, name: 'k8s/{sub}' }],
    },
    {
      issuer: email,
      audiences: ['x', registry],
      rules: [{ claims: { email: '*@example.com' }, kind: 'user', name: '{email}' }],
    },
  ];
  const authenticator = new OidcAuthenticator(issuers, { door: { network }, clock: systemClock });
  const bearer = async (token: string): Promise<string | undefined> => {
    const identity = await authenticator.authenticate({ kind: 'bearer', token }, {});
    return identity === undefined ? undefined : [identity.kind, identity.name, ...identity.groups].join(' ');
  };
  const aud = registry;
  assert.equal(await bearer(sigstore.token('github', { aud })), 'workload github/example/app ci');
  assert.equal(await bearer(sigstore.token('gitlab', { aud })), 'workload gitlab/example/app');
  assert.match(
    (await bearer(sigstore.token('kubernetes', { aud: [aud, 'y'] }))) ?? '',
    /^workload k8s\/system:serviceaccount:/,
  );
  assert.equal(await bearer(sigstore.token('email', { aud })), 'user dev@example.com');
  assert.equal(await bearer(sigstore.token('email', { aud, email_verified: false })), undefined);
  // In place of a password, with any user, as `docker login` sends it.
  const password = sigstore.token('github', { aud });
  const identity = await authenticator.authenticate({ kind: 'basic', user: 'oidc', password }, {});
  assert.equal(identity?.name, 'github/example/app');
  assert.ok(identity?.expires !== undefined && identity.expires > Date.now());
  // Another branch, a fork, an audience that is not this registry, the tokens of one issuer as those of another.
  assert.equal(await bearer(sigstore.token('github', { aud, ref: 'refs/heads/evil' })), undefined);
  assert.equal(await bearer(sigstore.token('github', { aud, repository: 'mallory/app' })), undefined);
  assert.equal(await bearer(sigstore.token('github')), undefined);
  assert.equal(await bearer(sigstore.token('email', { aud, iss: github, repository: 'example/app' })), undefined);
  for (const what of ['oidc.expired', 'oidc.wrong-audience', 'oidc.wrong-signature'] as const) {
    sigstore.faults.add({ kind: 'spoil', what, times: 1 });
    assert.equal(await bearer(sigstore.token('github', { aud })), undefined, what);
  }
  assert.equal(await bearer(sigstore.token('github', { aud })), 'workload github/example/app ci');
});

test('an issuer that cannot be asked is not a wrong token', async () => {
  const now = Date.now();
  await using network = openNetwork();
  let documents: Record<string, unknown> = {};
  await using server = await listen((request, response) => {
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 500 : 200).end(JSON.stringify(document));
  });
  const maker = jwtMaker(server.url, now);
  let time = 0;
  const authenticator = new OidcAuthenticator(
    [{ issuer: server.url, audiences: [registry], rules: [{ claims: { sub: 'me' }, name: 'me' }] }],
    { door: { network }, clock: { now: () => now, monotonic: () => time } },
  );
  const token = await maker.token({ sub: 'me', aud: registry });
  const ask = () => authenticator.authenticate({ kind: 'bearer', token }, {});
  await assert.rejects(ask(), (error) => isRegistryAuthError(error, 'AUTH_UNAVAILABLE'));
  documents = {
    '/.well-known/openid-configuration': { issuer: server.url, jwks_uri: `${server.url}/keys` },
    '/keys': maker.jwks,
  };
  time += 60_000;
  assert.equal((await ask())?.name, 'me');
  documents = {};
  time += 3_600_000;
  assert.equal((await ask())?.name, 'me');
});

test('keys may lie in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seaworthy-oidc-'));
  try {
    const now = Date.now();
    const maker = jwtMaker('https://cluster.internal', now);
    const at = join(folder, 'keys.json');
    await writeFile(at, JSON.stringify(maker.jwks));
    await using network = openNetwork({ offline: true });
    const authenticator = new OidcAuthenticator(
      [
        {
          issuer: maker.issuer,
          audiences: [registry],
          keys: { kind: 'file', at },
          rules: [{ claims: { sub: 'me' }, name: 'me' }],
        },
      ],
      { door: { network }, clock: systemClock },
    );
    const ask = async (claims: object): Promise<string | undefined> =>
      (
        await authenticator.authenticate(
          { kind: 'bearer', token: await maker.token({ aud: registry, sub: 'me', ...claims }) },
          {},
        )
      )?.name;
    assert.equal(await ask({}), 'me');
    assert.equal(await ask({ sub: 'you' }), undefined);
    assert.equal(await ask({ aud: 'other' }), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('tokens of known issuers are kept from everybody else', async () => {
  await using network = openNetwork({ offline: true });
  const [known, other] = [jwtMaker('https://known', Date.now()), jwtMaker('https://other', Date.now())];
  const authenticator = new OidcAuthenticator(
    [{ issuer: known.issuer, audiences: [registry], rules: [{ claims: { sub: 'me' }, name: 'me' }] }],
    { door: { network }, clock: systemClock },
  );
  const token = await known.token({});
  assert.equal(authenticator.fits({ kind: 'bearer', token }), 'alone');
  assert.equal(authenticator.fits({ kind: 'basic', user: 'x', password: token }), 'alone');
  assert.equal(authenticator.fits({ kind: 'basic', user: 'x', password: await other.token({}) }), 'no');
  assert.equal(authenticator.fits({ kind: 'basic', user: token, password: 'x' }), 'no');
  assert.equal(authenticator.fits({ kind: 'none' }), 'no');
});

test('issuers that cannot be meant are refused', async () => {
  await using network = openNetwork({ offline: true });
  const good: OidcIssuer = {
    issuer: 'https://issuer',
    audiences: [registry],
    rules: [{ claims: { sub: 'me' }, name: 'me' }],
  };
  const bad: readonly Partial<OidcIssuer>[] = [
    { issuer: '' },
    { issuer: 'issuer' },
    { issuer: 'https://user:secret@issuer' },
    { audiences: [] },
    { audiences: [''] },
    { algorithms: [] },
    { rules: [] },
    { rules: [{ name: 'everybody' }] },
    { keys: { kind: 'url', at: 'ftp://x' } },
  ];
  const open = (issuers: readonly OidcIssuer[]): OidcAuthenticator =>
    new OidcAuthenticator(issuers, { door: { network }, clock: systemClock });
  assert.ok(open([good]));
  for (const more of bad) {
    assert.throws(
      () => open([{ ...good, ...more }]),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID'),
    );
  }
  assert.throws(() => open([good, good]), /twice/);
});
