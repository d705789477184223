import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { isSignedWith, type Received, startReceiver } from '../../../testing/registry/event-receiver.ts';
import {
  askService,
  hastyClock,
  pushImage,
  serviceConfig,
  startOwnService,
} from '../../../testing/registry/own-service.ts';
import { digestOfText } from '../../../testing/registry/own-registry.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';

const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)] as const;
const secretOf = (key: Buffer): string => `whsec_${key.toString('base64')}\n`;

interface Hook {
  readonly name: string;
  readonly url: string;
  readonly events: string;
  readonly rest?: string;
}

/** A folder with the files of a registry whose webhooks sign with `secret`. */
function place(): TemporaryDirectory {
  const folder = temporaryDirectory();
  folder.write('users', `alice:${hashSync('a', 4)}\n`);
  folder.write('secret', secretOf(keys[0]));
  return folder;
}

const settings = (hooks: readonly Hook[], more = ''): string => `
registry:
  listen: 127.0.0.1:0
  metrics:
    listen: 127.0.0.1:0
  auth:
    htpasswd: users
    anonymous:
      - repositories: ['**']
        actions: [pull, list]
  permissions:
    - repositories: ['**']
      actions: ['*']
      to: [user:alice]
${hooks.length === 0 ? '' : '  webhooks:\n'}${hooks
  .map(
    ({ name, url, events, rest = '' }) => `    - name: ${name}
      url: ${url}
      events: [${events}]
      secretFile: secret
      allowPrivate: true
${rest}`,
  )
  .join('')}${more}`;

const user = 'alice:a';

