import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { NetError, type NetErrorCode } from '../../net/error.ts';
import { OciError } from '../../oci/error.ts';
import { scanLimits } from './limits.ts';
import { RegistryQueue } from './registry-queue.ts';

function out(): OciError {
  return new OciError('REGISTRY_UNAVAILABLE', 'It is out; try again later');
}

test('RegistryQueue makes no more calls at a time than it may, in all and to each registry', async () => {
  const { signal } = new AbortController();
  const queue = new RegistryQueue({ width: 6, clock: instantClock(), signal });
  const active = { a: 0, b: 0 };
  const most = { a: 0, b: 0, all: 0 };
  const call = (registry: 'a' | 'b') => async (): Promise<void> => {
    active[registry] += 1;
    most[registry] = Math.max(most[registry], active[registry]);
    most.all = Math.max(most.all, active.a + active.b);
    await new Promise((resolve) => setTimeout(resolve, 2));
    active[registry] -= 1;
  };
  const registries = Array.from({ length: 40 }, (_, at) => (at % 4 === 0 ? 'b' : 'a'));
  await Promise.all(registries.map((registry) => queue.run(registry, call(registry))));
  assert.equal(most.a, scanLimits.perRegistry);
  assert.equal(most.all, 6);
});

test('RegistryQueue calls again after an outage, and gives a registry up that stays out', async () => {
  const { signal } = new AbortController();
  const clock = instantClock();
  const queue = new RegistryQueue({ width: 2, clock, signal });
  let failures = 3;
  const recovered = queue.run('a', async () => {
    await Promise.resolve();
    if (failures > 0) {
      failures -= 1;
      throw out();
    }
    return 'read';
  });
  assert.equal(await recovered, 'read');
  let calls = 0;
  const lost = Array.from({ length: 5 }, () =>
    queue.run('b', async () => {
      calls += 1;
      await Promise.resolve();
      throw out();
    }),
  );
  const results = await Promise.allSettled(lost);
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.ok(calls <= scanLimits.outages.most * 5, String(calls));
  assert.ok(clock.pauses.every((pause) => pause <= scanLimits.outages.mostPause));
});

const failures: readonly (readonly [what: string, code: NetErrorCode, cause: string, isWaitedOut: boolean])[] = [
  ['a certificate that is not trusted', 'TLS', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
  ['a registry without TLS', 'NOT_TLS', 'EPROTO', false],
  ['a name that there is not', 'UNRESOLVED', 'ENOTFOUND', false],
  ['a resolver that is out', 'UNRESOLVED', 'EAI_AGAIN', true],
  ['a refused connection', 'REFUSED', 'ECONNREFUSED', true],
  ['a proxy that is out', 'PROXY', 'ECONNREFUSED', true],
];

for (const [what, code, reason, isWaitedOut] of failures) {
  test(`RegistryQueue ${isWaitedOut ? 'waits' : 'does not wait'} for ${what}`, async () => {
    const { signal } = new AbortController();
    const clock = instantClock();
    const queue = new RegistryQueue({ width: 1, clock, signal });
    const cause = new NetError(code, 'a', what, { cause: Object.assign(new Error(reason), { code: reason }) });
    const failed = queue.run('a', () => Promise.reject(new OciError('REGISTRY_UNAVAILABLE', what, { cause })));
    await assert.rejects(failed, { code: 'REGISTRY_UNAVAILABLE' });
    assert.equal(clock.pauses.length > 0, isWaitedOut);
  });
}

test('RegistryQueue lets what has another way fail as soon as its registry is out, and makes it no call while that lasts', async () => {
  const { signal } = new AbortController();
  const clock = instantClock();
  const queue = new RegistryQueue({ width: 1, clock, signal, heldUntil: () => clock.now() + 60_000 });
  let calls = 0;
  const call = async (): Promise<string> => {
    calls += 1;
    await Promise.resolve();
    if (calls === 1) throw out();
    return 'read';
  };
  const made = queue.run('a', call, false);
  const patient = queue.run('a', call);
  const behind = queue.run('a', call, false);
  await assert.rejects(made, { code: 'REGISTRY_UNAVAILABLE' });
  await assert.rejects(behind, { code: 'REGISTRY_UNAVAILABLE' });
  assert.equal(await patient, 'read');
  assert.deepEqual(clock.pauses, [60_000]);
  assert.equal(await queue.run('a', call, false), 'read');
  assert.equal(calls, 3);
});

test('RegistryQueue throws what is no outage at once, and ends with its signal', async () => {
  const stop = new AbortController();
  const queue = new RegistryQueue({ width: 1, clock: instantClock(), signal: stop.signal });
  let calls = 0;
  const denied = queue.run('a', async () => {
    calls += 1;
    await Promise.resolve();
    throw new OciError('DENIED', 'No');
  });
  await assert.rejects(denied, { code: 'DENIED' });
  assert.equal(calls, 1);
  const running = queue.run('a', () => new Promise((resolve) => void setTimeout(resolve, 20)));
  const waiting = queue.run('a', () => Promise.resolve());
  stop.abort(new Error('over'));
  await assert.rejects(waiting, /over/);
  await running;
  await assert.rejects(
    queue.run('a', () => Promise.resolve()),
    /over/,
  );
});
