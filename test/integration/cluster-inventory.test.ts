import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listCluster } from '../../src/cluster/discovery/list-cluster.ts';
import type { ClusterInventory } from '../../src/cluster/model.ts';
import { scanRoles } from '../../src/cluster/rbac.ts';
import { compileSelection, type SelectionRequest } from '../../src/cluster/selection.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { describeWorkloads } from '../../testing/kubernetes/cluster/describe-inventory.ts';
import { digestOf } from '../../testing/kubernetes/cluster/objects.ts';
import type { ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { createObject, deploymentOf, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Makes a service account with the rights of a selection and no others. @returns its token */
async function accountFor(server: ApiServer, name: string, request: SelectionRequest): Promise<string> {
  const metadata = { name };
  await createObject(server, '/api/v1/namespaces/shop/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
  });
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'shop' }];
  for (const role of scanRoles(compileSelection(request), { name })) {
    const { namespace } = role.metadata;
    const place = namespace === undefined ? rbac : `${rbac}/namespaces/${namespace}`;
    await createObject(server, `${place}/${role.kind.toLowerCase()}s`, role as unknown as ApiObject);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name };
    const binding = { apiVersion: role.apiVersion, kind: `${role.kind}Binding`, metadata, roleRef, subjects };
    await createObject(server, `${place}/${role.kind.toLowerCase()}bindings`, binding);
  }
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const made = await createObject(server, `/api/v1/namespaces/shop/serviceaccounts/${name}/token`, review);
  return (made['status'] as { readonly token: string }).token;
}

/** What controllers and kubelets would do: none of them is there. */
async function fill(server: ApiServer): Promise<void> {
  await makeNamespace(server, 'shop');
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
  await createObject(server, '/api/v1/nodes', node);
  await setStatus(server, '/api/v1/nodes/n1', {
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kubeProxyVersion: '',
      kernelVersion: '6.12',
      osImage: 'Debian 13',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: 'v1.34.1',
      operatingSystem: 'linux',
      architecture: 'arm64',
    },
  });
  const apps = '/apis/apps/v1/namespaces/shop';
  const deployment = await createObject(server, `${apps}/deployments`, deploymentOf('ghcr.io/shop/web:1', 'web'));
  const set = await createObject(server, `${apps}/replicasets`, {
    ...deploymentOf('ghcr.io/shop/web:1', 'web-1'),
    kind: 'ReplicaSet',
    metadata: { name: 'web-1', ownerReferences: [controlledBy(deployment)] },
  });
  const pods = '/api/v1/namespaces/shop/pods';
  for (const name of ['web-1-a', 'web-1-b', 'lone']) {
    const metadata =
      name === 'lone' ? { name } : { name, labels: { app: 'web-1' }, ownerReferences: [controlledBy(set)] };
    const sidecar = { name: 'log', image: 'log:1', restartPolicy: 'Always' };
    await createObject(
      server,
      pods,
      podOf('ghcr.io/shop/web:1', metadata, { nodeName: 'n1', initContainers: [sidecar] }),
    );
    if (name === 'web-1-b') continue;
    const status = {
      image: 'ghcr.io/shop/web:1',
      imageID: `ghcr.io/shop/web@${digestOf(1001)}`,
      ready: true,
      restartCount: 0,
    };
    await setStatus(server, `${pods}/${name}`, { phase: 'Running', containerStatuses: [{ name: 'app', ...status }] });
  }
}

function controlledBy({ apiVersion, kind, metadata }: ApiObject): object {
  const { name, uid } = metadata as { readonly name: string; readonly uid: string };
  return { apiVersion, kind, name, uid, controller: true };
}

async function setStatus(server: ApiServer, path: string, status: ApiObject): Promise<void> {
  const contentType = 'application/merge-patch+json';
  const answer = await server.ask({ method: 'PATCH', path: `${path}/status`, body: { status }, contentType });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

async function list(client: KubernetesClient, request: SelectionRequest): Promise<ClusterInventory> {
  const { signal } = new AbortController();
  const selection = compileSelection(request);
  return await listCluster({ client, cluster: 'real', selection, now: () => new Date(), signal });
}

const web = [
  'shop Deployment/web: 2 of 1',
  '  sidecar log log:1 (not of the template): no digest in 2',
  `  container app ghcr.io/shop/web:1: ${digestOf(1001)} in 1 (linux/arm64:1), no digest in 1`,
];
const lone = [
  'shop Pod/lone: 1 of ?',
  '  sidecar log log:1: no digest in 1',
  `  container app ghcr.io/shop/web:1: ${digestOf(1001)} in 1 (linux/arm64:1)`,
];

test('a real API server is listed with the rights that are printed, and no others', needsApiServer(), async (t) => {
  await using server = await startApiServer();
  await fill(server);
  const requests: Readonly<Record<string, SelectionRequest>> = {
    whole: {},
    one: { includeNamespaces: ['shop'] },
    counted: { includeKinds: ['deploy', 'cm', 'role', 'clusterrole'] },
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.test(name, async () => {
      await using client = await clientOfServer(server, await accountFor(server, name, request));
      const found = await list(client, request);
      assert.deepEqual(found.gaps, []);
      assert.match(found.version ?? '', /^v1\.\d+/);
      assert.deepEqual(
        found.nodes.map(({ name: node, runtime, kubelet }) => [node, runtime, kubelet]),
        [['n1', 'containerd://2.1.4', 'v1.34.1']],
      );
      assert.deepEqual(describeWorkloads(found), name === 'counted' ? web : [...web, ...lone]);
      if (name !== 'counted') return;
      assert.deepEqual(
        found.counts.map(({ kind }) => kind),
        ['ConfigMap', 'Role', 'ClusterRole'],
      );
      assert.ok(
        found.counts.every(({ total }) => total > 0),
        JSON.stringify(found.counts),
      );
    });
  }
  await t.test('whoever may see one namespace alone learns what they miss', async () => {
    const token = await accountFor(server, 'narrow', { includeNamespaces: ['shop'] });
    await using client = await clientOfServer(server, token);
    const many = { includeNamespaces: ['shop', 'default', 'kube-system', 'kube-public'] };
    const found = await list(client, many);
    assert.deepEqual(describeWorkloads(found), [...web, ...lone]);
    assert.ok(
      found.gaps.every(({ reason, namespace, rule }) => reason === 'forbidden' && namespace !== 'shop' && rule),
    );
    assert.equal(found.gaps.length, 3 * 9);
    await assert.rejects(list(client, {}), { code: 'NOTHING_LISTED', message: /k8s --show-rbac/ });
  });
});
