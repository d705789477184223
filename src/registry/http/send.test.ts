import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import { ServedRequest } from '../pipeline/served-request.ts';
import { sendAnswer } from './send.ts';

test('sendAnswer() ends and closes the blob when the connection is lost between two chunks', async () => {
  const closed = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    const open: OpenBlob = {
      size: 2000,
      async *read() {
        yield new Uint8Array(1000);
        // Destroyed, and not yet heard of: what is written now never comes back from the socket.
        request.socket.destroy();
        yield new Uint8Array(1000);
      },
      [Symbol.asyncDispose]: async () => closed.resolve(),
    };
    const answer = { status: 200, headers: {}, blob: { open, range: undefined } };
    sendAnswer(new ServedRequest(request, response), answer).then(failed.resolve, failed.resolve);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.arrayBuffer()));
  await closed.promise;
  assert.equal(((await failed.promise) as Error).name, 'AbortError');
  server.close();
});
