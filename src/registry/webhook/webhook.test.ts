import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { listen, type Listening } from '../../../testing/registry/listen.ts';
import type { Digest } from '../../oci/digest.ts';
import { openNetwork } from '../../net/open-network.ts';
import { jobLimits } from '../../store/job/limits.ts';
import type { AddJobOptions, Job, JobData, JobQueue } from '../../store/job/job-queue.ts';
import type { WebhookConfig } from '../config/webhook/model.ts';
import { deliver, type DeliveryOutcome } from './deliver.ts';
import { deliveryHandler, queueEvent, webhookQueue, webhookQueueOptions } from './delivery-queue.ts';
import { openEndpoints, type WebhookEndpoint } from './endpoint.ts';
import { encodeEvent, type RegistryEvent } from './event.ts';
import { eventNames } from './event-name.ts';
import { eventsOfChange } from './events-of-change.ts';
import { parseWebhookSecret, signDelivery } from './sign.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;
const previous = `sha256:${'b'.repeat(64)}` as Digest;
const now = Date.UTC(2026, 2, 1, 12);
const clock = { now: () => now };
const secret = Buffer.alloc(32, 1);
const older = Buffer.alloc(32, 2);

const pushed: RegistryEvent = {
  name: 'image.pushed',
  id: '5f2b6c0e-0000-4000-8000-000000000001',
  time: now - 5000,
  source: 'https://registry.example.org',
  data: {
    repository: 'team/app',
    tag: '1.4',
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 7,
    actor: 'user:alice',
  },
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly method: string | undefined;
}

/** A receiver that remembers what came, and answers as it is told. */
async function receiver(
  answer: (response: ServerResponse) => void = (response) => response.end(),
): Promise<{ readonly server: Listening; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const server = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), method: request.method });
      answer(response);
    });
  });
  return { server, received };
}

function endpointAt(url: string, rest: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return { name: 'a', url, secrets: [secret], allowPrivate: true, ...rest };
}

test('encodeEvent() writes CloudEvents', () => {
  assert.deepEqual(JSON.parse(encodeEvent(pushed)), {
    specversion: '1.0',
    id: pushed.id,
    source: 'https://registry.example.org',
    type: 'dev.seaworthy.registry.image.pushed',
    subject: 'team/app:1.4',
    time: '2026-03-01T11:59:55.000Z',
    datacontenttype: 'application/json',
    data: pushed.data,
  });
  const { subject } = JSON.parse(
    encodeEvent({ ...pushed, name: 'image.deleted', data: { repository: 'a', digest, actor: 'anonymous' } }),
  ) as { subject: string };
  assert.equal(subject, `a@${digest}`);
  const ran: RegistryEvent = { ...pushed, name: 'gc.ran', data: { actor: 'registry', removedBlobs: 1, freedBytes: 2 } };
  assert.ok(!('subject' in (JSON.parse(encodeEvent(ran)) as object)));
  const long: RegistryEvent = {
    ...pushed,
    name: 'request.denied',
    data: { actor: 'x', action: 'pull', reason: 'x'.repeat(20_000) },
  };
  assert.throws(() => encodeEvent(long), { code: 'EVENT_TOO_LARGE' });
});

