import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { heldTimers } from '../../../testing/admission/held-timers.ts';
import { openOwnServer, ownAuthority, ownMaterial, ownTls } from '../../../testing/admission/own-server.ts';
import { readReview, reviewNames } from '../../../testing/admission/read-review.ts';
import {
  type ClientAnswer,
  openClient,
  protocols,
  type ReviewClient,
} from '../../../testing/admission/review-client.ts';
import { denialOf, plainAllowance, type ReviewAnswer } from '../review/answer.ts';
import type { JudgeReview } from './model.ts';
import type { AdmissionServer } from './open-admission-server.ts';

const allow: JudgeReview = () => plainAllowance;
const review = readReview('create-pod');
const path = '/mutate/fail?timeout=10s';

function responseOf({ status, headers, body }: ClientAnswer): Record<string, unknown> {
  assert.equal(status, 200, body);
  assert.equal(headers['content-type'], 'application/json');
  return (JSON.parse(body) as { response: Record<string, unknown> }).response;
}

function clientOf(t: TestContext, protocol: (typeof protocols)[number], { address }: AdmissionServer): ReviewClient {
  const client = openClient(protocol, address.port, ownAuthority.cert);
  t.after(() => client[Symbol.dispose]());
  return client;
}

/** Bytes over TLS, and what came back until the other side ended it. */
async function speak(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca: ownAuthority.cert, servername: 'localhost' });
  await once(socket, 'secureConnect');
  for (const part of parts) socket.write(part);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

