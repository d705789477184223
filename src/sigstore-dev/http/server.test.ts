import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SigstoreDevError } from '../error.ts';
import { FaultPlan } from '../fault.ts';
import { sigstoreDevLimits } from '../limits.ts';
import { answerOf } from './message.ts';
import { codedRefusal } from './refusal.ts';
import type { Service } from './router.ts';
import { type Exchange, openServer } from './server.ts';

const service: Service = {
  name: 'tuf',
  refuse: codedRefusal,
  routes: [
    { method: 'GET', path: '/hello', handle: () => answerOf('text/plain', 'hello') },
    { method: 'POST', path: '/length', handle: ({ body }) => answerOf('text/plain', String(body.length)) },
    {
      method: 'GET',
      path: '/broken',
      handle: () => {
        throw new TypeError('inside');
      },
    },
  ],
};

test('the server answers, refuses, and tells what it did', async () => {
  const faults = new FaultPlan();
  const seen: Exchange[] = [];
  const server = await openServer({ port: 0, faults, onExchange: (exchange) => seen.push(exchange) });
  try {
    server.serve([service]);
    const url = `http://127.0.0.1:${server.port}`;
    assert.equal(await (await fetch(`${url}/hello?x=1`)).text(), 'hello');
    const head = await fetch(`${url}/hello`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '5', '']);
    assert.equal((await fetch(`${url}/none`)).status, 404);
    assert.equal((await fetch(`${url}/hello`, { method: 'DELETE' })).status, 405);
    assert.equal((await fetch(`${url}/broken`)).status, 500);
    assert.deepEqual(seen[0], { method: 'GET', path: '/hello?x=1', status: 200 });
    assert.ok(seen.at(-1)?.error instanceof TypeError);
    const most = new Uint8Array(sigstoreDevLimits.requestBytes);
    assert.equal(await (await fetch(`${url}/length`, { method: 'POST', body: most })).text(), String(most.length));
    const body = new Uint8Array(most.length + 1);
    assert.equal((await fetch(`${url}/length`, { method: 'POST', body })).status, 413);

    faults.add({
      kind: 'status',
      service: 'tuf',
      status: 503,
      headers: { 'retry-after': '1' },
      body: 'later',
      times: 1,
    });
    const refused = await fetch(`${url}/hello`);
    assert.deepEqual([refused.status, refused.headers.get('retry-after'), await refused.text()], [503, '1', 'later']);
    faults.add(
      { kind: 'status', service: 'tsa', status: 500 },
      { kind: 'drop', service: 'tuf', path: '/hello', times: 1 },
    );
    await assert.rejects(fetch(`${url}/hello`));
    faults.add({ kind: 'delay', service: 'tuf', ms: 120, times: 1 });
    const started = performance.now();
    assert.equal(await (await fetch(`${url}/hello`)).text(), 'hello');
    assert.ok(performance.now() - started > 100);
    faults.add({ kind: 'hang', service: 'tuf' });
    await assert.rejects(fetch(`${url}/hello`, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
    faults.clear();
    assert.equal((await fetch(`${url}/hello`)).status, 200);
  } finally {
    await server.close();
  }
});

test('a port that is taken is told of', async () => {
  const server = await openServer({ port: 0, faults: new FaultPlan() });
  try {
    const isTaken = (error: unknown): boolean =>
      error instanceof SigstoreDevError && error.code === 'ADDRESS_UNAVAILABLE';
    await assert.rejects(openServer({ port: server.port, faults: new FaultPlan() }), isTaken);
  } finally {
    await server.close();
  }
});
