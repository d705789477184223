import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { listen } from '../../testing/registry/listen.ts';
import { openNetwork } from './open-network.ts';

const body = randomBytes(6_000_000);
const authority = makeCertificate('Test authority');
const here = makeCertificate('here', { issuer: authority, ips: ['127.0.0.1'] });
const tls = { authorities: [{ name: 'ca.pem', pem: Buffer.from(authority.cert) }] };

const serve: RequestListener = (request, response) => {
  response.setHeader('content-length', body.length);
  if (request.url === '/parts') {
    for (let at = 0; at < body.length; at += 999_983) response.write(body.subarray(at, at + 999_983));
    response.end();
  } else response.end(body);
};

for (const [title, certificate] of [['without TLS', undefined] as const, ['with TLS', here] as const]) {
  test(`connections share what they read into, and bodies keep their bytes, ${title}`, async () => {
    await using server = await listen(serve, certificate);
    await using network = openNetwork({ tls, limits: { readAheadBytes: 100_000 } });
    const read = async (path: string, wait: number): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await network.request({ url: `${server.url}${path}` })).body) {
        chunks.push(chunk);
        // A slow reader makes the connection pause.
        if (chunks.length % 7 === 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      return Buffer.concat(chunks);
    };
    for (let round = 0; round < 2; round += 1) {
      const bodies = await Promise.all([read('/whole', 0), read('/parts', 2), read('/whole', 1), read('/parts', 0)]);
      for (const one of bodies) assert.ok(one.equals(body));
    }
  });
}

test('a connection on which an answer comes that nobody asked for is given up', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const name = `${sockets.length}`;
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using network = openNetwork();
  const ask = async (): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const { port } = server.address() as AddressInfo;
    for await (const chunk of (await network.request({ url: `http://127.0.0.1:${port}/` })).body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  try {
    assert.deepEqual([await ask(), await ask()], ['1', '1']);
    const [first] = sockets as [Socket];
    const gone = once(first, 'close');
    first.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong');
    await gone;
    assert.equal(await ask(), '2');
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
