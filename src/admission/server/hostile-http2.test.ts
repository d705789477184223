import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  encodeFrame,
  frameFlag,
  frameType,
  headerField,
  headerText,
  type Http2Frame,
  number32,
  openRawHttp2,
  postBlock,
  type RawHttp2,
  settingsFrame,
} from '../../../testing/admission/http2-frames.ts';
import { openOwnServer, ownAuthority } from '../../../testing/admission/own-server.ts';
import { readReview } from '../../../testing/admission/read-review.ts';
import { openClient } from '../../../testing/admission/review-client.ts';
import { plainAllowance } from '../review/answer.ts';
import type { JudgeReview } from './model.ts';
import type { AdmissionServer, ServerLimits } from './open-admission-server.ts';

const { endStream, endHeaders } = frameFlag;
const path = '/mutate/fail?timeout=10s';
const review = readReview('create-pod');
const post = postBlock(path);
/** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113, 6.5.2). */
const initialWindow = 4;

interface Scene {
  readonly server: AdmissionServer & { readonly metrics: { render(): Promise<{ readonly body: string }> } };
  readonly client: RawHttp2;
  /** How often something was judged. */
  readonly judged: () => number;
}

async function sceneOf(
  t: TestContext,
  limits: ServerLimits = {},
  settings: readonly (readonly [number, number])[] = [],
): Promise<Scene> {
  let judged = 0;
  const judge: JudgeReview = () => {
    judged += 1;
    return plainAllowance;
  };
  const server = await openOwnServer({ judge, limits });
  t.after(() => server.close());
  const client = await openRawHttp2(server.address.port, ownAuthority.cert, settings);
  t.after(() => client[Symbol.dispose]());
  return { server, client, judged: () => judged };
}

/** Others are served as if nothing were. */
async function isWell({ server }: Scene): Promise<void> {
  using other = openClient('HTTP/2', server.address.port, ownAuthority.cert);
  const { status, body } = await other.send({ path, body: review });
  assert.equal(status, 200, body);
  const told = (await server.metrics.render()).body;
  assert.match(told, /^seaworthy_admission_reviews_open 0$/m);
}

const streamIds = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at * 2 + 1);

/** What ends a connection: the bytes of each step. Some are none while somebody reads what comes back. */
const floods: readonly (readonly [name: string, attack: (at: number) => Buffer, isDeaf?: true])[] = [
  [
    'requests that are taken back at once (CVE-2023-44487)',
    (at) =>
      Buffer.concat([
        encodeFrame(frameType.headers, endHeaders, at * 2 + 1, post),
        encodeFrame(frameType.rstStream, 0, at * 2 + 1, number32(8)),
      ]),
  ],
  [
    'whole reviews that are taken back at once',
    (at) =>
      Buffer.concat([
        encodeFrame(frameType.headers, endHeaders, at * 2 + 1, post),
        encodeFrame(frameType.data, endStream, at * 2 + 1, review),
        encodeFrame(frameType.rstStream, 0, at * 2 + 1, number32(8)),
      ]),
  ],
  [
    'requests that make the server take them back (CVE-2025-8671)',
    (at) =>
      Buffer.concat([
        encodeFrame(frameType.headers, endHeaders, at * 2 + 1, post),
        encodeFrame(frameType.windowUpdate, 0, at * 2 + 1, number32(0)),
      ]),
  ],
  [
    'a head that goes on for ever (CVE-2024-27316)',
    (at) =>
      at === 0
        ? encodeFrame(frameType.headers, 0, 1, post)
        : encodeFrame(frameType.continuation, 0, 1, headerField(`x-${at}`, 'more')),
  ],
  ['settings (CVE-2019-9515)', () => settingsFrame([[3, 100]]), true],
  ['pings (CVE-2019-9512)', () => encodeFrame(frameType.ping, 0, 0, Buffer.alloc(8)), true],
  [
    'data without a byte (CVE-2019-9518)',
    (at) => (at === 0 ? encodeFrame(frameType.headers, endHeaders, 1, post) : encodeFrame(frameType.data, 0, 1)),
  ],
];

for (const [name, attack, isDeaf] of floods) {
  test(`a flood of ${name} ends its connection, and nobody else's`, async (t) => {
    const scene = await sceneOf(t);
    const { client } = scene;
    if (isDeaf === true) client.pause();
    let sent = 0;
    while (!client.isClosed() && sent < 3_000_000) {
      const some = Array.from({ length: isDeaf === true ? 5000 : 50 }, (_, at) => attack(sent + at));
      sent += some.length;
      await client.write(Buffer.concat(some));
      await new Promise((done) => setImmediate(done));
    }
    assert.equal(client.isClosed(), true, `${sent} were taken`);
    t.diagnostic(`${sent} sent, ${scene.judged()} judged`);
    await isWell(scene);
  });
}

const isAnswer = (stream: number) => (frame: Http2Frame) => frame.type === frameType.headers && frame.stream === stream;
const isEnd = (stream: number) => (frame: Http2Frame) => frame.type === frameType.rstStream && frame.stream === stream;

test('a body that does not come is answered, and its stream taken back, so that its connection is idle', async (t) => {
  const scene = await sceneOf(t, { bodyTime: 100 });
  const { client } = scene;
  await client.write(encodeFrame(frameType.headers, endHeaders, 1, post));
  await client.write(encodeFrame(frameType.data, 0, 1, Buffer.from('{')));
  assert.ok(await client.until(isAnswer(1)));
  const end = await client.until(isEnd(1));
  // A request is not to be sent anew (RFC 9113, 8.1).
  assert.deepEqual(end?.payload, number32(0));
  assert.match(bodyOf(client, 1), /REVIEW_TOO_SLOW/);
  await isWell(scene);
});

