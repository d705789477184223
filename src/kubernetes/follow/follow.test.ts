import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { followClock } from '../../../testing/kubernetes/follow-clock.ts';
import { startFollower } from '../../../testing/kubernetes/follower.ts';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import type { Change } from './handler.ts';
import { follow } from './follow.ts';

const { pods } = builtInTypes;

/** `+a`, `-a`, `=a,b`: what was told, in short. */
function short(change: Change): string {
  if (change.kind === 'replaced') return `=${change.objects.map(({ metadata }) => metadata.name).join()}`;
  return `${change.kind === 'changed' ? '+' : '-'}${change.object.metadata.name}`;
}

test('follow() tells of what there is, and then of each change', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.seed(pods, { metadata: { name: 'a', managedFields: [{}], labels: { x: 'y' } } }, { metadata: { name: 'b' } });
  await using follower = startFollower(client, pods, clock);
  await follower.until('it watches', () => api.watches.size === 1);
  assert.deepEqual(follower.states, [{ kind: 'synced' }]);
  const asked = api.calls.at(-1)?.query;
  assert.deepEqual(asked, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: String(api.store.version),
    timeoutSeconds: '450',
  });
  const changed = { spec: { nodeName: 'n' } };
  await client.patch(pods, 'a', { kind: 'merge', body: changed });
  api.seed(pods, { metadata: { name: 'c' } });
  await client.remove(pods, 'b');
  await follower.until('all was told', () => follower.changes.length === 4);
  assert.deepEqual(follower.changes.map(short), ['=a,b', '+a', '+c', '-b']);
  assert.ok([...follower.known.values()].every(({ metadata }) => metadata['managedFields'] === undefined));
  assert.deepEqual(follower.known.get('a')?.metadata.labels, { x: 'y' });
});

test('follow() keeps of objects what it is told to keep, and follows selectors', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.seed(pods, { metadata: { name: 'a', labels: { on: '1' } }, spec: { large: 'x' } }, { metadata: { name: 'b' } });
  await using follower = startFollower(client, pods, clock, {
    namespace: 'default',
    labelSelector: 'on=1',
    transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
  });
  await follower.until('it watches', () => api.watches.size === 1);
  assert.equal(follower.known.get('a')?.['spec'], undefined);
  await client.patch(pods, 'b', { kind: 'merge', body: { metadata: { labels: { on: '1' } } } });
  await client.patch(pods, 'a', { kind: 'merge', body: { metadata: { labels: null } } });
  await follower.until('all was told', () => follower.changes.length === 3);
  assert.deepEqual(follower.changes.map(short), ['=a', '+b', '-a']);
});

test('follow() tells of metadata alone where that is all that is wanted', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.seed(pods, { metadata: { name: 'a', labels: { on: '1' } }, spec: { large: 'x' } });
  await using follower = startFollower(client, pods, clock, { metadataOnly: true });
  await follower.until('it watches', () => api.watches.size === 1);
  api.seed(pods, { metadata: { name: 'b' }, spec: { large: 'y' } });
  await client.remove(pods, 'a');
  await follower.until('all was told', () => follower.changes.length === 3);
  assert.deepEqual(follower.changes.map(short), ['=a', '+b', '-a']);
  const told = follower.changes.flatMap((change) => (change.kind === 'replaced' ? change.objects : [change.object]));
  assert.deepEqual(
    told.map(({ kind, metadata, spec }) => [kind, metadata.name, metadata.labels, spec]),
    [
      ['PartialObjectMetadata', 'a', { on: '1' }, undefined],
      ['PartialObjectMetadata', 'b', undefined, undefined],
      ['PartialObjectMetadata', 'a', { on: '1' }, undefined],
    ],
  );
});

test('follow() goes on from the last event, or bookmark, where a watch ends', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  await using follower = startFollower(client, pods, clock);
  const watches = (): string[] =>
    api.calls.filter(({ verb }) => verb === 'watch').map(({ query }) => query['resourceVersion'] ?? '');
  await follower.until('it watches', () => api.watches.size === 1);
  api.seed(pods, { metadata: { name: 'a' } });
  const afterEvent = String(api.store.version);
  await follower.until('it was told', () => follower.changes.length === 2);
  for (const watch of api.watches) watch.end();
  await follower.until('it watches again', () => watches().length === 2 && api.watches.size === 1);
  assert.equal(watches()[1], afterEvent);
  // Of another type: only a bookmark tells that the version went on.
  api.seed(builtInTypes.nodes, { metadata: { name: 'n' } });
  api.bookmark();
  for (const watch of api.watches) watch.end();
  await follower.until('it watches a third time', () => watches().length === 3 && api.watches.size === 1);
  assert.equal(watches()[2], String(api.store.version));
  assert.deepEqual(
    [follower.changes.map(short), follower.states, clock.pauses],
    [['=', '+a'], [{ kind: 'synced' }], []],
  );
});

