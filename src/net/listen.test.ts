import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { listenAt } from './listen.ts';

async function listen(host: string, port: number): Promise<number> {
  const server = createServer();
  await once(server.listen({ host, port }), 'listening');
  const { port: taken } = server.address() as AddressInfo;
  server.unref();
  return taken;
}

test('listenAt() says why nothing can be served, and what to do', async () => {
  const port = await listenAt({ host: '127.0.0.1', port: 0 }, () => listen('127.0.0.1', 0));
  for (const [host, at, code, sentence] of [
    ['127.0.0.1', port, 'ADDRESS_IN_USE', /^Nothing can be served at 127\.0\.0\.1:\d+: another program serves there/],
    // RFC 5737: for documents, and no machine's.
    ['192.0.2.1', 0, 'ADDRESS_UNAVAILABLE', /192\.0\.2\.1:0: this machine has no such address/],
  ] as const) {
    await assert.rejects(
      listenAt({ host, port: at }, () => listen(host, at)),
      { code, message: sentence },
    );
  }
  const refused = Object.assign(new Error('no'), { code: 'EACCES' });
  await assert.rejects(
    listenAt({ host: '::1', port: 80 }, () => Promise.reject(refused)),
    { code: 'ADDRESS_FORBIDDEN', message: /\[::1\]:80/ },
  );
});
