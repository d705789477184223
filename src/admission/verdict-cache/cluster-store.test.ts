import assert from 'node:assert/strict';
import test from 'node:test';
import { keptVerdict } from '../../../testing/admission/kept-verdicts.ts';
import { type KubernetesLab, kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { listAll } from '../../kubernetes/list-all.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { imageVerdictDefinition, imageVerdictType as type } from '../resources/image-verdict.ts';
import { ClusterVerdictStore } from './cluster-store.ts';
import { verdictStoreLimits as limits } from './limits.ts';
import type { KeptVerdict } from './model.ts';
import { pruneVerdicts } from './prune-verdicts.ts';
import { readSealKey } from './seal-key.ts';
import { verdictObject } from './verdict-object.ts';

const start = Date.UTC(2026, 0, 1);
const key = Buffer.alloc(32, 1);

async function verdictLab(): Promise<KubernetesLab> {
  const lab = await kubernetesLab();
  await lab.client.create(builtInTypes.customResourceDefinitions, imageVerdictDefinition());
  return lab;
}

interface Replica extends AsyncDisposable {
  readonly store: ClusterVerdictStore;
  readonly known: Map<string, KeptVerdict>;
  readonly warned: string[];
}

function replicaOf(
  { client }: KubernetesLab,
  sealedWith: Uint8Array = key,
  clock: Clock = manualClock(start),
): Replica {
  const ended = new AbortController();
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
  const { signal } = ended;
  const leads = (): boolean => true;
  const store = new ClusterVerdictStore({
    client,
    key: () => Promise.resolve(sealedWith),
    clock,
    logger,
    leads,
    signal,
  });
  const known = new Map<string, KeptVerdict>();
  const following = store.follow((kept) => void known.set(kept.key, kept), signal);
  return {
    store,
    known,
    warned,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await following;
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (isSo()) return;
    await systemClock.sleep(5);
  }
  assert.fail('it never came to that');
}

test('what one replica was told, another knows, as does one that starts later', async () => {
  await using lab = await verdictLab();
  await using one = replicaOf(lab);
  await using other = replicaOf(lab);
  const all = ['a', 'b', 'c'].map((name) => keptVerdict(name));
  for (const kept of all) one.store.put(kept);
  await until(() => other.known.size === 3);
  const newer = keptVerdict('a', { at: start + 1, until: start + 5 });
  other.store.put(newer);
  await until(() => one.known.get(newer.key)?.at === start + 1);
  await using late = replicaOf(lab);
  await until(() => late.known.size === 3);
  assert.deepEqual(late.known.get(newer.key), newer);
  assert.equal(one.store.counts.written, 3);
});

test('what was not sealed with the key is nobody’s verdict', async () => {
  await using lab = await verdictLab();
  await using stranger = replicaOf(lab, Buffer.alloc(32, 2));
  stranger.store.put(keptVerdict('evil'));
  await until(() => stranger.store.counts.written === 1);
  const forged = verdictObject(keptVerdict('forged'), key);
  assert.ok(forged !== undefined);
  const spec = forged['spec'] as { readonly content: string };
  const content = spec.content.replace('registry.test', 'registry.evil');
  await lab.client.create(type, { ...forged, spec: { ...spec, content } });
  await lab.client.create(type, { ...forged, metadata: { name: 'none' }, spec: {} });
  await using own = replicaOf(lab);
  await until(() => own.store.counts.refused === 3);
  assert.equal(own.known.size, 0);
});

test('a cluster that knows no verdicts is told of once, and comes to know them', async () => {
  await using lab = await kubernetesLab();
  const clock = instantClock();
  // Every pause ends at once; a moment is left for the rest of the process.
  const patient = {
    ...clock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await systemClock.sleep(2, signal);
      await clock.sleep(ms, signal);
    },
  };
  await using replica = replicaOf(lab, key, patient);
  replica.store.put(keptVerdict('early', { staleUntil: Number.MAX_SAFE_INTEGER }));
  await until(() => replica.store.counts.dropped === 1);
  await systemClock.sleep(30);
  assert.equal(replica.warned.length, 1);
  await lab.client.create(builtInTypes.customResourceDefinitions, imageVerdictDefinition());
  replica.store.put(keptVerdict('late', { staleUntil: Number.MAX_SAFE_INTEGER }));
  await until(() => replica.known.size === 1);
  assert.equal(replica.warned.length, 1);
});

test('what cannot be written waits in bounds, the newest of each question, and the oldest is let go of', async () => {
  await using lab = await verdictLab();
  const held = Promise.withResolvers<void>();
  lab.api.faults.inject(
    { kind: 'wait', until: held.promise },
    { when: ({ verb }) => verb === 'patch', times: limits.writes },
  );
  await using replica = replicaOf(lab);
  const most = limits.waiting + limits.writes + 10;
  for (let at = 0; at < most; at += 1) replica.store.put(keptVerdict(`v${at}`));
  for (let at = 0; at < 5; at += 1) replica.store.put(keptVerdict(`v${most - 1}`, { at: start + at }));
  assert.equal(replica.store.counts.waiting, limits.waiting + limits.writes);
  assert.equal(replica.store.counts.dropped, 10);
  held.resolve();
});