for (const protocol of protocols) {
  test(`reviews are answered over ${protocol}`, async (t) => {
    const answers: Readonly<Record<string, ReviewAnswer>> = {
      CREATE: { ...plainAllowance, patch: [{ op: 'add', path: '/metadata/annotations', value: {} }] },
      UPDATE: denialOf('no'),
      DELETE: { ...plainAllowance, warnings: ['careful'] },
    };
    await using server = await openOwnServer({ judge: ({ operation }) => answers[operation] as ReviewAnswer });
    const client = clientOf(t, protocol, server);
    for (const name of reviewNames) {
      const body = readReview(name);
      const { request } = JSON.parse(body.toString()) as { request: { uid: string; operation: string } };
      const response = responseOf(await client.send({ path, body }));
      assert.deepEqual([response['uid'], response['allowed']], [request.uid, request.operation !== 'UPDATE'], name);
      assert.equal(response['patchType'], request.operation === 'CREATE' ? 'JSONPatch' : undefined);
    }
    const { body } = await server.metrics.render();
    assert.match(body, /^seaworthy_admission_reviews_total\{operation="UPDATE",decision="deny"\} 2$/m);
    assert.match(body, /^seaworthy_admission_reviews_total\{operation="CREATE",decision="allow"\} 3$/m);
    assert.match(body, /^seaworthy_admission_review_duration_seconds_count 6$/m);
    assert.match(body, /^seaworthy_admission_reviews_open 0$/m);
    assert.match(body, /^seaworthy_admission_connections_open 1$/m);
  });

  test(`what is no review has another status than 200 over ${protocol}`, async (t) => {
    await using server = await openOwnServer({ judge: allow, limits: { reviewBytes: 10_000 } });
    const client = clientOf(t, protocol, server);
    const asks: readonly (readonly [status: number, words: RegExp, asked: Parameters<ReviewClient['send']>[0]])[] = [
      [404, /no such path/, { path: '/mutate/maybe', body: review }],
      [404, /no such path/, { path: `/mutate/fail?timeout=${'9'.repeat(3000)}`, body: review }],
      [405, /POST/, { method: 'PUT', path, body: review }],
      [405, /GET/, { method: 'POST', path: '/healthz', body: review }],
      [415, /json/, { path, body: review, headers: { 'content-type': 'application/jsonx' } }],
      [400, /REVIEW_MALFORMED/, { path, body: review.subarray(0, 100) }],
      [
        400,
        /REVIEW_UNSUPPORTED/,
        { path, body: Buffer.from(review.toString().replace('k8s.io/v1"', 'k8s.io/v1beta1"')) },
      ],
      [413, /REVIEW_TOO_LARGE/, { path, body: Buffer.alloc(10_001, ' ') }],
      [400, /REVIEW_MALFORMED/, { path, body: Buffer.alloc(10_000, ' ') }],
      [200, /allowed/, { path, body: review, headers: { 'content-type': 'Application/JSON; charset=utf-8' } }],
    ];
    for (const [status, words, asked] of asks) {
      const answer = await client.send(asked);
      assert.deepEqual([answer.status, words.test(answer.body)], [status, true], `${asked.path} ${answer.body}`);
    }
  });

  test(`a new certificate costs no request over ${protocol}`, async (t) => {
    const tls = ownTls();
    await using server = await openOwnServer({
      judge: () => new Promise((done) => setImmediate(done, plainAllowance)),
      tls,
    });
    const clients = Array.from({ length: 3 }, () => clientOf(t, protocol, server));
    let running = true;
    let answered = 0;
    const streams = clients.map(async (client) => {
      while (running) {
        assert.equal(responseOf(await client.send({ path, body: review }))['allowed'], true);
        answered += 1;
      }
    });
    for (let change = 0; change < 10; change += 1) {
      const before = answered;
      tls.change(ownMaterial(`certificate ${change}`));
      while (answered < before + 5) await new Promise((done) => setImmediate(done));
      assert.equal(await certificateName(server.address.port), `certificate ${change}`);
      // Somebody who comes anew meanwhile is answered as well.
      using late = openClient(protocol, server.address.port, ownAuthority.cert);
      assert.equal(responseOf(await late.send({ path, body: review }))['allowed'], true);
    }
    running = false;
    await Promise.all(streams);
    // The connections of the beginning are still those that are used, and one stands for each request of HTTP/1.1 at a time.
    const { body } = await server.metrics.render();
    assert.match(body, /^seaworthy_admission_connections_open [34]$/m);
  });

  test(`a review is answered at its deadline over ${protocol}, whatever the judge does`, async (t) => {
    const timers = heldTimers();
    const judged = Promise.withResolvers<undefined>();
    await using server = await openOwnServer({
      startTimer: timers.start,
      judge: () => {
        judged.resolve(undefined);
        return new Promise(() => undefined);
      },
    });
    const client = clientOf(t, protocol, server);
    const asked = client.send({ path: '/mutate/fail?timeout=7s', body: review });
    await judged.promise;
    timers.fire(5000);
    await new Promise((done) => setImmediate(done));
    timers.fire(6500);
    const { allowed, status } = responseOf(await asked) as {
      allowed: boolean;
      status: { message: string; code: number };
    };
    assert.deepEqual([allowed, status.code], [false, 503]);
    assert.match(status.message, /DEADLINE_EXCEEDED/);
    assert.match((await server.metrics.render()).body, /^seaworthy_admission_deadline_total 1$/m);
  });

  test(`a judge hears when nobody waits any more over ${protocol}`, async (t) => {
    const judging = Promise.withResolvers<AbortSignal>();
    await using server = await openOwnServer({
      judge: (_review, { signal }) => {
        judging.resolve(signal);
        return new Promise((_done, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      },
    });
    const client = clientOf(t, protocol, server);
    const asked = client.send({ path, body: review }).catch(() => undefined);
    const signal = await judging.promise;
    client[Symbol.dispose]();
    await asked;
    if (!signal.aborted) await once(signal, 'abort');
    assert.equal((signal.reason as { code: string }).code, 'CALLER_GONE');
    await new Promise((done) => setImmediate(done));
    const { body } = await server.metrics.render();
    assert.match(body, /^seaworthy_admission_reviews_total\{operation="CREATE",decision="abandoned"\} 1$/m);
  });

  test(`close() answers what is under way over ${protocol}, and then is gone`, async (t) => {
    const judging = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<ReviewAnswer>();
    await using server = await openOwnServer({
      judge: () => {
        judging.resolve(undefined);
        return answer.promise;
      },
    });
    const client = clientOf(t, protocol, server);
    using idle = openClient(protocol, server.address.port, ownAuthority.cert);
    assert.equal((await idle.send({ method: 'GET', path: '/readyz' })).status, 200);
    const asked = client.send({ path, body: review });
    await judging.promise;
    const closing = server.close();
    assert.equal(server.close(), closing);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    answer.resolve(plainAllowance);
    assert.equal(responseOf(await asked)['allowed'], true);
    await closing;
    using later = openClient(protocol, server.address.port, ownAuthority.cert);
    await assert.rejects(later.send({ path, body: review }), /ECONNREFUSED|session|closed/);
  });

  test(`close() goes on to take requests over ${protocol} while others still send them`, async (t) => {
    const drained = Promise.withResolvers<undefined>();
    const { systemClock } = await import('../../net/clock.ts');
    let sleeps = 0;
    const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      sleeps += 1;
      return sleeps === 1 ? drained.promise : systemClock.sleep(milliseconds, signal);
    };
    await using server = await openOwnServer({ judge: allow, clock: { ...systemClock, sleep } });
    const client = clientOf(t, protocol, server);
    responseOf(await client.send({ path, body: review }));
    const closing = server.close();
    const ready = await client.send({ method: 'GET', path: '/readyz' });
    assert.deepEqual([ready.status, JSON.parse(ready.body)], [503, { status: 'unavailable', reasons: ['closing'] }]);
    for (let count = 0; count < 3; count += 1) {
      const answer = await client.send({ path, body: review });
      assert.equal(responseOf(answer)['allowed'], true);
      if (protocol === 'HTTP/1.1') assert.equal(answer.headers['connection'], 'close');
    }
    drained.resolve(undefined);
    await closing;
  });
}

async function certificateName(
  port: number,
  versions: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const trust = { ca: ownAuthority.cert, servername: 'localhost' };
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ciphers, ...trust, ...versions }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('nothing older than TLS 1.2 is spoken, and nothing older than 1.3 where that is wanted', async () => {
  await using server = await openOwnServer({ judge: allow });
  assert.equal(await certificateName(server.address.port, { maxVersion: 'TLSv1.2' }), 'first');
  await assert.rejects(certificateName(server.address.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
  const tls = ownTls();
  await using strict = await openOwnServer({ judge: allow, minVersion: 'TLSv1.3', tls });
  for (const name of ['first', 'second']) {
    assert.equal(await certificateName(strict.address.port), name);
    await assert.rejects(certificateName(strict.address.port, { maxVersion: 'TLSv1.2' }));
    // The bound holds for later certificates, too.
    tls.change(ownMaterial('second'));
  }
  assert.match((await server.metrics.render()).body, /^seaworthy_admission_refused_total\{reason="handshake"\} 1$/m);
});

test('health, readiness with reasons, and metrics have a listener without TLS', async (t) => {
  let reasons: readonly string[] = ['policies', 'certificate'];
  const plainListen = { host: '127.0.0.1', port: 0 };
  await using server = await openOwnServer({ judge: allow, plainListen, notReady: () => reasons });
  const { port } = server.plainAddress as { port: number };
  const ask = async (where: string, method = 'GET'): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${where}`, { method });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask('/healthz'), [200, '{"status":"ok"}']);
  assert.deepEqual(await ask('/readyz'), [503, '{"status":"unavailable","reasons":["policies","certificate"]}']);
  reasons = [];
  assert.deepEqual(await ask('/readyz'), [200, '{"status":"ok"}']);
  assert.deepEqual(await ask('/healthz', 'HEAD'), [200, '']);
  assert.match((await ask('/metrics'))[1], /^seaworthy_admission_certificate_expires_timestamp_seconds \d{10}$/m);
  assert.equal((await ask('/mutate/fail', 'POST'))[0], 404);
  const client = clientOf(t, 'HTTP/2', server);
  assert.equal((await client.send({ method: 'GET', path: '/readyz' })).status, 200);
  assert.equal((await client.send({ method: 'GET', path: '/metrics' })).status, 404);
  await using single = await openOwnServer({ judge: allow });
  const answer = await clientOf(t, 'HTTP/1.1', single).send({ method: 'GET', path: '/metrics' });
  assert.deepEqual([answer.status, String(answer.headers['content-type']).split(';')[0]], [200, 'text/plain']);
});

test('connections are kept for longer than API servers keep them', async (t) => {
  await using server = await openOwnServer({ judge: allow });
  const { headers } = await clientOf(t, 'HTTP/1.1', server).send({ path, body: review });
  assert.deepEqual([headers['connection'], headers['keep-alive']], ['keep-alive', 'timeout=120']);
});

const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;

test('a head that never ends, and a body that never comes, end their connection', async () => {
  await using server = await openOwnServer({ judge: allow, limits: { headTime: 250, bodyTime: 250 } });
  const { port } = server.address;
  assert.match(await speak(port, head.slice(0, 30)), /^HTTP\/1\.1 408 /);
  assert.match(await speak(port, `${head}content-length: 100\r\n\r\n{`), /^HTTP\/1\.1 408 /);
  // Bytes without a handshake, and none at all.
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '']) {
    const socket: Socket = connectTcp({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined).resume();
    socket.write(bytes);
    await once(socket, 'close');
  }
});

test('a body of HTTP/2 that does not come is given up', async (t) => {
  const timers = heldTimers();
  await using server = await openOwnServer({ judge: allow, startTimer: timers.start });
  const { connect: connectHttp2 } = await import('node:http2');
  const session = connectHttp2(`https://127.0.0.1:${server.address.port}`, {
    ca: ownAuthority.cert,
    servername: 'localhost',
  });
  t.after(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
  stream.write('{');
  while (!/reviews_open 1$/m.test((await server.metrics.render()).body))
    await new Promise((done) => setTimeout(done, 1));
  timers.fire(9500);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal(headers[':status'], 408);
  stream.destroy();
});

test('a body without an announced length is cut where it is too large', async () => {
  await using server = await openOwnServer({ judge: allow, limits: { reviewBytes: 1000 } });
  const chunk = `200\r\n${' '.repeat(512)}\r\n`;
  const text = await speak(server.address.port, `${head}transfer-encoding: chunked\r\n\r\n`, chunk, chunk);
  assert.match(text, /^HTTP\/1\.1 413 [\s\S]+REVIEW_TOO_LARGE/);
});

test('bodies together have a bound, and room is given back', async (t) => {
  const answer = Promise.withResolvers<ReviewAnswer>();
  const judging = Promise.withResolvers<undefined>();
  await using server = await openOwnServer({
    limits: { heldBytes: review.length + 100 },
    judge: () => {
      judging.resolve(undefined);
      return answer.promise;
    },
  });
  const client = clientOf(t, 'HTTP/2', server);
  const first = client.send({ path, body: review });
  await judging.promise;
  const second = await client.send({ path, body: review });
  assert.deepEqual([second.status, second.headers['retry-after']], [503, undefined]);
  answer.resolve(plainAllowance);
  responseOf(await first);
  for (let count = 0; count < 3; count += 1) responseOf(await client.send({ path, body: review }));
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await client.send({ path, body: review.subarray(0, 50) })).status, 400);
  }
  responseOf(await client.send({ path, body: review }));
  await using roomy = await openOwnServer({ judge: allow, limits: { reviewBytes: 40_000, heldBytes: 45_000 } });
  const other = clientOf(t, 'HTTP/2', roomy);
  // It comes in frames of 16 KiB, of which the first are held until the last is too much.
  for (let count = 0; count < 5; count += 1) {
    assert.equal((await other.send({ path, body: Buffer.alloc(60_000, ' ') })).status, 413);
  }
  responseOf(await other.send({ path, body: review }));
});

