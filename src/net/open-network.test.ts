import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, codeOf, echo, textOf } from '../../testing/network-answers.ts';
import { listen } from '../../testing/registry/listen.ts';
import type { NetworkRequest } from './network.ts';
import { openNetwork } from './open-network.ts';

test('request() sends what it is given and gives what comes', async () => {
  await using server = await listen(echo);
  await using network = openNetwork({ userAgent: 'probe/1' });
  const bytes = { method: 'POST', url: `${server.url}/a?b=c`, body: Buffer.from('hello') };
  const said = { method: 'POST', url: '/a?b=c', host: server.host, agent: 'probe/1', length: '5', body: 'hello' };
  assert.deepEqual(await ask(network, bytes), said);
  const streamed: NetworkRequest = {
    method: 'PUT',
    url: server.url,
    body: async function* parts() {
      yield Buffer.from('in ');
      await Promise.resolve();
      yield Buffer.from('parts');
    },
  };
  assert.equal((await ask(network, streamed)).body, 'in parts');
  const withUser = await ask(network, { url: `http://us%20er:pa%3Ass@${server.host}/` });
  assert.equal(withUser.authorization, `Basic ${Buffer.from('us er:pa:ss').toString('base64')}`);
});

test('request() keeps connections alive', async () => {
  let connections = 0;
  await using server = await listen(echo);
  server.server.on('connection', () => (connections += 1));
  await using network = openNetwork();
  for (let round = 0; round < 5; round += 1) await ask(network, { url: server.url });
  assert.equal(connections, 1);
});

test('request() keeps connections alive when a short body is not wanted', async () => {
  let connections = 0;
  await using server = await listen((_request, response) => response.end('x'.repeat(10_000)));
  server.server.on('connection', () => (connections += 1));
  await using network = openNetwork({ widthPerHost: 1 });
  for (let round = 0; round < 5; round += 1) (await network.request({ url: server.url })).discard();
  assert.equal(connections, 1);
});

test('request() goes nowhere without permission', async () => {
  await using network = openNetwork();
  await using offline = openNetwork({ offline: true });
  assert.equal(await codeOf(network.request({ url: 'http://example.com/' })), 'INSECURE');
  assert.equal(await codeOf(network.request({ url: 'ftp://example.com/' })), 'URL_INVALID');
  assert.equal(await codeOf(network.request({ url: 'https://user:hunter2@' })), 'URL_INVALID');
  assert.equal(await codeOf(network.request({ url: 'http://127.0.0.1:1/' })), 'REFUSED');
  await assert.rejects(offline.request({ url: 'https://example.com:8443/' }), {
    code: 'OFFLINE',
    message: /example\.com:8443/,
  });
  await assert.rejects(offline.request({ url: 'http://127.0.0.1/' }), { code: 'OFFLINE' });
});

test('plainHttp() tells why a host may be asked without TLS', () => {
  const network = openNetwork({
    plainHttpHosts: ['registry.example:5000', 'both.example'],
    tls: { insecureHosts: ['both.example', 'localhost'] },
  });
  assert.deepEqual(
    ['registry.example:5000', 'both.example', 'registry.example', 'localhost:1', '[::1]:1', '10.0.0.1', 'a b'].map(
      (host) => network.plainHttp(host),
    ),
    ['asked', 'either', undefined, 'loopback', 'loopback', undefined, undefined],
  );
});

test('request() talks to a local socket, offline too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'socket-'));
  const socketPath = join(folder, 's');
  const server = createServer(echo);
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
  try {
    await using network = openNetwork({ offline: true });
    assert.equal((await ask(network, { url: 'http://localhost/images/json', socketPath })).url, '/images/json');
    assert.equal(await codeOf(network.request({ url: 'http://localhost/', socketPath: `${socketPath}x` })), 'REFUSED');
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
});

test('request() has a bounded number of requests to one host under way', async () => {
  let now = 0;
  let most = 0;
  await using server = await listen((_request, response) => {
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => {
      now -= 1;
      response.end('done');
    }, 5);
  });
  await using network = openNetwork({ widthPerHost: 3 });
  await Promise.all(Array.from({ length: 12 }, async () => textOf(await network.request({ url: server.url }))));
  assert.equal(most, 3);
});

test('request() ends in the reason of an abort, at each stage', async () => {
  await using server = await listen((request, response) => {
    if (request.url === '/body') response.writeHead(200, { 'content-length': '100' }).write('x');
  });
  await using network = openNetwork({ widthPerHost: 1 });
  const reason = { message: 'enough' };
  const stopped = AbortSignal.abort(new Error('enough'));
  await assert.rejects(network.request({ url: server.url, signal: stopped }), reason);
  const stopAt = (stage: AbortController): void => void setTimeout(() => stage.abort(new Error('enough')), 20);
  const waiting = new AbortController();
  stopAt(waiting);
  await assert.rejects(network.request({ url: server.url, signal: waiting.signal }), reason);
  const reading = new AbortController();
  const response = await network.request({ url: `${server.url}/body`, signal: reading.signal });
  const queued = new AbortController();
  stopAt(queued);
  await assert.rejects(network.request({ url: server.url, signal: queued.signal }), reason);
  stopAt(reading);
  await assert.rejects(textOf(response), reason);
});

test('request() writes no secret into logs and errors', async () => {
  const lines: string[] = [];
  const keep = (message: string, fields?: unknown): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  await using server = await listen((request, response) => {
    if (request.url?.startsWith('/away') === true)
      response.writeHead(302, { location: 'file://u:secret@/x?sig=secret' });
    response.end();
  });
  await using network = openNetwork({ logger: { debug: keep, info: keep, warn: keep, error: keep } });
  const url = (path: string): string => `http://user:secret@${server.host}${path}?X-Amz-Signature=secret`;
  (await network.request({ url: url('/'), headers: { authorization: 'Bearer secret' } })).discard();
  await assert.rejects(network.request({ url: url('/away') }), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret/);
    return true;
  });
  assert.ok(lines.length >= 2);
  assert.doesNotMatch(lines.join('\n'), /secret/);
});
