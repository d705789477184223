import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedSampleCluster } from '../../testing/kubernetes/cluster/sample-cluster.ts';
import { kubernetesLab } from '../../testing/kubernetes/kubernetes-lab.ts';
import { listCluster } from './discovery/list-cluster.ts';
import { type RoleObject, scanRoles } from './rbac.ts';
import { compileSelection, type SelectionRequest } from './selection.ts';

/** As the API server does it: a ClusterRole holds everywhere, a Role in its namespace. */
function allows(
  roles: readonly RoleObject[],
  verb: string,
  group: string,
  resource: string,
  namespace: string,
): boolean {
  return roles.some(
    ({ kind, metadata, rules }) =>
      (kind === 'ClusterRole' || metadata.namespace === namespace) &&
      rules.some(
        ({ apiGroups, resources, verbs }) =>
          apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb),
      ),
  );
}

const groups: Readonly<Record<string, string>> = {
  deployments: 'apps',
  replicasets: 'apps',
  statefulsets: 'apps',
  daemonsets: 'apps',
  jobs: 'batch',
  cronjobs: 'batch',
  roles: 'rbac.authorization.k8s.io',
};

const requests: readonly SelectionRequest[] = [
  {},
  { includeNamespaces: ['shop'] },
  { includeNamespaces: ['shop', 'batch', 'default', 'kube-system'] },
  { includeNamespaces: ['sh*'] },
  { includeKinds: ['cm', 'roles'] },
  { excludeKinds: ['node'] },
];
for (const request of requests) {
  test(`scanRoles() is exactly what listing takes: ${JSON.stringify(request)}`, async () => {
    const selection = compileSelection(request);
    const roles = scanRoles(selection);
    const used = new Set<string>();
    await using lab = await kubernetesLab({
      authorize(_, { verb, resource, namespace }) {
        used.add(`${groups[resource] ?? ''}/${resource}`);
        return allows(roles, verb, groups[resource] ?? '', resource, namespace);
      },
    });
    seedSampleCluster(lab.api);
    const { signal } = new AbortController();
    const now = (): Date => new Date(0);
    const { gaps } = await listCluster({ client: lab.client, cluster: 'test', selection, now, signal });
    assert.deepEqual(gaps, []);
    const granted = roles.flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups, resources }) => resources.map((resource) => `${apiGroups[0]}/${resource}`)),
    );
    assert.deepEqual([...used].sort(), [...new Set(granted)].sort());
    assert.ok(roles.every(({ rules }) => rules.every(({ verbs }) => verbs.join() === 'list')));
  });
}

test('scanRoles() lets Secrets be read where images are pulled with them, and nowhere else', () => {
  const readsSecrets = { readsSecrets: true };
  const grants = (request: SelectionRequest): readonly unknown[] =>
    scanRoles(compileSelection(request), readsSecrets).flatMap(({ kind, rules }) =>
      rules.filter(({ resources }) => resources.includes('secrets')).map(({ verbs }) => [kind, verbs]),
    );
  assert.deepEqual(grants({}), [['ClusterRole', ['get']]]);
  assert.deepEqual(grants({ includeNamespaces: ['shop'] }), [['Role', ['get']]]);
  assert.deepEqual(grants({ includeKinds: ['cm'] }), []);
});
