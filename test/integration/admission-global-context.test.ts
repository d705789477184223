import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { createObject, makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { GlobalContext } from '../../src/admission/global-context/global-context.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock as clock } from '../../src/net/clock.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';

const never = new AbortController().signal;

/** As much of Kyverno's own definition as an API server needs. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'globalcontextentries.kyverno.io' },
  spec: {
    group: 'kyverno.io',
    names: { plural: 'globalcontextentries', singular: 'globalcontextentry', kind: 'GlobalContextEntry' },
    scope: 'Cluster',
    versions: [
      {
        name: 'v2alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const rbac = 'rbac.authorization.k8s.io';

async function makeEntry(server: ApiServer, name: string, spec: object): Promise<void> {
  await createObject(server, '/apis/kyverno.io/v2alpha1/globalcontextentries', {
    apiVersion: 'kyverno.io/v2alpha1',
    kind: 'GlobalContextEntry',
    metadata: { name },
    spec,
  });
}

/** A token of a service account that may follow entries, and nothing else but what every one may. */
async function limitedToken(server: ApiServer): Promise<string> {
  const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'entries' } };
  const rules = [{ apiGroups: ['kyverno.io'], resources: ['globalcontextentries'], verbs: ['list', 'watch'] }];
  await createObject(server, `/apis/${rbac}/v1/clusterroles`, { ...role, rules });
  await bind(server, 'entries');
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } };
  const path = '/api/v1/namespaces/security/serviceaccounts/default/token';
  const { body } = await server.ask({ method: 'POST', path, body: asked });
  return (body['status'] as { readonly token: string }).token;
}

async function bind(server: ApiServer, role: string): Promise<void> {
  await createObject(server, `/apis/${rbac}/v1/clusterrolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'security' }],
  });
}

test(
  'the global context of a real cluster: it comes, is followed, and tells what may not be read',
  needsApiServer(),
  async () => {
    await using server = await startApiServer();
    await makeNamespace(server, 'security');
    await using client = await clientOfServer(server, await limitedToken(server));
    const globals = new GlobalContext({ client, clock, logger: silentLogger, naming: usualNaming });
    const over = new AbortController();
    const look = async (name: string): Promise<unknown> => {
      const found = await globals.look(name, never);
      return found.state === 'known' ? found.value : found.state === 'unavailable' ? found.reason : found.state;
    };
    const until = async (name: string, isWanted: (value: unknown) => boolean): Promise<void> => {
      for (let attempt = 0; attempt < 400 && !isWanted(await look(name)); attempt += 1) await sleep(50);
      assert.ok(isWanted(await look(name)), JSON.stringify(await look(name)));
    };
    await createObject(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    while (
      (await server.ask({ method: 'GET', path: '/apis/kyverno.io/v2alpha1/globalcontextentries' })).status !== 200
    ) {
      await sleep(50);
    }
    const running = globals.run(over.signal);
    const projections = [{ name: 'names', jmesPath: '[].metadata.name' }];
    const kubernetesResource = { version: 'v1', resource: 'configmaps', namespace: 'security' };
    await makeEntry(server, 'maps', { kubernetesResource, projections });
    await until('maps', (value) => /configmaps.*forbidden|forbidden.*configmaps/is.test(String(value)));
    const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'maps' } };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];
    await createObject(server, `/apis/${rbac}/v1/clusterroles`, { ...role, rules });
    await bind(server, 'maps');
    for (const name of ['b', 'a']) {
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
      await createObject(server, '/api/v1/namespaces/security/configmaps', map);
    }
    await until('maps.names', (value) => JSON.stringify(value) === '["a","b"]');
    await server.ask({ method: 'DELETE', path: '/api/v1/namespaces/security/configmaps/a' });
    await until('maps.names', (value) => JSON.stringify(value) === '["b"]');
    const apiCall = {
      urlPath: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      method: 'POST',
      data: [
        { key: 'kind', value: 'SelfSubjectAccessReview' },
        { key: 'spec', value: { resourceAttributes: { verb: 'list', resource: 'configmaps' } } },
      ],
    };
    await makeEntry(server, 'may', { apiCall, projections: [{ name: 'allowed', jmesPath: 'status.allowed' }] });
    await until('may.allowed', (value) => value === true);
    await makeEntry(server, 'call', { apiCall: { urlPath: '/api/v1/namespaces/security/configmaps/b' } });
    await until('call', (value) => JSON.stringify(value).includes('"name":"b"'));
    await server.ask({ method: 'DELETE', path: '/apis/kyverno.io/v2alpha1/globalcontextentries/call' });
    await until('call', (value) => value === 'absent');
    over.abort();
    await running;
  },
);
