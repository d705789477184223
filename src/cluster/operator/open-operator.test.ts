import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { podOf } from '../../../testing/kubernetes/cluster/objects.ts';
import { seedPullSecret } from '../../../testing/kubernetes/cluster/scan-world.ts';
import { clientOf } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { noClouds } from '../../../testing/no-clouds.ts';
import { openOperatorWorld } from '../../../testing/operator/operator-world.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { sharedWorkers } from '../../../testing/scanning/shared-workers.ts';
import { silentLogger } from '../../base/logger.ts';
import { parseHostPattern } from '../../evidence/reach/host-pattern.ts';
import { openNetwork } from '../../net/open-network.ts';
import { openOperator } from './open-operator.ts';

/** The logins that a registry was shown, without those that were not there. */
function shownTo({ requests }: TestRegistry): readonly string[] {
  const logins = requests.flatMap(({ authorization }) =>
    authorization === undefined ? [] : [Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()],
  );
  return [...new Set(logins)].sort();
}

test('openOperator() shows the credentials of a namespace to the registry that they are for, and to no other', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  await using one = await startTestRegistry({ auth: 'basic', username: 'one', password: 'secret-1' });
  await using two = await startTestRegistry({ auth: 'basic', username: 'two', password: 'secret-2' });
  const { api } = world.lab;
  const files = (name: string) => ({
    'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
    'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
    'etc/name': name,
  });
  for (const name of ['team-a', 'team-b']) api.seed(builtInTypes.namespaces, { metadata: { name } });
  // One Secret each, which a Pod names, or the service account of the Pod.
  seedPullSecret(api, 'team-a', 'pull', { [one.host]: 'one:secret-1' });
  seedPullSecret(api, 'team-b', 'pull', { [two.host]: 'two:secret-2' });
  api.seed(builtInTypes.serviceAccounts, {
    metadata: { name: 'default', namespace: 'team-b' },
    imagePullSecrets: [{ name: 'pull' }],
  });
  const run = (
    namespace: string,
    name: string,
    { registry, image = name, secrets }: { registry: TestRegistry; image?: string; secrets?: readonly string[] },
  ): void => {
    const digest = storeImage(registry.store, `team/${image}`, 'v1', makeSyntheticImage([files(image)]));
    const place = `${registry.host}/team/${image}`;
    const containers = [{ name: 'app', image: `${place}:v1`, imageId: `${place}@${digest}` }];
    const spec = secrets === undefined ? {} : { imagePullSecrets: secrets.map((secret) => ({ name: secret })) };
    api.seed(builtInTypes.pods, podOf({ namespace, name, containers, spec }));
  };
  run('team-a', 'own-a', { registry: one, secrets: ['pull'] });
  run('team-b', 'own-b', { registry: two });
  // The same bytes in both registries: whichever has them is asked as its own namespace says.
  run('team-a', 'same', { registry: one, image: 'same', secrets: ['pull'] });
  run('team-b', 'same', { registry: two, image: 'same' });
  // Whoever names an image of another's registry, or another's Secret, has its credentials for that no more than before.
  run('team-a', 'strange-a', { registry: two, secrets: ['pull', 'team-b/pull', '../team-b/pull'] });
  run('team-b', 'strange-b', { registry: one });

  await using network = openNetwork({ plainHttpHosts: [one.host, two.host] });
  await using client = await clientOf(api, { clock: world.clock });
  await using cleanup = new AsyncDisposableStack();
  const over = new AbortController();
  await using open = await openOperator(
    {
      listen: { host: '127.0.0.1', port: 0 },
      namespace: 'default',
      version: '1.0.0',
      age: 86_400_000,
      sboms: false,
      hasNamespace: () => true,
      database: world.database,
      folder: join(world.folder, 'operator'),
      layerBytes: 2 ** 28,
      workers: 1,
      memoryBytes: 2 ** 30,
      timeMs: 60_000,
      imageBytes: 2 ** 30,
      pullSecrets: [],
      providers: [],
      reach: { allow: [one.host, two.host].flatMap((host) => parseHostPattern(host) ?? []), deny: [], refuse: [] },
    },
    {
      client,
      network,
      machine: { find: () => Promise.resolve(undefined) },
      clouds: noClouds,
      identity: 'only',
      cores: 1,
      clock: world.clock,
      logger: silentLogger,
      openPool: sharedWorkers,
    },
  );
  const work = open.run(over.signal);
  cleanup.defer(async () => {
    over.abort(new Error('it was stopped'));
    await work;
  });
  await world.until('all is reported that may be, and the rest was tried', () => {
    const { book, wanted: now } = open.operator.state;
    const failed = [...now.images.keys()].filter((image) => book.failure(image) !== undefined);
    return world.reports().size === 4 && failed.length === 2;
  });
  assert.deepEqual([...world.reports().keys()].sort(), [
    'team-a/pod-own-a-app',
    'team-a/pod-same-app',
    'team-b/pod-own-b-app',
    'team-b/pod-same-app',
  ]);
  assert.deepEqual([shownTo(one), shownTo(two)], [['one:secret-1'], ['two:secret-2']]);
  const codes = [...open.operator.state.wanted.images.keys()].map(
    (image) => open.operator.state.book.failure(image)?.code,
  );
  assert.deepEqual(codes.filter((code) => code !== undefined).sort(), ['PULL_SECRET_INVALID', 'UNAUTHORIZED']);
  // What is strange was asked for with no credentials at all.
  for (const { requests } of [one, two]) {
    const strange = requests.filter(({ path }) => path.includes('/strange-'));
    assert.ok(strange.length > 0);
    assert.ok(strange.every(({ authorization }) => authorization === undefined));
  }
});
