import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { listen } from '../../testing/registry/listen.ts';
import { IdleConnections } from './idle-connections.ts';

function ask(agent: Agent, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get({ agent, port, host: '127.0.0.1' }, (response) => {
      response.resume().on('end', () => resolve(request.reusedSocket));
    });
    request.on('error', reject);
  });
}

test('of the connections that nobody uses, those that are idle longest go', async () => {
  const servers = await Promise.all(Array.from({ length: 4 }, () => listen((_, response) => response.end('x'))));
  const idle = new IdleConnections(3);
  // Two pools are bounded together.
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  for (const agent of agents) idle.bound(agent);
  const askAt = async (at: number): Promise<boolean> => {
    const reused = await ask(agents[at % 2] as Agent, servers[at]?.port ?? 0);
    await setImmediate();
    return reused;
  };
  for (const at of [0, 1, 2]) assert.equal(await askAt(at), false);
  assert.equal(idle.size, 3);
  assert.equal(await askAt(0), true);
  assert.equal(await askAt(3), false);
  assert.equal(idle.size, 3);
  assert.deepEqual([await askAt(0), await askAt(1)], [true, false]);
  for (const agent of agents) agent.destroy();
  while (idle.size > 0) await setImmediate();
  await Promise.all(servers.map((each) => each[Symbol.asyncDispose]()));
});
