import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedCall, Fault } from '../../../testing/kubernetes/faults.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { openOperatorWorld, type OperatorWorld } from '../../../testing/operator/operator-world.ts';

const all = ['default/pod-one-app', 'default/pod-two-app', 'default/pod-three-app'];

async function allReported(world: OperatorWorld): Promise<void> {
  await world.until(`${all.join()} are reported`, () => all.every((key) => world.reports().has(key)));
}

const isPods = ({ resource }: AskedCall): boolean => resource === 'pods';
const isReports = ({ resource }: AskedCall): boolean => resource === 'vulnerabilityreports';

const faults: readonly (readonly [what: string, fault: Fault, when: (call: AskedCall) => boolean, times?: number])[] = [
  ['a list that is forbidden for a while', { kind: 'status', status: 403, reason: 'Forbidden' }, isPods, 3],
  ['a list that is asked for too often', { kind: 'status', status: 429, retryAfter: 1 }, isPods, 2],
  [
    'a list of reports that fails',
    { kind: 'status', status: 500 },
    (call) => isReports(call) && call.verb === 'list',
    3,
  ],
  [
    'a watch that breaks off within an event',
    { kind: 'cut-watch', after: 0, within: true },
    (call) => isPods(call) && call.verb === 'watch',
  ],
  ['a watch that ends', { kind: 'end-watch', after: 0 }, (call) => isPods(call) && call.verb === 'watch'],
  ['a watch that is silent', { kind: 'stall-watch', after: 0 }, (call) => isPods(call) && call.verb === 'watch'],
  [
    'a watch whose version is too old',
    { kind: 'watch-error', after: 0, status: 410, reason: 'Expired' },
    (call) => isPods(call) && call.verb === 'watch',
  ],
  [
    'a watch of reports that is refused',
    { kind: 'status', status: 410 },
    (call) => isReports(call) && call.verb === 'watch',
  ],
  [
    'a write that is asked for too often',
    { kind: 'status', status: 429, retryAfter: 1 },
    (call) => call.verb === 'patch',
    4,
  ],
  [
    'a write that is forbidden',
    { kind: 'status', status: 403, reason: 'Forbidden' },
    (call) => call.verb === 'patch',
    4,
  ],
  ['a write whose answer is lost', { kind: 'drop', when: 'after' }, (call) => call.verb === 'patch', 2],
];
for (const [what, fault, when, times = 1] of faults) {
  test(`an operator goes on after ${what}`, async () => {
    await using world = await openOperatorWorld();
    await world.know(['CVE-2026-1']);
    world.lab.api.faults.inject(fault, { when, times });
    world.run({ name: 'one' }, { app: 'web' });
    const one = await world.start({ sboms: false });
    await world.until('it watches Pods', () => one.operator.notReady.length === 0);
    world.run({ name: 'two' }, { app: 'web' });
    world.run({ name: 'three' }, { app: 'db' });
    await allReported(world);
    assert.deepEqual([...new Set(one.looks)], ['layers']);
    // Only what was done unseen may be done again, and is the same then.
    const most = fault.kind === 'drop' ? 2 : 1;
    assert.ok(
      [...world.written.values()].every((count) => count <= most),
      JSON.stringify([...world.written]),
    );
  });
}

test('what may not be listed is not ready and removes nothing', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  const first = await world.start();
  await world.until('it is reported', () => world.reports().has('default/pod-one-app'));
  await first.stop();
  await world.lab.client.remove(builtInTypes.pods, 'one');
  const forbidden = { kind: 'status', status: 403, reason: 'Forbidden' } as const;
  world.lab.api.faults.inject(forbidden, { when: isPods, times: Number.POSITIVE_INFINITY });
  const second = await world.start();
  await world.until('all else is known', () => second.operator.notReady.join() === 'pods');
  const began = world.clock.monotonic();
  await world.until('much time is gone', () => world.clock.monotonic() - began > 700_000);
  assert.deepEqual([second.outcomes, second.operator.state.behind.get('pods')], [[], 'FORBIDDEN']);
  assert.ok(world.reports().has('default/pod-one-app'));
});

test('without a database nothing is written, and it is said why', async () => {
  await using world = await openOperatorWorld();
  world.run({ name: 'one' }, { app: 'web' });
  const one = await world.start();
  await world.until('all that runs is known', () => one.operator.notReady.join() === 'database');
  assert.deepEqual(one.looks, []);
  await world.know(['CVE-2026-1']);
  await world.until('it is reported', () => world.reports().has('default/pod-one-app'));
  assert.deepEqual(one.operator.notReady, []);
});

test('reports that no definition is there for are waited for', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  const gone = { kind: 'status', status: 404 } as const;
  world.lab.api.faults.inject(gone, { when: isReports, times: 4 });
  world.run({ name: 'one' }, { app: 'web' });
  await world.start({ sboms: false });
  await world.until('it is reported', () => world.reports().has('default/pod-one-app'));
});
