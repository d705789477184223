import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { rawConnect, rawHead } from '../../../testing/registry/raw-http.ts';
import { limits } from '../limits.ts';
import { type ConnectionEnd, Connections } from './connections.ts';

/** A server whose connections are looked after, and what was told of them. */
interface Watched extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly connections: Connections;
  readonly ended: ConnectionEnd[];
  readonly open: () => number;
  readonly clock: { now: number };
}

const certificate = makeCertificate('registry', { ips: ['127.0.0.1'] });

async function startWatched(
  most: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  tls = false,
): Promise<Watched> {
  const ended: ConnectionEnd[] = [];
  const clock = { now: 0 };
  let open = 0;
  const observe = { count: (now: number) => (open = now), ended: (why: ConnectionEnd) => void ended.push(why) };
  const connections = new Connections({ most, leastSpeed: 1000, observe, monotonic: () => clock.now });
  const inTurn = (request: IncomingMessage, response: ServerResponse): void =>
    connections.serve(request, response, () => handle(request, response));
  const server: Server = tls ? createTlsServer({ ...certificate }, inTurn) : createServer(inTurn);
  connections.watch(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    port,
    connections,
    ended,
    clock,
    open: () => open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

const answer = (_: unknown, response: ServerResponse): void => void response.end('served');

describe('Connections', () => {
  test('the one that waits longest for a request makes room for a new one', async () => {
    await using watched = await startWatched(2, answer);
    using silent = await rawConnect(watched.host);
    await until(() => watched.open() === 1);
    using used = await rawConnect(watched.host);
    await used.send(rawHead('GET /'));
    assert.equal((await used.answer())?.status, 200);
    using late = await rawConnect(watched.host);
    await late.send(rawHead('GET /'));
    assert.equal((await late.answer())?.status, 200);
    await silent.closed;
    assert.deepEqual([watched.ended, watched.open()], [['crowded-out'], 2]);
    await used.send(rawHead('GET /'));
    assert.equal((await used.answer())?.status, 200, 'it was used later than the silent one');
  });

  test('one too many is told so while all others are at work, and taken when one of them is done', async () => {
    const held: ServerResponse[] = [];
    await using watched = await startWatched(2, (_, response) => void held.push(response));
    using first = await rawConnect(watched.host);
    using second = await rawConnect(watched.host);
    for (const connection of [first, second]) await connection.send(rawHead('GET /'));
    await until(() => held.length === 2);
    using third = await rawConnect(watched.host);
    await third.send(rawHead('GET /'));
    const refused = await third.answer();
    assert.deepEqual([refused?.status, refused?.code], [503, 'UNAVAILABLE']);
    assert.equal(refused?.headers.get('retry-after'), '5');
    assert.equal(refused?.headers.get('connection'), 'close');
    assert.equal(held.length, 2, 'nobody serves it');
    held[0]?.end('served');
    assert.equal((await first.answer())?.status, 200);
    using fourth = await rawConnect(watched.host);
    await fourth.send(rawHead('GET /'));
    await until(() => held.length === 3);
    assert.deepEqual(watched.ended, ['refused', 'crowded-out']);
  });

  test('requests of one connection are served one after the other, whatever is sent ahead', async () => {
    const held: { readonly url: string; readonly body: () => string; readonly response: ServerResponse }[] = [];
    await using watched = await startWatched(10, (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      held.push({ url: request.url ?? '', body: () => body, response });
    });
    using connection = await rawConnect(watched.host);
    const bodies = ['GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n', 'x'.repeat(100_000), ''];
    const requests = bodies.map((body, at) => `${rawHead(`PUT /${at}`, `Content-Length: ${body.length}`)}${body}`);
    await connection.send(requests.join(''));
    for (const [at, body] of bodies.entries()) {
      await until(() => held.length === at + 1 && held[at]?.body().length === body.length);
      // As long as the one before is not answered, whatever came is not looked at.
      for (let times = 0; times < 5; times += 1) await new Promise(setImmediate);
      assert.deepEqual([held.length, held[at]?.url, held[at]?.body()], [at + 1, `/${at}`, body]);
      held[at]?.response.end(String(at));
      assert.equal((await connection.answer())?.status, 200);
    }
  });

  test('a connection on which more is sent ahead than anybody needs is ended', async () => {
    const held: ServerResponse[] = [];
    await using watched = await startWatched(10, (_, response) => void held.push(response));
    using connection = await rawConnect(watched.host);
    await connection.send(rawHead('GET /').repeat(limits.pipelined + 2));
    await connection.closed;
    assert.deepEqual([held.length, watched.ended], [1, ['refused']]);
  });

  for (const tls of [false, true]) {
    const kind = tls ? 'TLS' : 'plain';

    test(`a client that sends slowly is let go, and one that is quick enough stays, over ${kind}`, async () => {
      await using watched = await startWatched(10, (request) => void request.resume(), tls);
      const open = (): Promise<(bytes: number) => Promise<void>> => connectSender(watched, tls);
      const [slow, quick] = [await open(), await open()];
      await until(() => watched.open() === 2);
      for (let second = 0; second <= 60; second += 5) {
        watched.clock.now = second * 1000;
        await Promise.all([slow(100), quick(6000)]);
        await new Promise((resolve) => setTimeout(resolve, 10));
        watched.connections.endSlow();
      }
      await until(() => watched.open() === 1);
      assert.deepEqual(watched.ended, ['slow']);
    });

    test(`a client that takes an answer slowly is let go, when its bytes had their time, over ${kind}`, async () => {
      const body = Buffer.alloc(30_000_000);
      let answered = false;
      const handle = (_: unknown, response: ServerResponse): void => {
        response.end(body);
        answered = true;
      };
      await using watched = await startWatched(10, handle, tls);
      const slow = await connectTaker(watched, tls);
      slow.pause();
      await until(() => answered);
      for (const [second, ended] of [
        [0, 0],
        [5, 0],
        [limits.paceWindow / 1000 + 29_000, 0],
        // Thirty seconds, and a second for each thousand bytes.
        [limits.paceWindow / 1000 + 31_000, 1],
      ] as const) {
        watched.clock.now = second * 1000;
        watched.connections.endSlow();
        assert.equal(watched.ended.length, ended, `${second} s`);
      }
      assert.deepEqual(watched.ended, ['slow']);
    });
  }

  test('over TLS, too many connections are counted before their handshake', async () => {
    await using watched = await startWatched(2, answer, true);
    // They never begin one.
    using first = await rawConnect(watched.host);
    using second = await rawConnect(watched.host);
    await until(() => watched.open() === 2);
    const taker = await connectTaker(watched, true);
    const [head] = (await taker.take(1).toArray()) as Buffer[];
    assert.match(String(head), /^HTTP\/1\.1 200 /);
    await first.closed;
    assert.deepEqual(watched.ended, ['crowded-out']);
    assert.equal(second.socket.destroyed, false);
  });
});

/** Begins a request without end, and gives what sends more of its body. */
async function connectSender({ host, port }: Watched, tls: boolean): Promise<(bytes: number) => Promise<void>> {
  const head = rawHead('PUT /', 'Content-Length: 1000000000');
  const socket = tls ? connectTls({ port, host: '127.0.0.1', ca: certificate.cert }) : (await rawConnect(host)).socket;
  socket.on('error', () => undefined);
  const send = (bytes: string): Promise<void> =>
    new Promise((resolve) => {
      socket.write(bytes, () => resolve());
    });
  await send(head);
  return (bytes) => send('x'.repeat(bytes));
}

async function connectTaker({ host, port }: Watched, tls: boolean): Promise<Socket> {
  const socket = tls ? connectTls({ port, host: '127.0.0.1', ca: certificate.cert }) : (await rawConnect(host)).socket;
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.write(rawHead('GET /'), () => resolve());
  });
  return socket;
}
