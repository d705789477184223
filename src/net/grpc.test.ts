import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { callGrpc, type GrpcCall } from './grpc.ts';

function framed(message: Uint8Array, flag = 0, length: number = message.length): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** A server on a local socket, and a call to it. */
async function withServer(
  answer: (stream: ServerHttp2Stream, request: Buffer) => void,
  work: (call: (changes?: Partial<GrpcCall>) => ReturnType<typeof callGrpc>) => Promise<void>,
): Promise<void> {
  using folder = temporaryDirectory();
  const socketPath = join(folder.path, 'api.sock');
  const server = createServer();
  server.on('stream', (stream) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    stream.on('end', () => answer(stream, Buffer.concat(chunks)));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  const usual = { socketPath, path: '/a.B/C', message: Buffer.from('ask'), maxBytes: 64, timeoutMs: 2000 };
  try {
    await work((changes) => callGrpc({ ...usual, ...changes }));
  } finally {
    server.close();
  }
}

const headers = { ':status': 200, 'content-type': 'application/grpc' };

function answering(bytes: Uint8Array, status = '0'): (stream: ServerHttp2Stream) => void {
  return (stream) => {
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(bytes);
  };
}

test('callGrpc() sends one message and reads one', () =>
  withServer(
    (stream, request) => answering(framed(request.subarray(5)))(stream),
    async (call) => {
      const { status, message } = await call();
      assert.deepEqual([status, message.toString()], [0, 'ask']);
      assert.equal((await call({ message: Buffer.alloc(0) })).message.length, 0);
    },
  ));

test('callGrpc() gives a status that is no success as an answer, in headers or trailers', async () => {
  await withServer(answering(framed(Buffer.from('x')), '7'), async (call) => {
    const { status, message } = await call();
    assert.deepEqual([status, message.length], [7, 0]);
  });
  const refuse = (stream: ServerHttp2Stream): void =>
    stream.respond({ ...headers, 'grpc-status': '16', 'grpc-message': 'who?' }, { endStream: true });
  await withServer(refuse, async (call) => {
    const { status, statusMessage } = await call();
    assert.deepEqual([status, statusMessage], [16, 'who?']);
  });
});

for (const [title, bytes, code] of [
  ['a compressed message', framed(Buffer.from('x'), 1), 'PROTOCOL'],
  ['a length that lies', framed(Buffer.from('x'), 0, 9), 'PROTOCOL'],
  ['two messages', Buffer.concat([framed(Buffer.from('x')), framed(Buffer.from('y'))]), 'PROTOCOL'],
  ['no message', Buffer.alloc(0), 'PROTOCOL'],
  ['more than was allowed', framed(Buffer.alloc(200)), 'TOO_LARGE'],
] as const) {
  test(`callGrpc() refuses ${title}`, () => withServer(answering(bytes), (call) => assert.rejects(call(), { code })));
}

for (const status of ['', 'OK', '-1', '1e3', '9999']) {
  test(`callGrpc() refuses "${status}" for a status`, () =>
    withServer(answering(framed(Buffer.from('x')), status), (call) => assert.rejects(call(), { code: 'PROTOCOL' })));
}

test('callGrpc() waits for a bounded time, and ends with its signal', () =>
  withServer(
    () => undefined,
    async (call) => {
      await assert.rejects(call({ timeoutMs: 30 }), { code: 'TIMEOUT' });
      const controller = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 20);
      await assert.rejects(call({ signal: controller.signal }), (error) => error === reason);
      await assert.rejects(call({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
    },
  ));

test('callGrpc() says when nobody is there, or nobody that speaks gRPC', async () => {
  using folder = temporaryDirectory();
  const usual = { path: '/a.B/C', message: Buffer.alloc(0), maxBytes: 64, timeoutMs: 2000 };
  await assert.rejects(callGrpc({ ...usual, socketPath: join(folder.path, 'none') }), { code: 'REFUSED' });
  const socketPath = join(folder.path, 'other.sock');
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('220 mail.example.com ESMTP\r\n');
  });
  server.listen(socketPath);
  await once(server, 'listening');
  await assert.rejects(callGrpc({ ...usual, socketPath }), { name: 'NetError' });
  server.close();
});