test('signDelivery() signs as Standard Webhooks do', () => {
  // The example of the specification's libraries.
  const key = parseWebhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'a');
  assert.deepEqual(signDelivery('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, '{"test": 2432232314}', [key]), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

for (const [text, length] of [
  [`whsec_${Buffer.alloc(24).toString('base64')}`, 24],
  [`${Buffer.alloc(64, 7).toString('base64')}\n`, 64],
  [`whsec_${Buffer.alloc(23).toString('base64')}`, undefined],
  [`whsec_${Buffer.alloc(65).toString('base64')}`, undefined],
  ['a plain password that is long enough', undefined],
  ['whsec_', undefined],
] as const) {
  test(`parseWebhookSecret() ${length === undefined ? 'refuses' : 'takes'} ${JSON.stringify(text.slice(0, 20))}`, () => {
    if (length !== undefined) return assert.equal(parseWebhookSecret(text, 'a').length, length);
    assert.throws(
      () => parseWebhookSecret(text, 'a'),
      ({ message }: Error) => /openssl rand/.test(message) && !message.includes(text.slice(6) || '\0'),
    );
  });
}

test('deliver() posts a signed event that a receiver can verify by either secret', async () => {
  const { server, received } = await receiver();
  await using _server = server;
  await using network = openNetwork();
  const endpoint = endpointAt(`${server.url}/hook?x=1`, { secrets: [secret, older] });
  assert.deepEqual(await deliver(pushed, endpoint, network, clock), { kind: 'done', status: 200 });
  assert.equal(received.length, 1);
  const { headers, body, method } = received[0] as Received;
  assert.equal(method, 'POST');
  assert.equal(headers['content-type'], 'application/cloudevents+json; charset=UTF-8');
  assert.equal(body, encodeEvent(pushed));
  assert.equal(headers['webhook-id'], pushed.id);
  assert.equal(headers['webhook-timestamp'], String(now / 1000));
  const signatures = String(headers['webhook-signature']).split(' ');
  for (const [index, key] of [secret, older].entries()) {
    const mac: string = createHmac('sha256', key)
      .update(`${pushed.id}.${now / 1000}.${body}`)
      .digest('base64');
    assert.equal(signatures[index], `v1,${mac}`);
  }
});

const outcomes: readonly (readonly [
  status: number,
  retryAfter: string | undefined,
  outcome: Partial<DeliveryOutcome>,
])[] = [
  [200, undefined, { kind: 'done' }],
  [204, undefined, { kind: 'done' }],
  [302, undefined, { kind: 'retry' }],
  [308, undefined, { kind: 'retry' }],
  [400, undefined, { kind: 'retry' }],
  [404, undefined, { kind: 'retry' }],
  [410, undefined, { kind: 'gone' }],
  [429, '30', { kind: 'retry', afterMs: 30_000 }],
  [503, 'Sun, 01 Mar 2026 12:05:00 GMT', { kind: 'retry', afterMs: 300_000 }],
  [503, '99999999', { kind: 'retry', afterMs: 86_400_000 }],
  [500, 'soon', { kind: 'retry' }],
];

for (const [status, retryAfter, expected] of outcomes) {
  test(`deliver() takes ${status} ${retryAfter ?? ''} for ${expected.kind}, asks once, and follows nothing`, async () => {
    const { server, received } = await receiver((response) => {
      const after = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      response.writeHead(status, { location: '/elsewhere', ...after }).end(status === 204 ? undefined : 'secret words');
    });
    await using _server = server;
    await using network = openNetwork();
    const outcome = await deliver(pushed, endpointAt(server.url), network, clock);
    assert.equal(received.length, 1);
    assert.equal(outcome.kind, expected.kind);
    assert.deepEqual(
      outcome.kind === 'retry' ? outcome.afterMs : undefined,
      'afterMs' in expected ? expected.afterMs : undefined,
    );
    assert.ok(!JSON.stringify(outcome).includes('secret words'));
  });
}

test('deliver() does not read a body that never ends', async () => {
  const { server } = await receiver((response) => {
    const write = (): boolean => response.write('x'.repeat(16_384), () => response.destroyed || write());
    write();
  });
  await using _server = server;
  await using network = openNetwork();
  assert.equal((await deliver(pushed, endpointAt(server.url), network, clock)).kind, 'done');
});

test('deliver() connects to no private address unless that is allowed, and nothing is sent there', async () => {
  const { server, received } = await receiver();
  await using _server = server;
  await using network = openNetwork();
  for (const url of [server.url, `http://localhost:${server.port}/`, `http://[::ffff:127.0.0.1]:${server.port}/`]) {
    const outcome = await deliver(pushed, endpointAt(url, { allowPrivate: false }), network, clock);
    assert.equal(outcome.kind, 'retry');
    assert.match(outcome.kind === 'retry' ? outcome.reason : '', /private network/);
  }
  assert.equal(received.length, 0);
});

test('deliver() takes a connection that breaks for a failure, and an abort for one', async () => {
  const { server, received } = await receiver((response) => response.destroy());
  await using _server = server;
  await using network = openNetwork();
  const outcome = await deliver(pushed, endpointAt(server.url), network, clock);
  assert.deepEqual([outcome.kind, received.length], ['retry', 1]);
  const aborted = AbortSignal.abort(new Error('stop'));
  await assert.rejects(deliver(pushed, endpointAt(server.url), network, clock, aborted), /stop/);
});

function configOf(name: string, rest: Partial<WebhookConfig>): WebhookConfig {
  return {
    name,
    url: 'https://example.org/',
    events: [...eventNames],
    repositories: ['**'],
    secret: { kind: 'env', name: 'S' },
    allowPrivate: false,
    ...rest,
  };
}

const env = { S: `whsec_${secret.toString('base64')}`, OLD: `whsec_${older.toString('base64')}` };

test('openEndpoints() finds who wants to hear of an event', async () => {
  const endpoints = await openEndpoints(
    [
      configOf('all', { previousSecret: { kind: 'env', name: 'OLD' } }),
      configOf('team', { repositories: ['team/*'] }),
      configOf('other', { repositories: ['other/**'] }),
      configOf('deletes', { events: ['image.deleted'] }),
    ],
    env,
  );
  assert.deepEqual(
    endpoints.wanting(pushed).map(({ name }) => name),
    ['all', 'team'],
  );
  const ran: RegistryEvent = { ...pushed, name: 'gc.ran', data: { actor: 'registry', removedBlobs: 1, freedBytes: 2 } };
  assert.deepEqual(
    endpoints.wanting(ran).map(({ name }) => name),
    ['all', 'team', 'other'],
  );
  assert.deepEqual(endpoints.find('all')?.secrets, [secret, older]);
  assert.equal(endpoints.find('none'), undefined);
  await assert.rejects(openEndpoints([configOf('a', {})], {}), { code: 'SECRET_UNREADABLE' });
  await assert.rejects(openEndpoints([configOf('a', {})], { S: 'weak' }), { code: 'WEBHOOK_SECRET_INVALID' });
});

interface Added {
  readonly data: JobData;
  readonly options: AddJobOptions | undefined;
}

interface MemoryJobs extends Pick<JobQueue, 'add'> {
  readonly added: readonly Added[];
  /** The job at a place, as a worker gets it. */
  readonly job: (index: number) => Job;
}

function memoryJobs(): MemoryJobs {
  const added: Added[] = [];
  const add = (queue: string, data: JobData, options?: AddJobOptions): Promise<string> => {
    assert.equal(queue, webhookQueue);
    // As it comes back from a database.
    added.push({ data: JSON.parse(JSON.stringify(data)) as JobData, options });
    return Promise.resolve(String(added.length));
  };
  const job = (index: number): Job => ({ id: '1', queue: webhookQueue, data: added[index]?.data ?? {}, attempts: 0 });
  return { added, add, job };
}

test('queueEvent() adds a job for each endpoint, without its secret', async () => {
  const jobs = memoryJobs();
  await queueEvent(jobs, await openEndpoints([configOf('a', {}), configOf('b', {})], env), pushed);
  assert.deepEqual(
    jobs.added.map(({ options }) => options),
    [{ key: `${pushed.id} a` }, { key: `${pushed.id} b` }],
  );
  assert.ok(!JSON.stringify(jobs.added).includes(secret.toString('base64')));
});

test('deliveryHandler() delivers, fails, puts off and gives up', async () => {
  let answer = { status: 200, headers: {} as Record<string, string> };
  const { server, received } = await receiver((response) => response.writeHead(answer.status, answer.headers).end());
  await using _server = server;
  await using network = openNetwork();
  const jobs = memoryJobs();
  const seen: string[] = [];
  let endpoints = await openEndpoints([configOf('a', { url: server.url, allowPrivate: true })], env);
  const handle = deliveryHandler({
    jobs,
    endpoints: () => endpoints,
    network,
    clock,
    observe: (kind) => seen.push(kind),
  });
  const { signal } = new AbortController();
  await queueEvent(jobs, endpoints, pushed);
  await handle(jobs.job(0), signal);
  answer = { status: 500, headers: {} };
  await assert.rejects(handle(jobs.job(0), signal), { code: 'DELIVERY_FAILED' });

  answer = { status: 429, headers: { 'retry-after': '60' } };
  await handle(jobs.job(0), signal);
  assert.deepEqual(jobs.added[1]?.options, { key: `${pushed.id} a 1`, runAt: now + 60_000 });
  assert.deepEqual(jobs.added[1]?.data['event'], jobs.added[0]?.data['event']);
  const often = { ...jobs.job(0), data: { ...jobs.job(0).data, putOffs: 100 } };
  await assert.rejects(handle(often, signal), { code: 'DELIVERY_FAILED' });

  answer = { status: 410, headers: {} };
  await handle(jobs.job(0), signal);
  answer = { status: 200, headers: {} };
  await handle(jobs.job(0), signal);
  assert.deepEqual(seen, ['done', 'retry', 'retry', 'retry', 'gone']);
  assert.equal(received.length, 5, 'an endpoint that is gone is not asked again');
  endpoints = await openEndpoints([configOf('a', { url: `${server.url}/new`, allowPrivate: true })], env);
  await handle(jobs.job(0), signal);
  assert.equal(seen.at(-1), 'done', 'another address is another endpoint');
  endpoints = await openEndpoints([], env);
  await handle(jobs.job(0), signal);
  assert.equal(received.length, 6, 'an endpoint that was removed gets nothing');
});

test('eventsOfChange() tells of images and tags, and of no blobs', () => {
  const change = { repository: 'a', digest } as const;
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const about = { ...change, actor: 'user:x' };
  assert.deepEqual(eventsOfChange({ action: 'push', ...change, size: 5 }, 'user:x'), []);
  assert.deepEqual(eventsOfChange({ action: 'delete', ...change }, 'user:x'), []);
  assert.deepEqual(eventsOfChange({ action: 'push', ...change, mediaType, size: 5 }, 'user:x'), [
    { name: 'image.pushed', data: { ...about, mediaType, size: 5 } },
  ]);
  assert.deepEqual(eventsOfChange({ action: 'push', ...change, mediaType, size: 5, tag: 't', previous }, 'user:x'), [
    { name: 'image.pushed', data: { ...about, tag: 't', mediaType, size: 5 } },
    { name: 'tag.moved', data: { ...about, tag: 't', previous } },
  ]);
  assert.deepEqual(eventsOfChange({ action: 'delete', ...change, tag: 't' }, 'user:x'), [
    { name: 'tag.deleted', data: { ...about, tag: 't' } },
  ]);
  assert.deepEqual(eventsOfChange({ action: 'delete', ...change, mediaType }, 'user:x'), [
    { name: 'image.deleted', data: about },
  ]);
});

test('docs/registry.md lists every event with its data', () => {
  const whole = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'registry.md'), 'utf8');
  const page = whole.slice(whole.indexOf('## Events'));
  const rows = [...page.matchAll(/^\| `((?:image|tag|request|retention|gc)\.[a-z]+)` *\| (.+?) *\| (.+?) *\|$/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    [...eventNames],
  );
  for (const [, , , members = ''] of rows) assert.match(members, /`actor`/);
});

test('a delivery is tried for some days, at first soon', () => {
  const { retries, retryDelay } = webhookQueueOptions;
  const waits = Array.from({ length: retries }, (_, attempt) =>
    Math.min(jobLimits.longestDelay, retryDelay * 2 ** attempt),
  );
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  assert.ok(days > 2 && days < 5, `${days} days`);
  assert.ok((waits[0] as number) <= 10_000);
});