test('too many connections cost those that are idle longest, and no request', async (t) => {
  const answer = Promise.withResolvers<ReviewAnswer>();
  const judging = Promise.withResolvers<undefined>();
  await using server = await openOwnServer({
    limits: { connections: 3 },
    judge: () => {
      judging.resolve(undefined);
      return answer.promise;
    },
  });
  const busy = clientOf(t, 'HTTP/1.1', server).send({ path, body: review });
  await judging.promise;
  for (let count = 0; count < 10; count += 1) {
    const client = clientOf(t, count % 2 === 0 ? 'HTTP/2' : 'HTTP/1.1', server);
    assert.equal((await client.send({ method: 'GET', path: '/healthz' })).status, 200);
  }
  assert.match((await server.metrics.render()).body, /^seaworthy_admission_connections_open [23]$/m);
  answer.resolve(plainAllowance);
  responseOf(await busy);
});

test('a certificate that cannot be served leaves the one that is', async () => {
  const tls = ownTls();
  await using server = await openOwnServer({ judge: allow, tls });
  tls.change({ ...ownMaterial('broken'), key: ownMaterial('other').key });
  assert.equal(await certificateName(server.address.port), 'first');
  assert.match((await server.metrics.render()).body, /certificate_changes_total\{outcome="refused"\} 1$/m);
});
