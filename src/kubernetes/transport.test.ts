import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, configOfText, kubernetesLab } from '../../testing/kubernetes/kubernetes-lab.ts';
import { startFakeApiServer, testToken } from '../../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../../testing/kubernetes/resource-types.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import { manualClock } from '../../testing/store/manual-clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ClusterConfig } from './config/model.ts';
import { isKubernetesError } from './error.ts';
import { listAll } from './list-all.ts';
import { openKubernetesClient } from './open-client.ts';

const { pods, secrets } = builtInTypes;
const podA = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };

test('a client shows what proves who asks to its server, by each way', async () => {
  await using api = await startFakeApiServer({
    tokens: { t1: { username: 'one', groups: [] } },
    passwords: { 'me:pass': { username: 'two', groups: [] } },
  });
  const certificate = makeCertificate('three', { issuer: api.authority });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const shown = { 'client-certificate-data': base64(certificate.cert), 'client-key-data': base64(certificate.key) };
  for (const [user, name] of [
    [{ token: 't1' }, 'one'],
    [{ username: 'me', password: 'pass' }, 'two'],
    [shown, 'three'],
    [{ token: 't1', as: 'other' }, 'other'],
  ] as const) {
    await using client = await clientOf(api, { user });
    await client.get(pods, 'a');
    assert.equal(api.calls.at(-1)?.user?.username, name);
  }
  await using nobody = await clientOf(api, { user: {} });
  await assert.rejects(nobody.get(pods, 'a'), { code: 'UNAUTHORIZED' });
});

test('a client takes nobody for its server but who has the right certificate', async () => {
  await using api = await startFakeApiServer();
  const other = Buffer.from(makeCertificate('other').cert).toString('base64');
  for (const [cluster, code] of [
    [{}, undefined],
    [{ 'tls-server-name': 'kubernetes.default.svc' }, undefined],
    [{ 'tls-server-name': 'elsewhere.example' }, 'UNREACHABLE'],
    [{ 'certificate-authority-data': other }, 'UNREACHABLE'],
    [{ 'certificate-authority-data': '' }, 'UNREACHABLE'],
    [{ 'certificate-authority-data': '', 'insecure-skip-tls-verify': true }, undefined],
  ] as const) {
    await using client = await clientOf(api, { cluster });
    const before = api.calls.length;
    if (code === undefined) assert.equal(await client.get(pods, 'a'), undefined);
    else {
      await assert.rejects(client.get(pods, 'a'), { code }, JSON.stringify(cluster));
      // The token was not told either.
      assert.equal(api.calls.length, before);
    }
  }
});

test('a client tells no other host who asks, wherever it is sent', async () => {
  const heard: unknown[] = [];
  const authority = makeCertificate('ca');
  const leaf = makeCertificate('api', { issuer: authority, ips: ['127.0.0.1'] });
  const tls = { ...leaf, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
  await using thief = await listen((request, response) => {
    heard.push(request.headers);
    response.end(JSON.stringify({ ...podA, spec: 'stolen' }));
  }, tls);
  let location = '';
  let status = 302;
  await using api = await listen((_request, response) => void response.writeHead(status, { location }).end('{}'), tls);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const config = await configOfText(
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: api.url, 'certificate-authority-data': base64(authority.cert) } }],
      users: [{ name: 'u', user: { token: 'secret-token' } }],
    }),
  );
  await using client = openKubernetesClient(config, { clock: instantClock() });
  for (const target of [
    thief.url,
    `${thief.url}/api/v1/namespaces/default/pods/a`,
    '/api/v1/namespaces/default/pods/b',
  ]) {
    for (status of [301, 302, 303, 307, 308]) {
      location = target;
      const refused = { code: 'ANSWER_INVALID', message: /sends whoever asks it elsewhere/ };
      await assert.rejects(client.get(pods, 'a'), refused);
      await assert.rejects(client.create(pods, podA), refused);
      await assert.rejects(client.watch(pods, { resourceVersion: '1' }), refused);
      await assert.rejects(listAll(client, pods), refused);
    }
  }
  assert.deepEqual(heard, []);
});