test('a write that fails is tried again, and one that never can be is not', async () => {
  await using lab = await verdictLab();
  lab.api.faults.inject({ kind: 'status', status: 500 }, { when: ({ verb }) => verb === 'patch' });
  lab.api.faults.inject({ kind: 'status', status: 422, reason: 'Invalid' }, { when: ({ verb }) => verb === 'patch' });
  const clock = { ...instantClock(), now: () => start };
  await using replica = replicaOf(lab, key, clock);
  replica.store.put(keptVerdict('again'));
  await until(() => replica.store.counts.waiting === 0);
  assert.deepEqual(replica.store.counts, { written: 0, dropped: 1, refused: 0, waiting: 0 });
  lab.api.faults.inject({ kind: 'status', status: 500 }, { when: ({ verb }) => verb === 'patch', times: 3 });
  replica.store.put(keptVerdict('b'));
  await until(() => replica.store.counts.written === 1);
  replica.store.put(keptVerdict('no name', { key: 'no name' }));
  replica.store.put(keptVerdict('over', { staleUntil: start }));
  await until(() => replica.store.counts.waiting === 0);
  assert.equal((await listAll(lab.client, type)).objects.length, 1);
});

test('verdicts that are over are removed, and those of others when they had their time', async () => {
  await using lab = await verdictLab();
  const objects = [
    verdictObject(keptVerdict('over', { staleUntil: start }), key),
    verdictObject(keptVerdict('counts', { staleUntil: start + 1 }), key),
    verdictObject(keptVerdict('strange'), Buffer.alloc(32, 3)),
  ];
  for (const object of objects) if (object !== undefined) await lab.client.create(type, object);
  const left = async (): Promise<number> => (await listAll(lab.client, type)).objects.length;
  const made = Date.parse((await listAll(lab.client, type)).objects[0]?.metadata.creationTimestamp ?? '');
  assert.equal(await pruneVerdicts(lab.client, key, start), 1);
  assert.equal(await left(), 2);
  assert.equal(await pruneVerdicts(lab.client, key, start), 0);
  await lab.client.remove(type, keptVerdict('counts').key);
  assert.equal(await pruneVerdicts(lab.client, key, made + limits.sealedTime), 1);
  assert.equal(await left(), 0);
});

test('a verdict that was judged anew while it was looked at stays', async () => {
  await using lab = await verdictLab();
  const over = verdictObject(keptVerdict('over', { staleUntil: start }), key);
  assert.ok(over !== undefined);
  await lab.client.create(type, over);
  const anew = verdictObject(keptVerdict('over', { staleUntil: start + 99 }), key);
  const client: Parameters<typeof pruneVerdicts>[0] = {
    list: (...asked) => lab.client.list(...asked),
    async remove(...asked) {
      await lab.client.patch(type, over.metadata.name, { kind: 'merge', body: anew });
      return await lab.client.remove(...asked);
    },
  };
  assert.equal(await pruneVerdicts(client, key, start), 0);
});

test('the leader makes the key, others wait for it, and what is no key is replaced', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  const options = { client, namespace: 'default', name: 'seal', logger: silentLogger };
  const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(5, signal) };
  const { signal } = new AbortController();
  const waiting = readSealKey({ ...options, clock, leads: () => false }, signal);
  await systemClock.sleep(30);
  assert.equal(await client.get(builtInTypes.secrets, 'seal', { namespace: 'default' }), undefined);
  lab.api.faults.inject({ kind: 'status', status: 500 });
  const leaders = await Promise.all([1, 2].map(() => readSealKey({ ...options, clock, leads: () => true }, signal)));
  assert.deepEqual(leaders, [await waiting, await waiting]);
  assert.equal(leaders[0]?.length, 32);
  // Who has it made anew removes it; a replica that waits gets the next one.
  await client.remove(builtInTypes.secrets, 'seal', { namespace: 'default' });
  const next = readSealKey({ ...options, clock, leads: () => false }, signal);
  assert.notDeepEqual(await readSealKey({ ...options, clock, leads: () => true }, signal), leaders[0]);
  assert.notDeepEqual(await next, leaders[0]);
  lab.api.seed(builtInTypes.secrets, { metadata: { name: 'short' }, data: { 'seal.key': 'AAAA' } });
  assert.equal((await readSealKey({ ...options, clock, name: 'short', leads: () => true }, signal)).length, 32);
  const ended = AbortSignal.abort(new Error('over'));
  await assert.rejects(readSealKey({ ...options, clock, leads: () => true }, ended), /over/);
});
