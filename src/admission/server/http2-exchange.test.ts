import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { encodeFrame, frameFlag, frameType, openRawHttp2, postBlock } from '../../../testing/admission/http2-frames.ts';
import { openOwnServer, ownAuthority } from '../../../testing/admission/own-server.ts';
import { readReview } from '../../../testing/admission/read-review.ts';
import { plainAllowance } from '../review/answer.ts';

const post = { ':method': 'POST', ':path': '/mutate/fail?timeout=10s', 'content-type': 'application/json' } as const;
const review = readReview('create-pod');

async function sessionOf(t: TestContext): Promise<ClientHttp2Session> {
  const server = await openOwnServer({ judge: () => plainAllowance });
  const trust = { ca: ownAuthority.cert, servername: 'localhost' };
  const session = connect(`https://127.0.0.1:${server.address.port}`, trust);
  t.after(async () => {
    session.destroy();
    await server.close();
  });
  return session;
}

async function answerOf(stream: ClientHttp2Stream): Promise<readonly [headers: IncomingHttpHeaders, body: string]> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += String(chunk);
  return [headers, body];
}

test('HEAD is answered by a head that says how long the body would be', async (t) => {
  const session = await sessionOf(t);
  const [headers, body] = await answerOf(session.request({ ':method': 'HEAD', ':path': '/healthz' }));
  assert.deepEqual([headers[':status'], headers['content-length'], body], [200, '15', '']);
  const [other, answer] = await answerOf(session.request({ ':path': '/healthz' }));
  assert.deepEqual([other[':status'], answer], [200, '{"status":"ok"}']);
});

test('a client that waits to be told to send its body is told', async (t) => {
  const session = await sessionOf(t);
  const stream = session.request({ ...post, expect: '100-continue' });
  const answer = answerOf(stream);
  await once(stream, 'continue');
  stream.end(review);
  const [headers, body] = await answer;
  assert.deepEqual([headers[':status'], body.includes('"allowed":true')], [200, true]);
});

test('an answer is a head and one frame that ends it, so that no client waits for another', async (t) => {
  await using server = await openOwnServer({ judge: () => plainAllowance });
  const client = await openRawHttp2(server.address.port, ownAuthority.cert);
  t.after(() => client[Symbol.dispose]());
  const { endStream, endHeaders } = frameFlag;
  for (const id of [1, 3, 5]) {
    await client.write(encodeFrame(frameType.headers, endHeaders, id, postBlock('/mutate/fail?timeout=10s')));
    await client.write(encodeFrame(frameType.data, endStream, id, review));
    assert.ok(await client.until(({ type, stream }) => type === frameType.data && stream === id));
  }
  await client.write(encodeFrame(frameType.ping, 0, 0, Buffer.alloc(8)));
  await client.until(({ type }) => type === frameType.ping);
  const answers = client.frames().filter(({ stream }) => stream > 0);
  assert.deepEqual(
    answers.map(({ type, flags, stream }) => [type, flags, stream]),
    [1, 3, 5].flatMap((id) => [
      [frameType.headers, endHeaders, id],
      [frameType.data, endStream, id],
    ]),
  );
});

test('a request without a path, or for a tunnel, is none that is known', async (t) => {
  const session = await sessionOf(t);
  const [headers] = await answerOf(session.request({ ':method': 'CONNECT', ':authority': 'registry.example' }));
  assert.equal(headers[':status'], 404);
});