test('a client tells nobody who asks over plain HTTP', async () => {
  const heard: (string | undefined)[] = [];
  await using server = await listen((request, response) => {
    heard.push(request.headers.authorization);
    response.end(JSON.stringify(podA));
  });
  await using api = await startFakeApiServer();
  const config = await configOfText(
    api.kubeconfig(undefined, { server: server.url, 'certificate-authority-data': '' }),
  );
  await using client = openKubernetesClient(config, { clock: instantClock() });
  assert.equal((await client.get(pods, 'a'))?.metadata.name, 'a');
  assert.deepEqual(heard, [undefined]);
});

test('a client makes credentials fresh once where they are refused', async () => {
  await using api = await startFakeApiServer({ tokens: { second: { username: 'one', groups: [] } } });
  const base = await configOfText(api.kubeconfig());
  const given = ['first', 'second', 'third'];
  let index = 0;
  const credentials: ClusterConfig['credentials'] = {
    current: () => Promise.resolve({ headers: { authorization: `Bearer ${given[index]}` }, certificate: undefined }),
    refused() {
      index += 1;
      return true;
    },
  };
  await using client = openKubernetesClient({ ...base, credentials }, { clock: instantClock() });
  assert.equal(await client.get(pods, 'a'), undefined);
  assert.deepEqual(
    api.calls.map(({ authorization }) => authorization),
    ['Bearer first', 'Bearer second'],
  );
  api.tokens.clear();
  await assert.rejects(client.create(pods, podA), { code: 'UNAUTHORIZED' });
  assert.equal(api.calls.length, 4);
});

test('a client waits as long as it is told where it asks too often, whatever it asks', async () => {
  const clock = instantClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  const often = (retryAfter: number): void =>
    api.faults.inject({ kind: 'status', status: 429, reason: 'TooManyRequests', retryAfter }, { times: 2 });
  for (const act of [
    () => client.get(pods, 'a'),
    () => client.create(pods, podA),
    () => client.patch(pods, 'a', { kind: 'merge', body: {} }),
    () => client.remove(pods, 'a'),
  ]) {
    often(7);
    clock.pauses.length = 0;
    await act();
    // Those that `net/` repeats hold back all other requests as well.
    assert.ok(
      clock.pauses.length >= 2 && clock.pauses.every((pause) => pause > 6900 && pause <= 7000),
      String(clock.pauses),
    );
  }
  often(3600);
  await assert.rejects(client.create(pods, podA), { code: 'THROTTLED', retryAfterMs: 3_600_000 });
  api.faults.clear();
  api.faults.inject({ kind: 'status', status: 429 }, { times: 100 });
  await assert.rejects(client.create(pods, podA), { code: 'THROTTLED' });
  assert.ok(api.calls.length < 30);
});

test('a client does not send twice what may have been done', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  api.faults.inject({ kind: 'drop', when: 'after' });
  await assert.rejects(client.create(pods, podA), { code: 'UNREACHABLE' });
  assert.equal(api.calls.length, 1);
  assert.equal((await client.get(pods, 'a'))?.metadata.name, 'a');
  api.faults.inject({ kind: 'drop', when: 'before' });
  assert.equal((await client.get(pods, 'a'))?.metadata.name, 'a');
});

test('a client asks no more often than it may', async () => {
  const clock = manualClock(0);
  await using api = await startFakeApiServer();
  const config = await configOfText(api.kubeconfig());
  await using client = openKubernetesClient(config, { clock, rateLimit: { qps: 10, burst: 3 } });
  const asked = Array.from({ length: 5 }, () => client.get(pods, 'a'));
  await Promise.all(asked.slice(0, 3));
  assert.equal(api.calls.length, 3);
  await clock.advance(100);
  await asked[3];
  assert.equal(api.calls.length, 4);
  await clock.advance(100);
  await asked[4];
  const aborted = new AbortController();
  const waiting = client.get(pods, 'a', { signal: aborted.signal });
  aborted.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.equal(api.calls.length, 5);
});

