import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiRequest, askApi } from '../../testing/kubernetes-server/ask.ts';
import { createObject, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

test(
  'an API server knows its administrator by certificate and by token, and service accounts',
  needsApiServer(),
  async () => {
    await using server = await startApiServer();
    await makeNamespace(server, 'crew');
    const path = '/api/v1/namespaces/crew/pods';
    await createObject(server, path, podOf('registry.test/app:v1', { name: 'app' }));
    const agent = new Agent({ ca: server.caPem });
    const asked: ApiRequest = { method: 'GET', path };
    const asks = async (token?: string): Promise<number> =>
      (await askApi({ url: server.url, agent, ...(token === undefined ? {} : { token }) }, asked)).status;
    assert.equal((await server.ask(asked)).status, 200);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const account = await createObject(server, '/api/v1/namespaces/crew/serviceaccounts/default/token', review);
    const { token } = account['status'] as { readonly token: string };
    // RBAC: it is somebody, and may do nothing yet.
    assert.deepEqual(
      [await asks(server.token), await asks(token), await asks('another'), await asks()],
      [200, 403, 401, 403],
    );
    agent.destroy();
  },
);

test('an API server leaves nothing behind when its test is killed', needsApiServer(), async () => {
  const module = JSON.stringify(new URL('../../testing/kubernetes-server/start-api-server.ts', import.meta.url));
  const code = `const { startApiServer } = await import(${module}); await startApiServer(); console.log('up'); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const { pid } = child;
  const started = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const commands = started.map((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0'));
  const folder = commands.flat().find((word) => /\/seaworthy-kubernetes-[^/]+$/.test(word));
  assert.equal(started.length, 3, commands.join('\n'));
  assert.ok(folder !== undefined && existsSync(folder));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = (): string[] => [...started.filter(runs), ...(existsSync(folder) ? [folder] : [])];
  for (let attempt = 0; attempt < 200 && left().length > 0; attempt++) await sleep(50);
  assert.deepEqual(left(), []);
});

/** Whether a process is there, and more than an entry that nobody has taken notice of yet. */
function runs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
