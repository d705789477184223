import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { digestOfText } from '../../../testing/registry/own-registry.ts';
import { askService, pushImage, serviceConfig, startOwnService } from '../../../testing/registry/own-service.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import { wholeTrail } from '../audit/read-trail.ts';
import { verifyChains } from '../audit/verify.ts';
import { claimAddress } from '../workers/claim-address.ts';

const push = (url: string, repository: string, tag: string, content: string, user: string): Promise<number> =>
  pushImage(url, repository, tag, content, { user });

const settings = (more: string): string => `
registry:
  listen: 127.0.0.1:0
  metrics:
    listen: 127.0.0.1:0
  auth:
    htpasswd: users
    token: {}
    anonymous:
      - repositories: [public/**]
        actions: [pull, list]
  permissions:
    - repositories: ['**']
      actions: ['*']
      to: [user:alice]
    - repositories: [team/**]
      actions: [pull, push]
      to: [user:bob]
${more}`;

test('startService() serves what a configuration says, and follows its changes', async () => {
  using folder = temporaryDirectory();
  folder.write('users', `alice:${hashSync('a-pass', 4)}\nbob:${hashSync('b-pass', 4)}\n`);
  const [alice, bob] = ['alice:a-pass', 'bob:b-pass'] as const;
  const config = await serviceConfig(folder, settings(''));
  {
    await using service = await startOwnService(config);
    const { url } = service;
    const challenge = await askService(url, 'GET', '/v2/');
    assert.equal(challenge.status, 401);
    assert.match(
      challenge.headers.get('www-authenticate') ?? '',
      /^Bearer realm="http:.+\/token",service="seaworthy"$/,
    );
    for (const [user, status] of [
      [undefined, 401],
      ['alice:wrong', 401],
      [alice, 200],
    ] as const) {
      const answer = await askService(url, 'GET', '/v2/', { user });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('docker-distribution-api-version'), 'registry/2.0');
    }

    assert.equal(await push(url, 'public/app', 'v1', 'one', alice), 201);
    assert.equal(await push(url, 'public/app', 'v1', 'one', bob), 403);
    assert.equal(await push(url, 'team/app', 'v1', 'one', bob), 201);
    assert.equal((await askService(url, 'GET', '/v2/public/app/manifests/v1')).status, 200);
    const hidden = await Promise.all(
      ['team/app', 'team/none'].map((name) => askService(url, 'GET', `/v2/${name}/manifests/v1`)),
    );
    assert.deepEqual(
      hidden.map(({ status }) => status),
      [401, 401],
    );
    assert.equal((await askService(url, 'DELETE', '/v2/team/app/manifests/v1', { user: bob })).status, 403);

    const scope = 'repository:team/app:pull,push,delete';
    const answer = await askService(url, 'GET', `/token?service=seaworthy&scope=${scope}`, { user: bob });
    const { token } = (await answer.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await askService(url, 'GET', '/v2/team/app/manifests/v1', { headers })).status, 200);
    // The token was asked for with this right, and came without it: another one would, too.
    assert.equal((await askService(url, 'DELETE', '/v2/team/app/manifests/v1', { headers })).status, 403);
    const other = await askService(url, 'GET', '/v2/public/other/manifests/v1', { headers });
    assert.match(other.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);

    await service.apply(
      await serviceConfig(
        folder,
        settings(
          '  tags:\n    immutable:\n      - name: releases\n        tags: [v*]\n  delete: { enabled: false }\n  quotas:\n    - repositories: [small/**]\n      maxBytes: 300\n',
        ),
      ),
    );
    assert.equal(await push(url, 'team/app', 'v1', 'two', bob), 409);
    assert.equal(await push(url, 'team/app', 'v1', 'one', bob), 201);
    assert.equal(await push(url, 'team/app', 'dev', 'two', bob), 201);
    assert.equal((await askService(url, 'DELETE', '/v2/team/app/manifests/dev', { user: alice })).status, 405);
    assert.equal(await push(url, 'small/app', 'a', 'x', alice), 201);
    assert.equal(await push(url, 'small/app', 'a', 'x', alice), 201, 'what is there already takes no room');
    assert.equal(await push(url, 'small/app', 'b', 'y'.repeat(200), alice), 404, 'its config found no room');
    const body = 'z'.repeat(300);
    const place = `/v2/small/app/blobs/uploads/?digest=${digestOfText(body)}`;
    const full = await askService(url, 'POST', place, { user: alice, body });
    assert.equal(full.status, 403);
    assert.match(await full.text(), /quotas\[0\]/);
    assert.equal((await askService(url, 'GET', '/healthz')).status, 200);
    assert.equal((await askService(url, 'GET', '/readyz')).status, 200);
    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    assert.match(metrics, /seaworthy_registry_requests_total\{route="manifest",method="PUT",status="201"\} [1-9]/);
    assert.match(metrics, /seaworthy_registry_blobs [1-9]/);
    assert.match(metrics, /seaworthy_registry_jobs\{queue="gc",state="failed"\} 0/);
  }
  await using database = await openSqliteDatabase({ path: join(folder.path, 'data', 'registry.db') });
  const entries: string[] = [];
  for await (const { entry } of wholeTrail(database)) {
    entries.push(`${entry.actor.name} ${entry.action} ${entry.repository}:${entry.reference ?? ''} ${entry.outcome}`);
  }
  for (const wanted of [
    'alice push public/app:v1 done',
    'bob push public/app:v1 denied',
    'bob push team/app:v1 done',
    ' pull public/app:v1 done',
    'bob delete team/app:v1 denied',
    'bob push team/app:dev done',
  ]) {
    assert.ok(entries.includes(wanted), `${wanted} in ${entries.join('\n')}`);
  }
  assert.equal((await verifyChains(wholeTrail(database))).whole, true);
});

