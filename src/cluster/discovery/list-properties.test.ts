import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seedSampleCluster } from '../../../testing/kubernetes/cluster/sample-cluster.ts';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ClusterInventory } from '../model.ts';
import { compileSelection } from '../selection.ts';
import { listCluster } from './list-cluster.ts';

const { signal } = new AbortController();

async function list(
  client: Pick<KubernetesClient, 'list' | 'version' | 'discover'>,
  names: readonly string[],
): Promise<ClusterInventory> {
  const selection = compileSelection({ includeNamespaces: names });
  return await listCluster({ client, cluster: 'test', selection, now: () => new Date(0), signal });
}

test('any split into pages, and any list that becomes too old on the way, gives the same inventory', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const whole = await list(lab.client, []);
  assert.deepEqual(whole.gaps, []);
  const paged = (pageSize: number): Pick<KubernetesClient, 'list' | 'version' | 'discover'> => ({
    list: (type, options) => lab.client.list(type, { ...options, pageSize }),
    version: (given) => lab.client.version(given),
    discover: (given) => lab.client.discover(given),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(
        fc.tuple(fc.constantFrom('pods', 'replicasets', 'jobs', 'deployments'), fc.integer({ min: 0, max: 4 })),
        { maxLength: 6 },
      ),
      async (pageSize, expiries) => {
        // The n-th page after the first of a kind is too old, at most twice for each kind.
        for (const kind of new Set(expiries.map(([resource]) => resource))) {
          for (const [, skip] of expiries.filter(([resource]) => resource === kind).slice(0, 2)) {
            let left = skip;
            lab.api.faults.inject(
              { kind: 'status', status: 410, reason: 'Expired' },
              { when: ({ resource, query }) => resource === kind && query['continue'] !== undefined && left-- <= 0 },
            );
          }
        }
        const found = await list(paged(pageSize), []);
        lab.api.faults.clear();
        assert.deepEqual(found, whole);
      },
    ),
    { numRuns: 40 },
  );
});

test('a list that is too old again and again is a gap, and nothing of it is counted', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const isLater = ({
    resource,
    query,
  }: {
    readonly resource: string;
    readonly query: Readonly<Record<string, string>>;
  }): boolean => resource === 'pods' && query['continue'] !== undefined;
  lab.api.faults.inject({ kind: 'status', status: 410, reason: 'Expired' }, { when: isLater, times: 3 });
  const client: Pick<KubernetesClient, 'list' | 'version' | 'discover'> = {
    list: (type, options) => lab.client.list(type, { ...options, pageSize: 3 }),
    version: (given) => lab.client.version(given),
    discover: (given) => lab.client.discover(given),
  };
  const found = await list(client, []);
  assert.deepEqual(
    found.gaps.map(({ resource, reason, loses }) => [resource, reason, loses]),
    [['pods', 'failed', 'workloads']],
  );
  assert.ok(found.workloads.length > 0 && found.workloads.every(({ pods }) => pods === 0));
  const begun = lab.api.calls.filter(({ resource, query }) => resource === 'pods' && query['continue'] === undefined);
  assert.equal(begun.length, 3);
});

test('the whole cluster is the sum of its namespaces', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const whole = await list(lab.client, []);
  const names = whole.namespaces.map(({ name }) => name);
  await fc.assert(
    fc.asyncProperty(fc.subarray(names, { minLength: 1 }), async (chosen) => {
      const found = await list(lab.client, chosen);
      assert.deepEqual(
        found.workloads,
        whole.workloads.filter(({ namespace }) => chosen.includes(namespace)),
      );
    }),
    { numRuns: 12 },
  );
});