test('follow() gives a watch up that is silent for too long', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.faults.inject({ kind: 'stall-watch', after: 0 });
  await using follower = startFollower(client, pods, clock);
  await follower.until('it watches', () => api.watches.size === 1);
  const [stalled] = api.watches;
  api.seed(pods, { metadata: { name: 'a' } });
  clock.silence();
  await follower.until('it was told', () => follower.changes.length === 2);
  // Its connection is not left behind.
  await follower.until('the silent one is closed', () => !api.watches.has(stalled as never) && api.watches.size === 1);
  assert.deepEqual(follower.changes.map(short), ['=', '+a']);
});

const tooOld: readonly (readonly [
  string,
  Parameters<Awaited<ReturnType<typeof kubernetesLab>>['api']['faults']['inject']>[0],
])[] = [
  ['an event says so', { kind: 'watch-error', after: 0, status: 410, reason: 'Expired' }],
  ['the answer says so', { kind: 'status', status: 410, reason: 'Gone' }],
];
for (const [name, fault] of tooOld) {
  test(`follow() lists again where its version is too old: ${name}`, async () => {
    const clock = followClock();
    await using lab = await kubernetesLab({ clientClock: clock });
    const { api, client } = lab;
    api.seed(pods, { metadata: { name: 'a' } });
    api.faults.inject(fault, { when: ({ verb }) => verb === 'watch' });
    await using follower = startFollower(client, pods, clock);
    await follower.until('it watches', () => api.watches.size === 1 && follower.changes.length === 2);
    assert.deepEqual(follower.changes.map(short), ['=a', '=a']);
    assert.deepEqual(
      follower.states.map(({ kind }) => kind),
      ['synced', 'behind', 'synced'],
    );
    assert.deepEqual(clock.pauses, []);
  });
}

test('follow() waits longer with each failure, tells that it is behind, and never gives up', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.faults.inject({ kind: 'status', status: 403, reason: 'Forbidden', message: 'no "list" for you' }, { times: 8 });
  await using follower = startFollower(client, pods, clock);
  await follower.until('it watches', () => api.watches.size === 1);
  assert.deepEqual(clock.pauses, [1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500, 22_500]);
  assert.deepEqual(
    follower.states.map(({ kind }) => kind),
    [...Array<string>(8).fill('behind'), 'synced'],
  );
  const [first] = follower.states;
  assert.ok(first?.kind === 'behind');
  assert.equal(first.reason.code, 'FORBIDDEN');
  assert.match(first.reason.message, /list pods.*no "list" for you/);
});

test('follow() reads on where events cannot be read, and lists where that does not help', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  const bad = ['{', '[]', '{"type":"ADDED"}', '{"type":"NEWS","object":{}}', '{"type":"BOOKMARK","object":{}}'];
  const wrong = {
    type: 'ADDED',
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', resourceVersion: '9' } },
  };
  const lines = [
    ...bad,
    JSON.stringify(wrong),
    JSON.stringify({ type: 'ADDED', object: { ...wrong.object, kind: 'Pod', metadata: {} } }),
  ];
  await using follower = startFollower(client, pods, clock, { maxEventBytes: 1000 });
  await follower.until('it watches', () => api.watches.size === 1);
  for (const line of [...lines, 'x'.repeat(2000)]) {
    const before = follower.states.length;
    api.faults.inject({ kind: 'watch-line', after: 0, line });
    for (const watch of api.watches) watch.end();
    await follower.until(`it is behind for ${line.slice(0, 20)}`, () =>
      follower.states
        .slice(before)
        .some((state) => state.kind === 'behind' && ['ANSWER_INVALID', 'LIMIT_EXCEEDED'].includes(state.reason.code)),
    );
    await follower.until('it watches again', () => api.watches.size === 1);
  }
  const lists = follower.changes.length;
  // An object that is too large for a watch is one that a list may still bring.
  api.seed(pods, { metadata: { name: 'big' }, spec: { text: 'y'.repeat(3000) } });
  await follower.until('it is listed', () => follower.known.has('big'));
  assert.ok(follower.changes.length > lists);
});

test('follow() ends in what its handler throws, and when it is told to', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  const broken = new Error('broken');
  const handler = {
    change(): void {
      throw broken;
    },
  };
  const options = { clock, logger: silentLogger };
  await assert.rejects(follow(client, pods, options, handler, new AbortController().signal), broken);
  const aborted = AbortSignal.abort();
  await follow(client, pods, options, handler, aborted);
  const follower = startFollower(client, pods, clock);
  await follower.until('it watches', () => api.watches.size === 1);
  await follower[Symbol.asyncDispose]();
  await follower.until('nothing is left behind', () => api.watches.size === 0);
});

test('follow() takes no list that is larger than it may be', async () => {
  const clock = followClock();
  await using lab = await kubernetesLab({ clientClock: clock });
  const { api, client } = lab;
  api.seed(pods, { metadata: { name: 'a' }, spec: { text: 'y'.repeat(3000) } });
  await using follower = startFollower(client, pods, clock, { maxListBytes: 1000 });
  await follower.until('it is behind', () => follower.states.length > 0);
  assert.ok(follower.states[0]?.kind === 'behind' && follower.states[0].reason.code === 'LIMIT_EXCEEDED');
  assert.deepEqual(follower.changes, []);
});
