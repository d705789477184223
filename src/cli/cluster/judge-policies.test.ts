import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alpineImage,
  openScanWorld,
  seedDeployment,
  seedNodes,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { listCounts } from '../../../testing/kubernetes/cluster/list-counts.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';

const tags = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  validationFailureAction: Enforce
  background: true
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod, Deployment]}}]}
      exclude: {any: [{resources: {namespaces: [free]}}]}
      validate:
        message: images are named by a version
        foreach:
          - list: "request.object.spec.containers || request.object.spec.template.spec.containers"
            deny: {conditions: {any: [{key: "{{ element.image }}", operator: Equals, value: "*:latest*"}]}}
`;

const flaws = `
apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: flaws}
spec:
  vulnerabilities: [{severity: CRITICAL}]
`;

const old = alpineImage({ musl: '1.2.4-r2' });
const fresh = alpineImage({ musl: '1.2.4-r3' });

interface Told {
  readonly Seaworthy: {
    readonly Policies?: {
      readonly looked: number;
      readonly breaches: readonly Readonly<Record<string, string>>[];
      readonly gaps: readonly string[];
    };
  };
}

test('k8s --policy tells which workloads would be denied, by which rule and why', async () => {
  await using world = await openScanWorld();
  await using registry = await startTestRegistry();
  seedNodes(world.api);
  for (const tag of ['latest', '1']) storeBuilt(registry, 'shop/web', tag, fresh);
  storeBuilt(registry, 'shop/old', '1', old);
  const [latest, named] = [`${registry.host}/shop/web:latest`, `${registry.host}/shop/web:1`];
  const digests = [fresh.descriptor.digest];
  seedDeployment(world.api, 'shop', 'loose', { image: latest, digests, nodes: ['n1', 'n3'] });
  seedDeployment(world.api, 'free', 'loose', { image: latest, digests });
  seedDeployment(world.api, 'shop', 'named', { image: named, digests });
  seedDeployment(world.api, 'shop', 'flawed', {
    image: `${registry.host}/shop/old:1`,
    digests: [old.descriptor.digest],
  });
  const policy = [world.folder.write('tags.yaml', tags), world.folder.write('flaws.yaml', flaws)];
  const { status, out, err } = await world.run({ policy }, { format: 'json' });
  const { Policies: found } = (JSON.parse(out) as Told).Seaworthy;
  assert.deepEqual(found?.gaps, []);
  assert.deepEqual(
    found.breaches.map(({ namespace, kind, name, policy: id, rule, outcome }) => [
      `${namespace} ${kind}/${name}`,
      `${id} ${rule}`,
      outcome,
    ]),
    [
      ['shop Deployment/flawed', 'flaws vulnerabilities', 'denied'],
      ['shop Deployment/loose', 'tags no-latest', 'denied'],
    ],
  );
  assert.match(found.breaches[1]?.['reason'] ?? '', /images are named by a version/);
  assert.equal(status, 40, err);
  assert.ok(
    Object.values(listCounts(world.api.calls)).every((count) => count <= 3),
    JSON.stringify(listCounts(world.api.calls)),
  );
  const table = await world.run({ policy, namespace: 'free' });
  assert.match(table.out, /Policy Assessment\nNothing that runs would be denied\n/);
  assert.equal(table.status, 0, table.err);
});

test('k8s --policy takes nothing that the scan was told to leave out for nothing', async () => {
  await using world = await openScanWorld();
  await using registry = await startTestRegistry();
  seedNodes(world.api);
  storeBuilt(registry, 'shop/old', '1', old);
  seedDeployment(world.api, 'shop', 'flawed', {
    image: `${registry.host}/shop/old:1`,
    digests: [old.descriptor.digest],
  });
  const policy = [world.folder.write('flaws.yaml', flaws)];
  const reasonOf = async (settings: Parameters<typeof world.run>[1]): Promise<string | undefined> => {
    const { status, out } = await world.run({ policy }, { format: 'json', ...settings });
    assert.equal(status, 40, out);
    return (JSON.parse(out) as Told).Seaworthy.Policies?.breaches[0]?.['reason'];
  };
  assert.match((await reasonOf({ pkgTypes: ['library'] })) ?? '', /in musl 1\.2\.4-r2/);
  assert.match((await reasonOf({ skipDirs: ['lib/apk'] })) ?? '', /The scan left out lib\/apk/);
});

test('k8s --policy refuses policies that are wrong before it asks the cluster', async () => {
  await using world = await openScanWorld();
  const wrong = world.folder.write('wrong.yaml', tags.replace('validate:', 'validat:'));
  await assert.rejects(world.run({ policy: [wrong] }), { code: 'SETTING_INVALID', message: /wrong\.yaml:/ });
  const none = world.folder.write('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  await assert.rejects(world.run({ policy: [none] }), { code: 'SETTING_INVALID', message: /no policy about objects/ });
  assert.deepEqual(world.api.calls, []);
});

test('k8s --policy tells what is about requests alone, and ends with an error', async () => {
  await using world = await openScanWorld();
  const policy = [world.folder.write('tags.yaml', tags.replace('background: true', 'background: false'))];
  const { status, out } = await world.run({ policy });
  assert.equal(status, 2);
  assert.match(out, /Not looked at: the policy tags is about requests alone \(background: false\)/);
});

test('k8s --policy tells that a policy of ours is for other gates', async () => {
  await using world = await openScanWorld();
  const spec = '{gates: [ci, pull], vulnerabilities: [{severity: CRITICAL}]}';
  const own = `apiVersion: seaworthy.dev/v1\nkind: ImagePolicy\nmetadata: {name: early}\nspec: ${spec}\n`;
  const { status, out } = await world.run({ policy: [world.folder.write('early.yaml', own)] });
  assert.equal(status, 2);
  assert.match(out, /Not looked at: the policy early is not about what runs \(its gates are others than audit\)/);
});
