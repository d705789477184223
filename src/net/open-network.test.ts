import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import { isNetError, type NetErrorCode } from './error.ts';
import type { RequestLimits } from './limits.ts';
import type { Network, NetworkRequest, NetworkResponse } from './network.ts';
import { openNetwork } from './open-network.ts';

async function textOf(response: NetworkResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function codeOf(act: Promise<unknown>): Promise<NetErrorCode> {
  try {
    await act;
  } catch (error) {
    if (isNetError(error)) return error.code;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Answers with what came: method, path, chosen headers and body. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { authorization, host, 'user-agent': agent, 'content-length': length } = request.headers;
    const { method, url } = request;
    response.end(
      JSON.stringify({ method, url, authorization, host, agent, length, body: Buffer.concat(chunks).toString() }),
    );
  });
};

async function ask(network: Network, request: NetworkRequest): Promise<Record<string, unknown>> {
  return JSON.parse(await textOf(await network.request(request))) as Record<string, unknown>;
}

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

/** Statuses sent in turn, the last for ever; what must come back, and how many requests that takes. */
const statusRuns: readonly (readonly [
  method: string,
  statuses: readonly number[],
  status: number,
  requests: number,
])[] = [
  ['GET', [503, 502, 200], 200, 3],
  ['GET', [500], 500, 3],
  ['GET', [503], 503, 4],
  ['GET', [429], 429, 4],
  ['GET', [408, 200], 200, 2],
  ['GET', [404], 404, 1],
  ['GET', [501], 501, 1],
  ['HEAD', [503, 200], 200, 2],
  ['PUT', [503, 200], 200, 2],
  ['POST', [503, 200], 503, 1],
  ['PATCH', [503, 200], 503, 1],
];

test('request() retries as its table says', async (t) => {
  for (const [method, statuses, status, requests] of statusRuns) {
    await t.test(`${method} ${statuses.join(', ')}`, async () => {
      let seen = 0;
      await using server = await listen((_request, response) => {
        response.writeHead(statuses[Math.min(seen, statuses.length - 1)] as number).end();
        seen += 1;
      });
      await using network = openNetwork({ clock: instantClock() });
      const response = await network.request({ method, url: server.url });
      assert.deepEqual([response.status, seen], [status, requests]);
    });
  }
});

test('request() waits as long as it is asked to, and not at all when that is too long', async (t) => {
  for (const [after, pauses, status] of [
    ['3', [3000], 200],
    ['0', [0], 200],
    ['31', [], 429],
    ['soon', [125], 200],
  ] as const) {
    await t.test(after, async () => {
      let seen = 0;
      await using server = await listen((_request, response) => {
        response.writeHead(seen === 0 ? 429 : 200, { 'retry-after': after }).end();
        seen += 1;
      });
      const clock = instantClock();
      await using network = openNetwork({ clock });
      assert.equal((await network.request({ url: server.url })).status, status);
      assert.deepEqual(clock.pauses, pauses);
    });
  }
});

test('request() sends a request again when the connection breaks before the answer, if it may be sent twice', async (t) => {
  for (const [method, idempotent, requests] of [
    ['GET', undefined, 4],
    ['POST', undefined, 1],
    ['POST', true, 4],
    ['GET', false, 1],
  ] as const) {
    await t.test(`${method} ${idempotent}`, async () => {
      let seen = 0;
      await using server = await listen((request) => {
        seen += 1;
        request.socket.destroy();
      });
      await using network = openNetwork({ clock: instantClock() });
      const request = { method, url: server.url, ...(idempotent === undefined ? {} : { idempotent }) };
      assert.equal(await codeOf(network.request(request)), 'RESET');
      assert.equal(seen, requests);
    });
  }
});

