import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../testing/network-answers.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import { openNetwork } from './open-network.ts';

/** Statuses sent in turn, the last for ever; what must come back, and how many requests that takes. */
const statusRuns: readonly (readonly [
  method: string,
  statuses: readonly number[],
  status: number,
  requests: number,
])[] = [
  ['GET', [503, 502, 200], 200, 3],
  ['GET', [500], 500, 3],
  ['GET', [503], 503, 4],
  ['GET', [429], 429, 4],
  ['GET', [408, 200], 200, 2],
  ['GET', [404], 404, 1],
  ['GET', [501], 501, 1],
  ['HEAD', [503, 200], 200, 2],
  ['PUT', [503, 200], 200, 2],
  ['POST', [503, 200], 503, 1],
  ['PATCH', [503, 200], 503, 1],
];

test('request() retries as its table says', async (t) => {
  for (const [method, statuses, status, requests] of statusRuns) {
    await t.test(`${method} ${statuses.join(', ')}`, async () => {
      let seen = 0;
      await using server = await listen((_request, response) => {
        response.writeHead(statuses[Math.min(seen, statuses.length - 1)] as number).end();
        seen += 1;
      });
      await using network = openNetwork({ clock: instantClock() });
      const response = await network.request({ method, url: server.url });
      assert.deepEqual([response.status, seen], [status, requests]);
    });
  }
});

test('request() waits as long as it is asked to, and not at all when that is too long', async (t) => {
  for (const [after, pauses, status] of [
    ['3', [3000], 200],
    ['0', [0], 200],
    ['31', [], 429],
    ['soon', [125], 200],
  ] as const) {
    await t.test(after, async () => {
      let seen = 0;
      await using server = await listen((_request, response) => {
        response.writeHead(seen === 0 ? 429 : 200, { 'retry-after': after }).end();
        seen += 1;
      });
      const clock = instantClock();
      await using network = openNetwork({ clock });
      assert.equal((await network.request({ url: server.url })).status, status);
      assert.deepEqual(clock.pauses, pauses);
    });
  }
});

test('request() sends a request again when the connection breaks before the answer, if it may be sent twice', async (t) => {
  for (const [method, idempotent, requests] of [
    ['GET', undefined, 4],
    ['POST', undefined, 1],
    ['POST', true, 4],
    ['GET', false, 1],
  ] as const) {
    await t.test(`${method} ${idempotent}`, async () => {
      let seen = 0;
      await using server = await listen((request) => {
        seen += 1;
        request.socket.destroy();
      });
      await using network = openNetwork({ clock: instantClock() });
      const request = { method, url: server.url, ...(idempotent === undefined ? {} : { idempotent }) };
      assert.equal(await codeOf(network.request(request)), 'RESET');
      assert.equal(seen, requests);
    });
  }
});