interface Event {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const eventsOf = (received: readonly Received[]): Event[] => received.map(({ body }) => JSON.parse(body) as Event);
const typeOf = ({ type }: Event): string => type.replace('dev.seaworthy.registry.', '');

test('a push, a moved tag, a pull, a denial and deletions are told, signed, as CloudEvents', async () => {
  await using receiver = await startReceiver();
  using folder = place();
  const events = 'image.pushed, tag.moved, image.pulled, request.denied, tag.deleted, image.deleted';
  const hooks = [{ name: 'all', url: `${receiver.url}/hook`, events }];
  await using service = await startOwnService(await serviceConfig(folder, settings(hooks)));
  const { url } = service;
  assert.equal(await pushImage(url, 'team/app', 'v1', 'one', { user }), 201);
  await receiver.until(1);
  assert.equal(await pushImage(url, 'team/app', 'v1', 'two', { user }), 201);
  await receiver.until(3);
  const pull = await askService(url, 'GET', '/v2/team/app/manifests/v1');
  const digest = pull.headers.get('docker-content-digest') ?? '';
  await receiver.until(4);
  assert.equal((await askService(url, 'DELETE', `/v2/team/app/manifests/${digest}`)).status, 401);
  assert.equal((await askService(url, 'DELETE', '/v2/team/app/manifests/v1', { user })).status, 202);
  await receiver.until(5);
  assert.equal((await askService(url, 'DELETE', `/v2/team/app/manifests/${digest}`, { user })).status, 202);
  const received = await receiver.until(6);
  const told = eventsOf(received);
  assert.deepEqual(told.slice(0, 1).concat(told.slice(3)).map(typeOf), [
    'image.pushed',
    'image.pulled',
    'tag.deleted',
    'image.deleted',
  ]);
  assert.deepEqual(told.slice(1, 3).map(typeOf).sort(), ['image.pushed', 'tag.moved']);
  const moved = told.find((event) => typeOf(event) === 'tag.moved') as Event;
  const { digest: before, ...pushed } = told[0]?.data ?? {};
  assert.deepEqual(moved.data, { repository: 'team/app', actor: 'user:alice', digest, tag: 'v1', previous: before });
  assert.deepEqual(Object.keys(pushed).sort(), ['actor', 'mediaType', 'repository', 'size', 'tag']);
  assert.deepEqual(told[3]?.data, { repository: 'team/app', digest, tag: 'v1', actor: 'anonymous' });
  for (const [index, { specversion, id, source, time, datacontenttype, subject }] of told.entries()) {
    assert.deepEqual([specversion, source, datacontenttype], ['1.0', url, 'application/json']);
    assert.equal(new Date(time).toISOString(), time);
    assert.match(subject, /^team\/app[:@]/);
    const { headers } = received[index] as Received;
    assert.equal(headers['webhook-id'], id);
    assert.equal(headers['content-type'], 'application/cloudevents+json; charset=UTF-8');
    assert.ok(isSignedWith(received[index] as Received, keys[0]));
    assert.ok(!isSignedWith(received[index] as Received, keys[1]));
  }
  const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
  assert.match(metrics, /seaworthy_registry_webhook_deliveries_total\{outcome="done"\} 6/);
  assert.match(metrics, /seaworthy_registry_jobs\{queue="webhook",state="waiting"\} 0/);
});

test('what is refused is told where somebody wants it, also where pulls are not written down', async () => {
  await using receiver = await startReceiver();
  using folder = place();
  const hooks = [
    { name: 'denials', url: receiver.url, events: 'request.denied' },
    { name: 'pulls', url: receiver.url, events: 'image.pulled', rest: '      repositories: [wanted/**]\n' },
  ];
  const more = '  audit: {pulls: false}\n  quotas: [{repositories: [full/**], maxBytes: 1}]\n';
  await using service = await startOwnService(await serviceConfig(folder, settings(hooks, more)));
  const { url } = service;
  assert.notEqual(await pushImage(url, 'full/app', 'v1', 'one', { user }), 201);
  await receiver.until(1);
  for (const repository of ['other/app', 'wanted/app']) {
    assert.equal(await pushImage(url, repository, 'v1', 'one', { user }), 201);
    assert.equal((await askService(url, 'GET', `/v2/${repository}/manifests/v1`)).status, 200);
  }
  const [denied, pulled] = eventsOf(await receiver.until(2)) as [Event, Event];
  assert.deepEqual([denied.type, denied.data['action']], ['dev.seaworthy.registry.request.denied', 'push']);
  assert.match(String(denied.data['reason']), /larger quota/);
  assert.deepEqual([typeOf(pulled), pulled.data['repository']], ['image.pulled', 'wanted/app']);
});

test('what failed is delivered again, with the same id; 410 ends it; private addresses are refused', async () => {
  let status = 500;
  await using receiver = await startReceiver((response) => response.writeHead(status).end());
  await using gone = await startReceiver((response) => response.writeHead(410).end());
  using folder = place();
  const clock = hastyClock();
  const hooks = [
    { name: 'failing', url: receiver.url, events: 'image.pushed' },
    { name: 'gone', url: gone.url, events: 'image.pushed' },
  ];
  // A name that leads to this machine, which no check of the settings can know.
  const hidden = { name: 'hidden', url: gone.url.replace('127.0.0.1', 'localhost'), events: 'image.pushed' };
  const config = await serviceConfig(folder, settings([...hooks, hidden]));
  const webhooks = config.webhooks.map((hook) => ({ ...hook, allowPrivate: hook.name !== 'hidden' }));
  await using service = await startOwnService({ ...config, webhooks }, { clock });
  const { url } = service;
  assert.equal(await pushImage(url, 'app', 'v1', 'one', { user }), 201);
  await receiver.until(1);
  await gone.until(1);
  await sleep(50);
  assert.equal(receiver.received.length, 1, 'not before its time');
  clock.ahead += 5500;
  await receiver.until(2);
  status = 200;
  clock.ahead += 10_500;
  const received = await receiver.until(3);
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-signature'])).size, 3, 'each signed anew');
  assert.ok(received.every((one) => isSignedWith(one, keys[0])));
  assert.equal(await pushImage(url, 'app', 'v2', 'two', { user }), 201);
  await receiver.until(4);
  for (let step = 0; step < 5; step += 1) {
    clock.ahead += 3_600_000;
    await sleep(30);
  }
  assert.equal(receiver.received.length, 4);
  assert.equal(gone.received.length, 1, 'neither asked again after 410, nor by a name that leads here');
  const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
  assert.match(metrics, /seaworthy_registry_webhook_deliveries_total\{outcome="gone"\} 1\n/);
});

test('events wait for a receiver while the registry is down, and while its settings change', async () => {
  let isUp = false;
  await using receiver = await startReceiver((response) => response.writeHead(isUp ? 200 : 503).end());
  using folder = place();
  const hook = { name: 'all', url: receiver.url, events: 'image.pushed' };
  const clock = hastyClock();
  const config = await serviceConfig(folder, settings([hook]));
  {
    await using service = await startOwnService(config, { clock });
    assert.equal(await pushImage(service.url, 'app', 'v1', 'one', { user }), 201);
    await receiver.until(1);
  }
  isUp = true;
  clock.ahead += 10_000;
  await using service = await startOwnService(config, { clock });
  const [first, second] = await receiver.until(2);
  assert.equal(first?.body, second?.body);

  // The new secret is in the file, and the old one signs beside it, as soon as they are there.
  folder.write('previous', secretOf(keys[0]));
  const rotating = { ...hook, rest: '      previousSecretFile: previous\n' };
  await service.apply(await serviceConfig(folder, settings([rotating])));
  folder.write('secret', secretOf(keys[1]));
  assert.equal(await pushImage(service.url, 'app', 'v2', 'two', { user }), 201);
  const third = (await receiver.until(3))[2] as Received;
  assert.deepEqual(
    keys.map((key) => isSignedWith(third, key)),
    [true, true, false],
  );
  await service.apply(await serviceConfig(folder, settings([])));
  assert.equal(await pushImage(service.url, 'app', 'v3', 'three', { user }), 201);
  await service.apply(await serviceConfig(folder, settings([hook])));
  assert.equal(await pushImage(service.url, 'app', 'v4', 'four', { user }), 201);
  const last = eventsOf(await receiver.until(4))[3];
  assert.equal(last?.data['tag'], 'v4', 'nobody is told what happened while nobody wanted to know');
});

test('an event is there exactly when its change is, and without webhooks nothing is queued', async () => {
  using folder = place();
  const hooks = [{ name: 'all', url: 'http://127.0.0.1:1/', events: 'image.pushed' }];
  const jobs = async (): Promise<readonly string[]> => {
    await using database = await openSqliteDatabase({ path: join(folder.path, 'data', 'registry.db') });
    const rows = await database.all<{ data: string }>(`SELECT data FROM job WHERE queue = 'webhook' ORDER BY id`);
    return rows.map(({ data }) => (JSON.parse(data) as { event: Event }).event.data['tag'] as string);
  };
  const more = '  tags: {immutable: [{name: all, tags: [v*]}]}\n';
  {
    await using service = await startOwnService(await serviceConfig(folder, settings(hooks, more)));
    assert.equal(await pushImage(service.url, 'app', 'v1', 'one', { user }), 201);
    // Refused in its transaction, after other tags of it were written.
    const there = await askService(service.url, 'GET', '/v2/app/manifests/v1');
    const manifest = (await there.json()) as { mediaType: string };
    const body = JSON.stringify({ ...manifest, annotations: { a: 'b' } });
    const path = `/v2/app/manifests/${digestOfText(body)}?tag=free&tag=v1`;
    const headers = { 'content-type': manifest.mediaType };
    assert.equal((await askService(service.url, 'PUT', path, { user, headers, body })).status, 409);
    assert.equal(await pushImage(service.url, 'app', 'v1', 'two', { user }), 409);
  }
  assert.deepEqual(await jobs(), ['v1']);
  {
    await using service = await startOwnService(await serviceConfig(folder, settings([])));
    assert.equal(await pushImage(service.url, 'app', 'v2', 'two', { user }), 201);
    assert.equal((await askService(service.url, 'GET', '/v2/app/manifests/v2')).status, 200);
  }
  assert.ok((await jobs()).every((tag) => tag === 'v1'));
});
