import assert from 'node:assert/strict';
import test from 'node:test';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { KubernetesClient } from '../client.ts';
import { KubernetesError } from '../error.ts';
import { Leader } from './leader.ts';
import { leaseType, readLease } from './lease.ts';
import { leaderLimits } from './limits.ts';

const start = Date.UTC(2026, 0, 1);
const labels = { 'app.kubernetes.io/managed-by': 'seaworthy' };

interface Replica {
  readonly clock: ReturnType<typeof manualClock>;
  readonly leader: Leader;
  /** Each change of who leads, as this one was told. */
  readonly told: readonly boolean[];
}

function replica(client: LeaderClient, identity: string, clock = manualClock(start)): Replica {
  const told: boolean[] = [];
  const options = {
    client,
    namespace: 'kube-system',
    name: 'seaworthy',
    labels,
    identity,
    clock,
    logger: silentLogger,
  };
  return { clock, told, leader: new Leader({ ...options, onChange: (leads) => void told.push(leads) }) };
}

type LeaderClient = Pick<KubernetesClient, 'get' | 'create' | 'replace'>;

test('of several replicas one leads, and another when it says nothing any more', async () => {
  await using lab = await kubernetesLab();
  const first = replica(lab.client, 'a');
  const second = replica(lab.client, 'b');
  await first.leader.attempt();
  await second.leader.attempt();
  assert.deepEqual([first.leader.leads, second.leader.leads], [true, false]);
  // As long as the first one says that it is there, nobody else leads, however long that is.
  for (let time = 0; time < 20; time += 1) {
    first.clock.set(first.clock.now() + leaderLimits.retry);
    second.clock.set(second.clock.now() + leaderLimits.retry);
    await first.leader.attempt();
    await second.leader.attempt();
    assert.deepEqual([first.leader.leads, second.leader.leads], [true, false]);
  }
  second.clock.set(second.clock.now() + leaderLimits.lease - 1);
  await second.leader.attempt();
  assert.equal(second.leader.leads, false);
  second.clock.set(second.clock.now() + 1);
  await second.leader.attempt();
  assert.equal(second.leader.leads, true);
  await first.leader.attempt();
  assert.equal(first.leader.leads, false);
  const lease = await lab.client.get(leaseType, 'seaworthy', { namespace: 'kube-system' });
  assert.ok(lease);
  assert.deepEqual([readLease(lease).holder, readLease(lease).transitions], ['b', 1]);
  assert.deepEqual([first.told, second.told], [[true, false], [true]]);
});

test('replicas whose clocks differ by an hour agree all the same', async () => {
  await using lab = await kubernetesLab();
  const first = replica(lab.client, 'a');
  const second = replica(lab.client, 'b', manualClock(start + 3_600_000));
  await first.leader.attempt();
  await second.leader.attempt();
  second.clock.set(second.clock.now() + leaderLimits.retry);
  await second.leader.attempt();
  assert.deepEqual([first.leader.leads, second.leader.leads], [true, false]);
});

test('a leader that cannot renew its lease stops before another begins', async () => {
  await using lab = await kubernetesLab();
  const first = replica(lab.client, 'a');
  await first.leader.attempt();
  const gone: LeaderClient = {
    get: () => Promise.reject(new KubernetesError('UNREACHABLE', 'Nothing came')),
    create: () => Promise.reject(new Error('not asked')),
    replace: () => Promise.reject(new Error('not asked')),
  };
  const clock = manualClock(start);
  let client: LeaderClient = lab.client;
  const options = { namespace: 'kube-system', name: 'other', labels, identity: 'a', clock, logger: silentLogger };
  const cut = new Leader({
    ...options,
    client: {
      get: (...asked) => client.get(...asked),
      create: (...asked) => client.create(...asked),
      replace: (...asked) => client.replace(...asked),
    },
  });
  await cut.attempt();
  client = gone;
  clock.set(start + leaderLimits.renew - 1);
  await cut.attempt();
  assert.equal(cut.leads, true);
  clock.set(start + leaderLimits.renew);
  await cut.attempt();
  assert.equal(cut.leads, false);
  assert.ok(leaderLimits.renew < leaderLimits.lease);
});

test('of two that try at once one succeeds', async () => {
  await using lab = await kubernetesLab();
  const old = replica(lab.client, 'old');
  await old.leader.attempt();
  const both = [replica(lab.client, 'a'), replica(lab.client, 'b')];
  for (const { leader } of both) await leader.attempt();
  for (const { clock } of both) clock.set(start + leaderLimits.lease);
  await Promise.all(both.map(({ leader }) => leader.attempt()));
  assert.equal(both.filter(({ leader }) => leader.leads).length, 1);
});

test('a leader that ends gives its lease up, so that nobody waits', async () => {
  await using lab = await kubernetesLab();
  const first = replica(lab.client, 'a');
  const ended = new AbortController();
  const running = first.leader.run(ended.signal);
  await first.clock.tick();
  ended.abort(new Error('over'));
  await running;
  const second = replica(lab.client, 'b');
  await second.leader.attempt();
  assert.deepEqual([first.leader.leads, second.leader.leads], [false, true]);
});