test('what is refused ends its stream though its client goes on to send', async (t) => {
  const scene = await sceneOf(t);
  const { client } = scene;
  await client.write(encodeFrame(frameType.headers, endHeaders, 1, postBlock('/nowhere')));
  assert.deepEqual((await client.until(isEnd(1)))?.payload, number32(0));
  assert.match(bodyOf(client, 1), /no such path/);
  await client.write(encodeFrame(frameType.data, 0, 1, Buffer.alloc(100)));
  await client.write(ask(3));
  assert.ok(await client.until(isAnswer(3)));
  await isWell(scene);
});

test('an answer that nobody takes is given up, and so is its connection when room is needed', async (t) => {
  const scene = await sceneOf(t, { answerTime: 60, connections: 2 }, [[initialWindow, 0]]);
  const { client } = scene;
  await client.write(encodeFrame(frameType.headers, endHeaders, 1, postBlock('/nowhere')));
  for (const id of streamIds(100).slice(1)) await client.write(ask(id));
  assert.ok(await client.until(isAnswer(199)));
  // A connection that says that it is there does not live by that.
  await client.write(encodeFrame(frameType.ping, 0, 0, Buffer.alloc(8)));
  assert.deepEqual((await client.until(isEnd(199)))?.payload, number32(8));
  const ended = client.frames().filter(({ type, stream }) => type === frameType.rstStream && stream > 1);
  assert.equal(ended.length, 99);
  assert.equal(bodyOf(client, 1), '');
  await isWell(scene);
  using more = openClient('HTTP/1.1', scene.server.address.port, ownAuthority.cert);
  await more.send({ path, body: review });
  await isWell(scene);
  await client.closed;
});

test('an answer that is taken byte by byte is whole', async (t) => {
  const scene = await sceneOf(t, {}, [[initialWindow, 1]]);
  const { client } = scene;
  await client.write(ask(1));
  const isLast = ({ type, flags }: Http2Frame): boolean => type === frameType.data && (flags & endStream) !== 0;
  for (let count = 1; !client.frames().some(isLast); count += 1) {
    assert.ok(await client.until(() => bodyOf(client, 1).length === count));
    await client.write(encodeFrame(frameType.windowUpdate, 0, 1, number32(1)));
    await new Promise((done) => setTimeout(done, 1));
  }
  assert.match(bodyOf(client, 1), /^\{"apiVersion".+"allowed":true\}\}$/);
});

test('a body that is cut off is judged by nobody, though what came of it is a whole review', async (t) => {
  const scene = await sceneOf(t);
  const { client } = scene;
  for (const id of streamIds(50)) {
    await client.write(
      Buffer.concat([
        encodeFrame(frameType.headers, endHeaders, id, post),
        encodeFrame(frameType.data, 0, id, review),
        encodeFrame(frameType.rstStream, 0, id, number32(8)),
      ]),
    );
  }
  await client.write(encodeFrame(frameType.ping, 0, 0, Buffer.alloc(8)));
  assert.ok(await client.until(({ type }) => type === frameType.ping));
  await new Promise((done) => setImmediate(done));
  assert.equal(scene.judged(), 0);
  await isWell(scene);
});

/** Heads that unfold (CVE-2016-1544) or are long, each with the answer that it gets none of. */
const heads: Readonly<Record<string, Buffer>> = {
  'a field that is said once and meant a thousand times': Buffer.concat([
    Buffer.from([0x40]),
    headerText('x'),
    headerText('x'.repeat(4000)),
    Buffer.alloc(1000, 0xbe),
  ]),
  'five hundred fields': Buffer.concat(Array.from({ length: 500 }, (_, at) => headerField(`x${at}`, ''))),
  'fields with more than all of them may have': Buffer.concat(
    Array.from({ length: 90 }, (_, at) => headerField(`x${at}`, 'x'.repeat(160))),
  ),
};

for (const [name, head] of Object.entries(heads)) {
  test(`a head with ${name} is refused`, async (t) => {
    const scene = await sceneOf(t);
    const { client } = scene;
    for (const id of streamIds(20)) {
      await client.write(encodeFrame(frameType.headers, endHeaders, id, Buffer.concat([post, head])));
      await client.write(encodeFrame(frameType.data, endStream, id, review));
    }
    const refused = await client.until(({ type }) => type === frameType.rstStream || type === frameType.goAway);
    assert.ok(refused ?? client.isClosed());
    assert.equal(scene.judged(), 0);
    await isWell(scene);
  });
}

test('more requests at a time than a client was told of end its connection', async (t) => {
  const scene = await sceneOf(t);
  const { client } = scene;
  for (const id of streamIds(300)) await client.write(encodeFrame(frameType.headers, endHeaders, id, post));
  assert.ok(await client.until(({ type }) => type === frameType.goAway));
  await client.closed;
  await isWell(scene);
});

/** A whole request. */
function ask(stream: number): Buffer {
  return Buffer.concat([
    encodeFrame(frameType.headers, endHeaders, stream, post),
    encodeFrame(frameType.data, endStream, stream, review),
  ]);
}

function bodyOf(client: RawHttp2, wanted: number): string {
  const data = client.frames().filter(({ type, stream }) => type === frameType.data && stream === wanted);
  return Buffer.concat(data.map(({ payload }) => payload)).toString();
}
