import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer as createRawServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { codeOf, textOf } from '../../testing/network-answers.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import type { NetErrorCode } from './error.ts';
import type { RequestLimits } from './limits.ts';
import { openNetwork } from './open-network.ts';

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
