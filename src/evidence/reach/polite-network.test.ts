import assert from 'node:assert/strict';
import test from 'node:test';
import { manualClock } from '../../../testing/manual-clock.ts';
import type { Network } from '../../net/network.ts';
import { reachLimits } from './limits.ts';
import { PoliteNetwork } from './polite-network.ts';

const start = Date.UTC(2026, 0, 1);
const { leastPause, mostPause } = reachLimits.held;

/** A network that answers so, and which hosts were asked. */
function bench() {
  const clock = manualClock(start);
  const asked: string[] = [];
  const answer: { status: number; headers: ReadonlyMap<string, string> } = { status: 429, headers: new Map() };
  const network: Network = {
    clock,
    request: ({ url }) => {
      const at = new URL(url);
      asked.push(at.host);
      const body = {
        [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
      };
      return Promise.resolve({ ...answer, url: at, body: body as AsyncIterable<Uint8Array>, discard: () => undefined });
    },
    plainHttp: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const polite = new PoliteNetwork(network);
  return { clock, asked, answer, ask: (host: string) => polite.request({ url: `https://${host}/v2/` }) };
}

test('a host is left alone until the time that it says, and no other host is', async () => {
  const { clock, asked, answer, ask } = bench();
  answer.headers = new Map([['retry-after', '120']]);
  assert.equal((await ask('a.test')).status, 429);
  clock.set(start + 119_999);
  await assert.rejects(ask('a.test'), { code: 'RATE_LIMITED', message: /until 2026-01-01T00:02:00Z/ });
  await ask('b.test');
  clock.set(start + 120_000);
  await ask('a.test');
  assert.deepEqual(asked, ['a.test', 'b.test', 'a.test']);
});

test('one that says no time is left alone for longer each time, and never for longer than there is a bound for', async () => {
  const { clock, asked, answer, ask } = bench();
  let time = start;
  for (const pause of [leastPause, leastPause * 2, leastPause * 4]) {
    await ask('a.test');
    clock.set(time + pause - 1);
    await assert.rejects(ask('a.test'), { code: 'RATE_LIMITED' });
    clock.set((time += pause));
  }
  assert.equal(asked.length, 3);
  answer.status = 200;
  await ask('a.test');
  await ask('a.test');
  assert.equal(asked.length, 5);
  answer.status = 429;
  answer.headers = new Map([['retry-after', '9999999']]);
  await ask('a.test');
  clock.set(time + mostPause);
  answer.status = 200;
  assert.equal((await ask('a.test')).status, 200);
});

test('those who were under way together make it no longer than one of them', async () => {
  const { clock, ask } = bench();
  await Promise.all(Array.from({ length: 20 }, () => ask('a.test')));
  clock.set(start + leastPause);
  assert.equal((await ask('a.test')).status, 429);
});
