import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { HostGate } from './host-gate.ts';

test('HostGate lets so many in, the next in the order in which they came', async () => {
  const gate = new HostGate(2, instantClock());
  const order: string[] = [];
  const first = await gate.enter('h');
  const second = await gate.enter('h');
  const waiting = ['c', 'd'].map(async (name) => {
    const leave = await gate.enter('h');
    order.push(name);
    leave();
  });
  await gate.enter('other');
  assert.deepEqual(order, []);
  first();
  first();
  await Promise.all(waiting);
  assert.deepEqual(order, ['c', 'd']);
  second();
});

test('HostGate forgets who gave up waiting', async () => {
  const gate = new HostGate(1, instantClock());
  const leave = await gate.enter('h');
  const stop = new AbortController();
  const abandoned = gate.enter('h', stop.signal);
  const next = gate.enter('h');
  stop.abort(new Error('enough'));
  await assert.rejects(abandoned, { message: 'enough' });
  leave();
  (await next)();
  await assert.rejects(gate.enter('h', stop.signal), { message: 'enough' });
});

test('HostGate.hold() keeps everyone back until the pause is over', async () => {
  const clock = instantClock();
  const gate = new HostGate(2, clock);
  gate.hold('h', 5000);
  (await gate.enter('h'))();
  (await gate.enter('other'))();
  assert.equal(clock.pauses.length, 1);
  assert.ok(Math.abs((clock.pauses[0] as number) - 5000) < 1000);
});

test('HostGate asks a host no more often than is said of it, also when it was idle in between', async () => {
  const clock = { ...instantClock(), monotonic: () => 0 };
  const gate = new HostGate(2, clock, (host) => (host === 'h' ? { qps: 10, burst: 3 } : undefined));
  for (let time = 0; time < 5; time += 1) {
    (await gate.enter('h'))();
    (await gate.enter('other'))();
  }
  assert.deepEqual(clock.pauses, [100, 200]);
});