test('request() hands redirects over where they are not to be followed', async () => {
  let requests = 0;
  await using server = await listen((_request, response) => {
    requests += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await using network = openNetwork();
  const response = await network.request({ url: server.url, followRedirects: false });
  response.discard();
  assert.deepEqual([response.status, response.headers.get('location'), requests], [302, '/elsewhere', 1]);
});

test('request() follows redirects of GET, and drops credentials on the way to another port', async () => {
  await using other = await listen(echo);
  await using server = await listen((request, response) => {
    if (request.url === '/same') response.writeHead(302, { location: '/echo' }).end();
    else if (request.url === '/other') response.writeHead(307, { location: `${other.url}/x` }).end();
    else if (request.url === '/round') response.writeHead(301, { location: '/round' }).end();
    else echo(request, response);
  });
  await using network = openNetwork();
  const headers = { authorization: 'Bearer secret' };
  assert.equal((await ask(network, { url: `${server.url}/same`, headers })).authorization, 'Bearer secret');
  const away = await network.request({ url: `${server.url}/other`, headers });
  assert.equal(away.url.host, other.host);
  assert.equal((JSON.parse(await textOf(away)) as { authorization?: string }).authorization, undefined);
  assert.equal(await codeOf(network.request({ url: `${server.url}/round` })), 'REDIRECT');
  const posted = await network.request({ method: 'POST', url: `${server.url}/other`, body: Buffer.from('x') });
  assert.equal(posted.status, 307);
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

const megabyte = Buffer.alloc(1024 * 1024, 'x');

const bodies: readonly (readonly [
  title: string,
  listener: RequestListener,
  limits: Partial<RequestLimits>,
  code: NetErrorCode,
])[] = [
  [
    'too long, as announced',
    (_q, r) => r.writeHead(200, { 'content-length': '2000000' }).end(megabyte),
    { maxBodyBytes: 1_500_000 },
    'TOO_LARGE',
  ],
  [
    'too long, unannounced',
    (_q, r) => void r.writeHead(200).end(Buffer.concat([megabyte, megabyte])),
    { maxBodyBytes: 1_500_000 },
    'TOO_LARGE',
  ],
  ['cut off', (q, r) => r.writeHead(200, { 'content-length': '100' }).write('x', () => q.socket.end()), {}, 'RESET'],
  ['silent', (_q, r) => void r.writeHead(200, { 'content-length': '100' }).write('x'), { idleMs: 200 }, 'TIMEOUT'],
  [
    'dripping',
    (_q, r) => {
      const drip = setInterval(() => r.write('x'), 5);
      r.on('close', () => clearInterval(drip));
    },
    { speedWindowMs: 200, minBytesPerSecond: 100_000 },
    'TOO_SLOW',
  ],
];

test('request() gives up bodies that are too long, too slow or broken', async (t) => {
  for (const [title, listener, limits, code] of bodies) {
    await t.test(title, async () => {
      await using server = await listen(listener);
      await using network = openNetwork({ limits, widthPerHost: 1 });
      const response = await network.request({ url: server.url });
      assert.equal(await codeOf(textOf(response)), code);
      // The failed request gave its place back.
      (await network.request({ url: server.url })).discard();
    });
  }
});

test('request() reads ahead a bounded amount and blames no server for a slow reader', async () => {
  let sent = 0;
  await using server = await listen((_request, response) => {
    async function send(): Promise<void> {
      for (let at = 0; at < 24; at += 1) {
        sent += megabyte.length;
        if (!response.write(megabyte)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    }
    void send();
  });
  const clock = instantClock();
  await using network = openNetwork({ clock, limits: { minBytesPerSecond: 1_000_000, speedWindowMs: 1000 } });
  const response = await network.request({ url: server.url });
  let received = 0;
  for await (const chunk of response.body) {
    if (received === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(sent < 20 * megabyte.length, `${sent} bytes were taken ahead of the reader`);
    }
    received += chunk.length;
    clock.skip(60_000);
  }
  assert.equal(received, 24 * megabyte.length);
});

const heads: readonly (readonly [title: string, bytes: string, code: NetErrorCode])[] = [
  ['headers that are too large', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'TOO_LARGE'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', 'PROTOCOL'],
  ['a status nobody knows', 'HTTP/1.1 2xx OK\r\n\r\n', 'PROTOCOL'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx', 'PROTOCOL'],
  ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'PROTOCOL'],
  ['nothing', '', 'TIMEOUT'],
  ['half of the headers', 'HTTP/1.1 200 OK\r\nx: ', 'TIMEOUT'],
];

test('request() takes nothing but HTTP for an answer', async (t) => {
  for (const [title, bytes, code] of heads) {
    await t.test(title, async () => {
      const server = createRawServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.write(bytes));
      });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      try {
        await using network = openNetwork({ clock: instantClock(), limits: { headersMs: 300 } });
        const { port } = server.address() as AddressInfo;
        assert.equal(await codeOf(network.request({ url: `http://127.0.0.1:${port}/` })), code);
      } finally {
        server.close();
      }
    });
  }
});

test('request() gives up a server that stops reading', async () => {
  await using server = await listen((request) => request.pause());
  await using network = openNetwork({ clock: instantClock(), limits: { idleMs: 200 } });
  const body = async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield await Promise.resolve(megabyte);
  };
  assert.equal(await codeOf(network.request({ method: 'PUT', url: server.url, body, idempotent: false })), 'TIMEOUT');
});

test('request() heeds an answer that comes before all is sent', async () => {
  await using server = await listen((_request, response) => response.writeHead(413).end('too much'));
  await using network = openNetwork();
  const body = async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield await new Promise((resolve) => setImmediate(() => resolve(megabyte)));
  };
  const response = await network.request({ method: 'PUT', url: server.url, body });
  assert.equal(response.status, 413);
  response.discard();
});

test('request() refuses headers that would end early, without sending anything', async () => {
  let seen = 0;
  await using server = await listen((_request, response) => {
    seen += 1;
    response.end();
  });
  await using network = openNetwork();
  assert.equal(await codeOf(network.request({ url: server.url, headers: { 'x-a': 'b\r\nx-c: d' } })), 'PROTOCOL');
  assert.equal(seen, 0);
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

test('request() asks a plain proxy for plain addresses, with its own password and no one else is told', async () => {
  let asked: string | undefined;
  let proof: string | undefined;
  await using proxy = await listen((request, response) => {
    asked = request.url;
    proof = request.headers['proxy-authorization'];
    response.end(request.headers.host);
  });
  await using network = openNetwork({
    proxy: { http: `http://me:pw@${proxy.host}` },
    plainHttpHosts: ['registry.example'],
  });
  assert.equal(
    await textOf(await network.request({ url: 'http://registry.example:5000/v2/?n=1' })),
    'registry.example:5000',
  );
  assert.equal(asked, 'http://registry.example:5000/v2/?n=1');
  assert.equal(proof, `Basic ${Buffer.from('me:pw').toString('base64')}`);
  await using server = await listen((request, response) =>
    response.end(request.headers['proxy-authorization'] ?? 'none'),
  );
  assert.equal(await textOf(await network.request({ url: server.url })), 'none');
});

test('request() says when it is the proxy that fails', async () => {
  await using picky = await listen(echo);
  picky.server.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  await using wanting = openNetwork({ proxy: { https: `http://me:hunter2@${picky.host}` } });
  await assert.rejects(wanting.request({ url: 'https://registry.example/' }), (error: Error) => {
    assert.match(error.message, /407.*password/);
    assert.doesNotMatch(error.message, /hunter2/);
    return isNetError(error, 'PROXY');
  });
  await using absent = openNetwork({ proxy: { https: 'http://127.0.0.1:1' } });
  assert.equal(await codeOf(absent.request({ url: 'https://registry.example/' })), 'PROXY');
});
