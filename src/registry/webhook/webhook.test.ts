import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSignedWith, type Received, startReceiver } from '../../../testing/registry/event-receiver.ts';
import type { Digest } from '../../oci/digest.ts';
import { openNetwork } from '../../net/open-network.ts';
import { webhookConfig } from '../../../testing/registry/webhook-config.ts';
import { deliver, type DeliveryOutcome } from './deliver.ts';
import { openEndpoints, type WebhookEndpoint } from './endpoint.ts';
import { encodeEvent, type RegistryEvent } from './event.ts';
import { eventNames } from './event-name.ts';
import { eventOfEntry } from './event-of-entry.ts';
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
  await using receiver = await startReceiver();
  await using network = openNetwork();
  const endpoint = endpointAt(`${receiver.server.url}/hook?x=1`, { secrets: [secret, older] });
  assert.deepEqual(await deliver(pushed, endpoint, network, clock), { kind: 'done', status: 200 });
  assert.equal(receiver.received.length, 1);
  const { headers, body, method } = receiver.received[0] as Received;
  assert.equal(method, 'POST');
  assert.equal(headers['content-type'], 'application/cloudevents+json; charset=UTF-8');
  assert.equal(body, encodeEvent(pushed));
  assert.equal(headers['webhook-id'], pushed.id);
  assert.equal(headers['webhook-timestamp'], String(now / 1000));
  for (const key of [secret, older]) assert.ok(isSignedWith(receiver.received[0] as Received, key));
  assert.ok(!isSignedWith(receiver.received[0] as Received, Buffer.alloc(32, 3)));
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
    await using receiver = await startReceiver((response) => {
      const after = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      response.writeHead(status, { location: '/elsewhere', ...after }).end(status === 204 ? undefined : 'secret words');
    });
    await using network = openNetwork();
    const outcome = await deliver(pushed, endpointAt(receiver.server.url), network, clock);
    assert.equal(receiver.received.length, 1);
    assert.equal(outcome.kind, expected.kind);
    assert.deepEqual(
      outcome.kind === 'retry' ? outcome.afterMs : undefined,
      'afterMs' in expected ? expected.afterMs : undefined,
    );
    assert.ok(!JSON.stringify(outcome).includes('secret words'));
  });
}

test('deliver() does not read a body that never ends', async () => {
  await using receiver = await startReceiver((response) => {
    const write = (): boolean => response.write('x'.repeat(16_384), () => response.destroyed || write());
    write();
  });
  await using network = openNetwork();
  assert.equal((await deliver(pushed, endpointAt(receiver.server.url), network, clock)).kind, 'done');
});

test('deliver() connects to no private address unless that is allowed, and nothing is sent there', async () => {
  await using receiver = await startReceiver();
  await using network = openNetwork();
  for (const url of [
    receiver.server.url,
    `http://localhost:${receiver.server.port}/`,
    `http://[::ffff:127.0.0.1]:${receiver.server.port}/`,
  ]) {
    const outcome = await deliver(pushed, endpointAt(url, { allowPrivate: false }), network, clock);
    assert.equal(outcome.kind, 'retry');
    assert.match(outcome.kind === 'retry' ? outcome.reason : '', /private network/);
  }
  assert.equal(receiver.received.length, 0);
});

test('deliver() takes a connection that breaks for a failure, and an abort for one', async () => {
  await using receiver = await startReceiver((response) => response.destroy());
  await using network = openNetwork();
  const outcome = await deliver(pushed, endpointAt(receiver.server.url), network, clock);
  assert.deepEqual([outcome.kind, receiver.received.length], ['retry', 1]);
  const aborted = AbortSignal.abort(new Error('stop'));
  await assert.rejects(deliver(pushed, endpointAt(receiver.server.url), network, clock, aborted), /stop/);
});

const env = { S: `whsec_${secret.toString('base64')}`, OLD: `whsec_${older.toString('base64')}` };

test('openEndpoints() finds who wants to hear of an event', async () => {
  const endpoints = await openEndpoints(
    [
      webhookConfig('all', { previousSecret: { kind: 'env', name: 'OLD' } }),
      webhookConfig('team', { repositories: ['team/*'] }),
      webhookConfig('other', { repositories: ['other/**'] }),
      webhookConfig('deletes', { events: ['image.deleted'] }),
    ],
    env,
  );
  assert.deepEqual(endpoints.wanting(pushed), ['all', 'team']);
  const ran: RegistryEvent = { ...pushed, name: 'gc.ran', data: { actor: 'registry', removedBlobs: 1, freedBytes: 2 } };
  assert.deepEqual(endpoints.wanting(ran), ['all', 'team', 'other']);
  assert.deepEqual((await endpoints.open('all'))?.secrets, [secret, older]);
  assert.equal(await endpoints.open('none'), undefined);
  assert.deepEqual(
    eventNames.map((name) => endpoints.want(name)),
    eventNames.map(() => true),
  );
  const deletes = await openEndpoints([webhookConfig('deletes', { events: ['image.deleted'] })], env);
  assert.deepEqual([deletes.want('image.deleted'), deletes.want('image.pulled')], [true, false]);
  await assert.rejects(openEndpoints([webhookConfig('a', {})], {}), { code: 'SECRET_UNREADABLE' });
  await assert.rejects(openEndpoints([webhookConfig('a', {})], { S: 'weak' }), { code: 'WEBHOOK_SECRET_INVALID' });
});

test('eventOfEntry() tells of pulls and denials alone', () => {
  const entry = { time: 1, actor: { kind: 'user', name: 'x' }, action: 'pull', outcome: 'done' } as const;
  const pulled = { ...entry, repository: 'a', digest, reference: 't' };
  const about = { repository: 'a', digest, actor: 'user:x' };
  assert.deepEqual(eventOfEntry(pulled), { name: 'image.pulled', data: { ...about, tag: 't' } });
  assert.deepEqual(eventOfEntry({ ...pulled, reference: digest }), { name: 'image.pulled', data: about });
  assert.deepEqual(
    eventOfEntry({ ...pulled, actor: { kind: 'anonymous', name: '' }, outcome: 'denied', reason: 'no' }),
    {
      name: 'request.denied',
      data: { repository: 'a', action: 'pull', reason: 'no', actor: 'anonymous' },
    },
  );
  assert.equal(eventOfEntry({ ...pulled, action: 'push' }), undefined);
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