test('a client tells in the words of the server why it failed, made harmless and without secrets', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  const message = `no\u001b[31m way \u202e ${testToken} Bearer abcdefgh ${'x'.repeat(1000)}`;
  api.faults.inject({ kind: 'status', status: 422, reason: 'Invalid', message });
  const error = await client.create(pods, podA).catch((reason: unknown) => reason);
  assert.ok(isKubernetesError(error, 'INVALID'));
  assert.match(
    error.message,
    /^The cluster did not create pods a \(status 422, Invalid\): no \[31m way \*\*\* Bearer \*\*\* x+…; correct what was sent$/,
  );
  assert.ok(error.message.length < 700);
});

test('a client passes on what the server warns of', async () => {
  const warned: unknown[] = [];
  const logger = {
    warn: (_: string, fields: unknown) => warned.push(fields),
    debug() {},
    info() {},
    error() {},
  } as unknown as Logger;
  await using api = await startFakeApiServer();
  const warning = '299 - "unknown \\"field\\"", 299 kube "second", 199 - "not this"';
  api.faults.inject({ kind: 'answer', headers: { warning }, body: JSON.stringify(podA) });
  await using client = await clientOf(api, { logger });
  await client.get(pods, 'a');
  assert.deepEqual(warned, [
    { what: 'get pods a', warning: 'unknown "field"' },
    { what: 'get pods a', warning: 'second' },
  ]);
});

const list = (more: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'SecretList', metadata: { resourceVersion: '1' }, ...more });

test('a client refuses answers that no API server gives', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
  for (const body of [
    '',
    'null',
    '[]',
    '<html>',
    '{"kind":"Secret"',
    Buffer.from([0x7b, 0xff, 0x7d]),
    JSON.stringify({ ...secret, kind: 'ConfigMap' }),
    JSON.stringify({ ...secret, apiVersion: 'v2' }),
    JSON.stringify({ ...secret, metadata: {} }),
    JSON.stringify({ ...secret, metadata: null }),
    JSON.stringify({ kind: 'Status', status: 'Success' }),
  ]) {
    api.faults.inject({ kind: 'answer', body });
    await assert.rejects(client.get(secrets, 'a'), { code: 'ANSWER_INVALID' }, String(body));
  }
  for (const body of [
    JSON.stringify(secret),
    list({ kind: 'PodList' }),
    list({ metadata: {} }),
    list({ items: {} }),
    list({ items: [null] }),
    list({ items: [{ metadata: {} }] }),
    list({ items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }] }),
    list({ metadata: { resourceVersion: '1', continue: 'x'.repeat(100_000) } }),
  ]) {
    api.faults.inject({ kind: 'answer', body });
    await assert.rejects(listAll(client, secrets), { code: 'ANSWER_INVALID' }, body.slice(0, 200));
  }
  // What is not there is the API server's word alone.
  api.faults.inject({ kind: 'answer', status: 404, body: '<html>no such page</html>' }, { times: 2 });
  await assert.rejects(client.get(secrets, 'a'), { code: 'NOT_FOUND' });
  await assert.rejects(client.remove(secrets, 'a'), { code: 'NOT_FOUND' });
});

test('a client reads no answer without end', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  function* endless(): Generator<Buffer> {
    const chunk = Buffer.alloc(1_048_576, 'x');
    for (;;) yield chunk;
  }
  api.faults.inject({ kind: 'answer', body: endless });
  await assert.rejects(client.get(secrets, 'a'), { code: 'LIMIT_EXCEEDED' });
  // Pages that lead to themselves, and pages without end.
  const page = list({ metadata: { resourceVersion: '1', continue: 'again' } });
  api.faults.inject({ kind: 'answer', body: page }, { times: 100 });
  await assert.rejects(listAll(client, secrets), { code: 'ANSWER_INVALID' });
});

test('a client asks for smaller pages where one is too large', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  api.seed(secrets, ...['a', 'b', 'c'].map((name) => ({ metadata: { name } })));
  api.faults.inject({ kind: 'answer', headers: { 'content-length': '99999999' }, body: '{' });
  const { objects } = await listAll(client, secrets, { pageSize: 8 });
  assert.deepEqual(
    objects.map(({ metadata }) => metadata.name),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    api.calls.map(({ query }) => query['limit']),
    ['8', '2', '2'],
  );
});
