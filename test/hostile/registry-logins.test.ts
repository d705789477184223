import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { DatabaseRobots } from '../../src/registry/access/robot-records.ts';
import { createRobot, revokeRobot, rotateRobot } from '../../src/registry/auth/robot/manage.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { jwtMaker } from '../../testing/registry-auth/jwt-maker.ts';
import { forwardClock } from '../../testing/registry/forward-clock.ts';
import { statusOf, tokenOf } from '../../testing/registry/service-logins.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { listen } from '../../testing/registry/listen.ts';
import { startServiceOf } from '../../testing/registry/service-of-text.ts';

const settings = `
registry:
  listen: 127.0.0.1:0
  metrics: { listen: 127.0.0.1:0 }
  auth: { htpasswd: users, robots: true, token: {} }
  permissions: [{ repositories: [team/**], actions: [pull], to: [authenticated] }]
`;

describe('who was taken away', () => {
  test('is out within four seconds after the htpasswd file was changed, by password and by token', async () => {
    const clock = forwardClock();
    const users = (...list: readonly [string, string][]): string =>
      list.map(([name, password]) => `${name}:${hashSync(password, 4)}\n`).join('');
    await using own = await startServiceOf(settings, { users: users(['alice', 'a'], ['bob', 'b']) }, { clock });
    const [alice, bob] = [await tokenOf(own, 'alice:a'), await tokenOf(own, 'bob:b')];
    for (const login of [{ user: 'alice:a' }, { user: 'bob:b' }, { token: alice }, { token: bob }]) {
      assert.equal(await statusOf(own, login), 404);
    }
    own.folder.write('users', users(['bob', 'new']));
    clock.ahead += 4000;
    for (const login of [{ user: 'alice:a' }, { user: 'bob:b' }, { token: alice }, { token: bob }]) {
      assert.equal(await statusOf(own, login), 401);
    }
    assert.equal(await statusOf(own, { user: 'bob:new' }), 404);
    const metrics = await own.metrics();
    assert.match(metrics, /requests_total\{route="token",method="GET",status="200"\} 2/);
  });

  test('is out within two seconds after another process revoked or changed a robot account', async () => {
    const clock = forwardClock();
    await using own = await startServiceOf(settings, { users: '' }, { clock });
    // As the commands do it: on a connection of their own.
    await using other = await openSqliteDatabase({ path: join(own.folder.path, 'data', 'registry.db') });
    const robots = new DatabaseRobots(other);
    const by = { kind: 'user', name: 'root' } as const;
    const [ci, deploy] = [
      await createRobot(robots, { name: 'ci', grants: [] }, by, clock.now()),
      await createRobot(robots, { name: 'deploy', grants: [] }, by, clock.now()),
    ];
    const logins = [
      { user: `robot+ci:${ci.secret}` },
      { user: `robot+deploy:${deploy.secret}` },
      { token: await tokenOf(own, `robot+ci:${ci.secret}`) },
      { token: await tokenOf(own, `robot+deploy:${deploy.secret}`) },
    ];
    for (const login of logins) assert.equal(await statusOf(own, login), 404);
    await revokeRobot(robots, 'ci');
    const { secret } = await rotateRobot(robots, 'deploy', 0, clock.now());
    clock.ahead += 2000;
    for (const login of logins) assert.equal(await statusOf(own, login), 401, JSON.stringify(login).slice(0, 20));
    assert.equal(await statusOf(own, { user: `robot+deploy:${secret}` }), 404);
  });

  test('is out at once when the configuration no longer names the way that they came by', async () => {
    await using own = await startServiceOf(settings, { users: `alice:${hashSync('a', 4)}\n` });
    const token = await tokenOf(own, 'alice:a');
    for (const login of [{ user: 'alice:a' }, { token }]) assert.equal(await statusOf(own, login), 404);
    await own.apply(settings.replace('htpasswd: users, ', ''));
    for (const login of [{ user: 'alice:a' }, { token }]) assert.equal(await statusOf(own, login), 401);
    // A configuration that cannot be used changes nothing of the one that is.
    await assert.rejects(own.apply(settings.replace('htpasswd: users', 'htpasswd: none')), /htpasswd/);
    assert.equal(await statusOf(own, { user: 'alice:a' }), 401);
  });

  test('a password that is tried is counted, and told apart from a question without one', async () => {
    await using own = await startServiceOf(settings, { users: `alice:${hashSync('a', 4)}\n` });
    await own.ask('GET', '/token');
    await own.ask('GET', '/token', { user: 'alice:wrong' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'grant_type=password&username=alice&password=wrong&client_id=x&service=seaworthy';
    assert.equal((await own.ask('POST', '/token', { headers, body })).status, 401);
    const metrics = await own.metrics();
    assert.match(metrics, /auth_failures_total\{reason="credentials"\} 2/);
  });
});

describe('workloads that show a token of their issuer', () => {
  const authority = makeCertificate('Issuers');
  const certificate = makeCertificate('issuer', { issuer: authority, ips: ['127.0.0.1'] });
  const audience = 'registry.example.org';

  /** As GitHub, GitLab and Kubernetes write them. */
  const claims = {
    github: {
      sub: 'repo:example/web:ref:refs/heads/main',
      repository: 'example/web',
      repository_owner: 'example',
      ref: 'refs/heads/main',
      workflow_ref: 'example/web/.github/workflows/push.yml@refs/heads/main',
    },
    gitlab: {
      sub: 'project_path:example/group/web:ref_type:branch:ref:main',
      project_path: 'example/group/web',
      namespace_path: 'example/group',
      ref: 'main',
      ref_protected: 'true',
    },
    kubernetes: {
      sub: 'system:serviceaccount:build:pusher',
      'kubernetes.io': { namespace: 'build', pod: { name: 'x' }, serviceaccount: { name: 'pusher', uid: 'y' } },
    },
  } as const;
  type Kind = keyof typeof claims;

  const rules: Readonly<Record<Kind, string>> = {
    github: `claims: { repository_owner: [example], ref: [refs/heads/main] }, name: 'github:{repository}'`,
    gitlab: `claims: { project_path: [example/**], ref_protected: ['true'] }, name: 'gitlab:{project_path}', groups: namespace_path`,
    kubernetes: `claims: { kubernetes.io/namespace: [build] }, name: 'k8s:{kubernetes.io/namespace}/{kubernetes.io/serviceaccount/name}'`,
  };
  const rights: Readonly<Record<Kind, string>> = {
    github: 'workload:github:example/web',
    gitlab: 'group:example/group',
    kubernetes: 'workload:k8s:build/pusher',
  };

  /** An issuer, over TLS with an authority that nobody knows, and a registry that trusts it. */
  async function start(kind: Kind) {
    await using opened = new AsyncDisposableStack();
    const clock = forwardClock();
    const state: { keys: unknown; away: boolean } = { keys: undefined, away: false };
    const server = opened.use(
      await listen(
        (request, response) => {
          const discovery = { issuer: server.url, jwks_uri: `${server.url}/keys` };
          const document = JSON.stringify(request.url === '/keys' ? state.keys : discovery);
          response.writeHead(state.away ? 503 : 200).end(document);
        },
        { cert: certificate.cert, key: certificate.key },
      ),
    );
    const maker = jwtMaker(server.url, Date.now());
    state.keys = maker.jwks;
    const own = opened.use(
      await startServiceOf(
        `registry:
  listen: 127.0.0.1:0
  auth:
    token: {}
    oidc: [{ issuer: '${server.url}', audience: [${audience}], ca: issuers.pem, ${rules[kind]} }]
  permissions: [{ repositories: [team/**], actions: [pull], to: ['${rights[kind]}'] }]
`,
        { 'issuers.pem': authority.cert },
        { clock },
      ),
    );
    const kept = opened.move();
    return { own, maker, clock, state, url: server.url, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }

  for (const kind of Object.keys(claims) as Kind[]) {
    test(`are let in by a token of ${kind}, as Bearer, as a password, and by way of the token service`, async () => {
      await using place = await start(kind);
      const { own, maker } = place;
      const token = await maker.token({ ...claims[kind], aud: audience });
      const reached = [{ token }, { user: `oidc:${token}` }, { token: await tokenOf(own, `oidc:${token}`) }];
      for (const login of reached) assert.equal(await statusOf(own, login), 404);
      assert.equal(await statusOf(own, { token }, 'other'), 403);
      const other = jwtMaker(place.url, Date.now());
      const hour = Math.floor(Date.now() / 1000) - 3600;
      const [head, body] = token.split('.') as [string, string];
      const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
      for (const [title, wrong] of [
        ['of another audience', await maker.token({ ...claims[kind], aud: 'elsewhere' })],
        ['of no audience', await maker.token({ ...claims[kind] })],
        ['that is over', await maker.token({ ...claims[kind], aud: audience, iat: hour, nbf: hour, exp: hour + 300 })],
        ['that is for later', await maker.token({ ...claims[kind], aud: audience, nbf: hour + 7200 })],
        ['without an end', await maker.token({ ...claims[kind], aud: audience, exp: undefined })],
        ['of another issuer', await maker.token({ ...claims[kind], aud: audience, iss: 'https://other' })],
        ['that another signed', await other.token({ ...claims[kind], aud: audience })],
        [
          'that another signed, with its key in it',
          await other.token({ ...claims[kind], aud: audience }, { jwk: (other.jwks['keys'] as object[])[0] }),
        ],
        ['of an algorithm that is none', `${none}.${body}.AA`],
        ['without a signature', `${head}.${body}.`],
      ] as const) {
        for (const login of [{ token: wrong }, { user: `oidc:${wrong}` }]) {
          assert.equal(await statusOf(own, login), 401, title);
        }
      }
      const strange = await maker.token({
        ...claims[kind],
        aud: audience,
        repository_owner: 'evil',
        ref: 'x',
        project_path: 'evil/x',
        'kubernetes.io': { namespace: 'evil' },
      });
      assert.equal(await statusOf(own, { token: strange }), 401, 'somebody else at the same issuer');
    });
  }

  test('are let in by a new key soon after the issuer changed it, and not by the old one for long', async () => {
    await using place = await start('github');
    const { own, maker, clock, state } = place;
    const token = (by: typeof maker, header = {}): Promise<string> =>
      by.token({ ...claims.github, aud: audience, exp: Math.floor(Date.now() / 1000) + 7200 }, header);
    assert.equal(await statusOf(own, { token: await token(maker) }), 404);
    const next = jwtMaker(place.url, Date.now());
    const [key] = next.jwks['keys'] as object[];
    state.keys = { keys: [{ ...key, kid: 'two' }] };
    const signed = await token(next, { kid: 'two' });
    assert.equal(await statusOf(own, { token: signed }), 401, 'no more often than it asks');
    clock.ahead += 30_000;
    assert.equal(await statusOf(own, { token: signed }), 404);
    clock.ahead += 2000;
    assert.equal(await statusOf(own, { token: await token(maker) }), 401, 'it was withdrawn');
  });

  test('are told, while their issuer is away, that it cannot be looked up, and are not let in', async () => {
    await using place = await start('github');
    const { own, maker, clock, state } = place;
    state.away = true;
    const token = await maker.token({ ...claims.github, aud: audience });
    for (const login of [{ headers: { authorization: `Bearer ${token}` } }, { user: `oidc:${token}` }]) {
      const answer = await own.ask('GET', '/v2/team/app/manifests/a', login);
      assert.deepEqual([answer.status, answer.headers.has('retry-after')], [503, true]);
      assert.match(answer.body, /Who you are cannot be looked up at this moment; try again soon/);
      assert.equal(answer.body.includes(place.url), false, 'nobody is told where the issuer is');
    }
    assert.equal((await own.ask('GET', '/token', { user: `oidc:${token}` })).status, 503);
    state.away = false;
    clock.ahead += 6000;
    assert.equal(await statusOf(own, { token }), 404);
  });
});