test('startService() asks for a password at the top only where somebody can have one', async () => {
  using folder = temporaryDirectory();
  folder.write('users', `alice:${hashSync('a-pass', 4)}\n`);
  const anonymous = '    anonymous: [{ repositories: [public/**], actions: [pull, list] }]\n';
  for (const [more, top] of [
    ['', 200],
    ['    htpasswd: users\n', 401],
    ['    robots: true\n', 401],
  ] as const) {
    const text = `registry:\n  listen: 127.0.0.1:0\n  auth:\n${anonymous}${more}`;
    await using service = await startOwnService(await serviceConfig(folder, text));
    assert.equal((await askService(service.url, 'GET', '/v2/')).status, top, more);
    assert.equal((await askService(service.url, 'GET', '/v2/public/app/manifests/1')).status, 404);
    assert.equal((await askService(service.url, 'GET', '/v2/team/app/manifests/1')).status, 401);
    assert.equal(await pushImage(service.url, 'public/app', 'v1', 'one'), 401);
  }
});

test('startService() begins with nothing but a folder, and finds everything again', async () => {
  using folder = temporaryDirectory();
  const config = await serviceConfig(folder, 'registry: { listen: 127.0.0.1:0 }');
  {
    await using service = await startOwnService(config);
    assert.equal(await push(service.url, 'app', 'v1', 'one', 'nobody:x'), 201);
  }
  await using again = await startOwnService(config);
  const { status } = await askService(again.url, 'GET', '/v2/app/manifests/v1');
  assert.equal(status, 200);
});

test('startService() lets nobody in before it is known who may do what', async () => {
  using folder = temporaryDirectory();
  folder.write('users', `alice:${hashSync('hold-fast', 4)}\n`);
  const { port } = await claimAddress({ host: '127.0.0.1', port: 0 });
  const starting = startOwnService(
    await serviceConfig(folder, settings('').replace('127.0.0.1:0', `127.0.0.1:${port}`)),
  );
  const seen = new Set<number>();
  let isStarted = false;
  void starting.then(() => (isStarted = true));
  while (!isStarted) {
    const asked = askService(`http://127.0.0.1:${port}`, 'GET', '/v2/secret/tags/list').then(({ status }) => status);
    seen.add(await asked.catch(() => 0));
  }
  await using _ = await starting;
  seen.delete(0);
  for (const status of seen) assert.ok(status === 503 || status === 401, `${status}`);
});
