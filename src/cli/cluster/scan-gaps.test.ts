import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';
import type { AskedCall } from '../../../testing/kubernetes/faults.ts';
import {
  alpineImage,
  openScanWorld,
  type ScanWorld,
  seedDeployment,
  seedNodes,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Gap } from '../../cluster/model.ts';
import type { RoleObject } from '../../cluster/rbac.ts';

const built = alpineImage({ musl: '1.2.4-r2' });

interface Scene extends AsyncDisposable {
  readonly world: ScanWorld;
  /** Whom what is forbidden, from now on. */
  allow(authorize: (call: AskedCall) => boolean): void;
}

async function scene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  let allowed: (call: AskedCall) => boolean = () => true;
  const world = opened.use(await openScanWorld({ authorize: (_, call) => allowed(call) }));
  const registry = opened.use(await startTestRegistry());
  seedNodes(world.api);
  storeBuilt(registry, 'shop/web', '1', built);
  const image = `${registry.host}/shop/web:1`;
  seedDeployment(world.api, 'shop', 'web', { image, digests: [built.descriptor.digest], nodes: ['n1', 'n3'] });
  const kept = opened.move();
  return {
    world,
    allow: (authorize) => void (allowed = authorize),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

test('k8s tells lists that are forbidden in its reports, and ends with 2 where some of what runs may be missing', async () => {
  await using at = await scene();
  const { world } = at;
  const cases = [
    { forbidden: 'jobs', loses: 'workloads', status: 2, means: 'some of what runs may be missing' },
    { forbidden: 'nodes', loses: 'details', status: 7, means: 'told in less detail' },
    { forbidden: 'serviceaccounts', loses: 'details', status: 7, means: 'told in less detail' },
  ] as const;
  for (const { forbidden, loses, status, means } of cases) {
    at.allow(({ resource }) => resource !== forbidden);
    // What was found is told all the same, and what was asked to fail on comes after what is missing.
    const table = await world.run({}, { exitCode: 7 });
    assert.equal(table.status, status, table.err);
    assert.match(table.out, /^shop +Deployment\/web +1$/m);
    assert.match(table.out, new RegExp(`^Lists that are missing\n(?:.*\n)+?\\w+ +everywhere +${means}$`, 'm'));
    assert.match(
      table.err,
      /^The rights that are needed: seaworthy k8s --show-rbac, with the namespaces and kinds that were asked for$/m,
    );
    for (const report of ['summary', 'all']) {
      const json = await world.run({ report }, { exitCode: 7, format: 'json' });
      assert.equal(json.status, status);
      const { Gaps } = (JSON.parse(json.out) as { readonly Seaworthy: { readonly Gaps: readonly Gap[] } }).Seaworthy;
      assert.deepEqual(
        Gaps.map((gap) => [gap.resource, gap.reason, gap.loses, gap.rule?.resources, gap.rule?.verbs]),
        [[forbidden, 'forbidden', loses, [forbidden], ['list']]],
      );
    }
  }
  at.allow(({ verb }) => verb !== 'list');
  await assert.rejects(world.run(), { code: 'NOTHING_LISTED', message: /--show-rbac/ });
});

const selecting = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: versions}
spec:
  validationFailureAction: Enforce
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod], namespaceSelector: {matchExpressions: [{key: free, operator: DoesNotExist}]}}}]}
      validate:
        message: images are named by a version
        pattern: {spec: {containers: [{image: "!*:latest"}]}}
---
apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: flaws}
spec:
  vulnerabilities: [{severity: CRITICAL}]
`;

test('k8s --show-rbac --policy prints what policies are held against what runs with', async () => {
  await using at = await scene();
  const { world } = at;
  const policy = [world.folder.write('policies.yaml', selecting)];
  for (const where of [{}, { namespace: 'shop' }]) {
    for (const given of [{ ...where, policy }, where]) {
      const { out: printed } = await world.run({ ...given, showRbac: true });
      const roles = loadAll(printed) as readonly RoleObject[];
      const refused = new Set<string>();
      at.allow(({ verb, resource, namespace }) => {
        const isAllowed = roles.some(
          ({ kind, metadata, rules }) =>
            (kind === 'ClusterRole' || metadata.namespace === namespace) &&
            rules.some(({ resources, verbs }) => resources.includes(resource) && verbs.includes(verb)),
        );
        // Its version everybody may know.
        if (isAllowed || resource === '') return true;
        refused.add(`${verb} ${resource}`);
        return false;
      });
      const { status, out } = await world.run({ ...where, policy });
      if ('policy' in given) {
        assert.deepEqual([...refused], []);
        assert.equal(status, 40, out);
      } else {
        // What a policy cannot learn is told, and nothing is fine by that.
        assert.ok(refused.has('get serviceaccounts') && refused.has('watch namespaces'), [...refused].join());
        assert.ok(status > 1, out);
      }
    }
  }
});
