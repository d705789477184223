import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AskedCall } from '../../../testing/kubernetes/faults.ts';
import {
  alpineImage,
  openScanWorld,
  type ScanWorld,
  seedDeployment,
  seedNodes,
  seedPullSecret,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';

const built = alpineImage({ musl: '1.2.4-r2' });

interface Scene extends AsyncDisposable {
  readonly world: ScanWorld;
  readonly registry: TestRegistry;
}

/** A cluster that takes `t1` and `t2`, and tells of each call before it is answered. */
async function scene(hear: (call: AskedCall, scene: Scene) => void): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  let ready: Scene | undefined;
  const world = opened.use(
    await openScanWorld({
      tokens: { t1: { username: 'before', groups: [] }, t2: { username: 'after', groups: [] } },
      authorize(_, call) {
        if (ready !== undefined) hear(call, ready);
        return true;
      },
    }),
  );
  const registry = opened.use(await startTestRegistry({ auth: 'basic', username: 'shop', password: 'pull' }));
  seedNodes(world.api);
  storeBuilt(registry, 'shop/web', '1', built);
  seedPullSecret(world.api, 'shop', 'pull', { [registry.host]: 'shop:pull' });
  const image = `${registry.host}/shop/web:1`;
  seedDeployment(world.api, 'shop', 'web', { image, digests: [built.descriptor.digest], pullSecrets: ['pull'] });
  const kept = opened.move();
  ready = { world, registry, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  return ready;
}

test('k8s asks a credential plugin anew when its token ends, while lists come and when a Secret is read', async () => {
  // What is asked for next is Pods, and after the last list the Secret.
  for (const resource of ['nodes', 'serviceaccounts']) {
    await using at = await scene((call, { world }) => {
      if (call.resource !== resource) return;
      world.api.tokens.delete('t1');
      world.folder.write('token', 't2');
    });
    const { world } = at;
    world.folder.write('token', 't1');
    const kind = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const script = `const token = require('node:fs').readFileSync(${JSON.stringify(join(world.folder.path, 'token'))}, 'utf8');
      process.stdout.write(JSON.stringify({ ...${JSON.stringify(kind)}, status: { token } }));`;
    const exec = {
      apiVersion: kind.apiVersion,
      command: process.execPath,
      args: ['-e', script],
      interactiveMode: 'Never',
    };
    const kubeconfig = world.folder.write('user', world.api.kubeconfig({ exec }));
    const { status, out, err } = await world.run({ kubeconfig });
    assert.equal(status, 0, err);
    assert.match(out, /^shop +Deployment\/web +1$/m);
    const whoAsked = (of: string): ReadonlySet<string | undefined> =>
      new Set(world.api.calls.filter((call) => call.resource === of).map(({ user }) => user?.username));
    assert.ok(whoAsked(resource).has('before'));
    assert.ok(whoAsked('secrets').has('after'));
  }
});

test('k8s tells a token that ends while lists come, and never an empty cluster', async () => {
  await using at = await scene((call, { world }) => {
    if (call.resource === 'pods') world.api.tokens.delete('t1');
  });
  const { world } = at;
  const kubeconfig = world.folder.write('user', world.api.kubeconfig({ token: 't1' }));
  await assert.rejects(world.run({ kubeconfig }), { code: 'UNAUTHORIZED', message: /check the credentials/ });
});

test('k8s tells images whose pull secrets cannot be read since the token ended', async () => {
  await using at = await scene((call, { world }) => {
    // The last list: what is left to ask for is the Secret.
    if (call.resource === 'serviceaccounts') world.api.tokens.delete('t1');
  });
  const { world, registry } = at;
  const kubeconfig = world.folder.write('user', world.api.kubeconfig({ token: 't1' }));
  const { status, out } = await world.run({ kubeconfig });
  assert.equal(status, 2);
  assert.match(out, /^shop +Deployment\/web +not all was looked at$/m);
  assert.match(out, /could not be scanned/);
  assert.deepEqual(
    registry.requests.flatMap(({ authorization }) => authorization ?? []),
    [],
  );
});
