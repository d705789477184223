import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeApiServer } from '../../../testing/kubernetes/fake-api-server.ts';
import { configDeps } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { openKubernetesClient } from '../open-client.ts';
import { inClusterConfig } from './in-cluster.ts';

test('inClusterConfig() asks as the service account of the pod, with the token that counts now', async () => {
  using folder = temporaryDirectory();
  const user = { username: 'system:serviceaccount:team:seaworthy', groups: [] };
  await using api = await startFakeApiServer({ tokens: { first: user } });
  folder.write('token', 'first');
  folder.write('ca.crt', api.authority.cert);
  folder.write('namespace', 'team\n');
  const clock = instantClock();
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) };
  const config = await inClusterConfig(configDeps({ env, clock, serviceAccountFolder: folder.path }));
  assert.ok(config);
  assert.equal(config.namespace, 'team');
  await using client = openKubernetesClient(config, { clock });
  const pods = builtInTypes.pods;
  await client.get(pods, 'a');
  // The kubelet puts the next one there while the last one still counts.
  folder.write('token', 'second');
  api.tokens.set('second', user);
  clock.skip(10_000);
  await client.get(pods, 'b');
  // And where it is looked at too late, the server says so.
  folder.write('token', 'third');
  api.tokens.clear();
  api.tokens.set('third', user);
  await client.get(pods, 'c');
  const shown = api.calls.map(({ authorization }) => authorization);
  assert.deepEqual(shown, ['Bearer first', 'Bearer second', 'Bearer second', 'Bearer third']);
});

test('inClusterConfig() is for pods alone, and wants all that a pod has', async () => {
  using folder = temporaryDirectory();
  const read = (env: Record<string, string>) => inClusterConfig(configDeps({ env, serviceAccountFolder: folder.path }));
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  assert.equal(await read({}), undefined);
  assert.equal(await read({ ...env, KUBERNETES_SERVICE_PORT: '' }), undefined);
  await assert.rejects(read(env), { code: 'CONFIG_INVALID', message: /The authority of this pod's cluster is not at/ });
  folder.write('ca.crt', 'x');
  const config = await read(env);
  assert.deepEqual([config?.server, config?.namespace], ['https://[fd00::1]', 'default']);
  assert.equal((await read({ ...env, POD_NAMESPACE: 'told' }))?.namespace, 'told');
  await assert.rejects(async () => await config?.credentials.current(), { code: 'CREDENTIAL_FAILED' });
  for (const port of ['443/x', '1@b', 'x', '443?a']) {
    await assert.rejects(read({ ...env, KUBERNETES_SERVICE_PORT: port }), { code: 'CONFIG_INVALID' }, port);
  }
});
