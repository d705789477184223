import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasOwnWebhook } from '../../src/admission/webhooks/own-webhook.ts';
import { configurationTypes } from '../../src/admission/webhooks/configuration.ts';
import { WebhookRegistrar } from '../../src/admission/webhooks/webhook-registrar.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import { systemClock } from '../../src/net/clock.ts';
import { policyAbout } from '../../testing/admission/resource-policies.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { deploymentOf, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type RecordingWebhook, startRecordingWebhook } from '../../testing/kubernetes-server/recording-webhook.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

// What is registered, in the eyes of an API server: that it takes it, asks where it should, and lives without who is asked.

const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(20, signal) };
const pods = policyAbout('pods', ['/*/Pod', 'apps/*/Deployment']);

describe('webhooks that are registered with a real API server', needsApiServer(), () => {
  let server: ApiServer;
  let webhook: RecordingWebhook;
  let client: KubernetesClient & AsyncDisposable;
  let registrar: WebhookRegistrar;
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    server = cleanup.use(await startApiServer());
    webhook = cleanup.use(await startRecordingWebhook());
    client = cleanup.use(await clientOfServer(server));
    for (const namespace of ['team', 'seaworthy-system', 'left-out']) await makeNamespace(server, namespace);
    const settings = {
      name: 'seaworthy',
      namespace: 'seaworthy-system',
      address: { url: webhook.url },
      leftOut: ['left-out'],
      labels: { 'app.kubernetes.io/name': 'seaworthy' },
      annotations: { 'seaworthy.test/note': 'here' },
    };
    const yes = (): boolean => true;
    registrar = new WebhookRegistrar({ client, clock, logger: silentLogger, settings, leads: yes, canAnswer: yes });
    await registrar.publish(Buffer.from(webhook.caBundle, 'base64').toString());
  });
  after(() => cleanup.disposeAsync());

  /** Whether an API server asks, moments later. */
  async function asks(pathOf: (path: string) => boolean, body: object, list: string): Promise<boolean> {
    for (let attempt = 0; attempt < 60; attempt += 1) {
      webhook.calls.length = 0;
      const answer = await server.ask({ method: 'POST', path: `${list}?dryRun=All`, body });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      if (webhook.calls.some(({ path }) => pathOf(path))) return true;
      await sleep(50);
    }
    return false;
  }

  const podsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
  const pod = podOf('registry.test/app:v1', { name: 'app' });

  test('it takes what policies want, keeps it as it was written, and asks for both phases', async () => {
    registrar.want([pods]);
    assert.equal(await registrar.attempt(), 2);
    // Not a field was added, so nobody takes its defaults for a change.
    assert.equal(await registrar.attempt(), 0);
    assert.ok(await asks((path) => path.startsWith('/mutate/fail?'), pod, podsOf('team')));
    assert.ok(webhook.calls.some(({ path }) => path.startsWith('/validate/fail?')));
    const deployments = '/apis/apps/v1/namespaces/team/deployments';
    assert.ok(
      await asks((path) => path.startsWith('/mutate/fail?'), deploymentOf('registry.test/app:v1', 'web'), deployments),
    );
  });

  test('it asks nothing about namespaces that are left out', async () => {
    for (const namespace of ['seaworthy-system', 'left-out']) {
      webhook.calls.length = 0;
      await server.ask({ method: 'POST', path: `${podsOf(namespace)}?dryRun=All`, body: pod });
      assert.deepEqual(webhook.calls, []);
    }
  });

  test('a policy with conditions is asked by itself, and only where they hold', async () => {
    const some = policyAbout('team/some', ['/*/Pod'], {
      matchConditions: [{ name: 'named', expression: "object.metadata.name == 'app'" }],
      timeout: 3000,
    });
    assert.ok(hasOwnWebhook(some));
    registrar.want([some]);
    assert.equal(await registrar.attempt(), 2);
    assert.ok(await asks((path) => path === '/validate/fail/team/some?timeout=3s', pod, podsOf('team')));
    webhook.calls.length = 0;
    const other = podOf('registry.test/app:v1', { name: 'other' });
    assert.equal((await server.ask({ method: 'POST', path: `${podsOf('team')}?dryRun=All`, body: other })).status, 201);
    assert.deepEqual(webhook.calls, []);
  });

  test('a policy about everything leaves alone what the cluster lives by, and its own webhooks can always be changed', async () => {
    registrar.want([policyAbout('all', ['*'])]);
    assert.equal(await registrar.attempt(), 2);
    assert.ok(await asks((path) => path.startsWith('/validate/fail?'), pod, podsOf('team')));
    webhook.answer = () => {
      throw new Error('sunk');
    };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'node' } };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    };
    const vital: readonly (readonly [path: string, body: object])[] = [
      ['/api/v1/nodes', node],
      ['/apis/coordination.k8s.io/v1/namespaces/team/leases', lease],
      ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review],
      [podsOf('seaworthy-system'), pod],
    ];
    for (const [path, body] of vital) {
      const answer = await server.ask({ method: 'POST', path, body });
      assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`);
    }
    const refused = await server.ask({ method: 'POST', path: podsOf('team'), body: pod });
    assert.equal(refused.status, 500);
    registrar.want([]);
    assert.equal(await registrar.attempt(), 2);
    webhook.answer = () => ({ allowed: true });
  });

  const changes: readonly (readonly [what: string, change: object])[] = [
    ['a selector of objects', { objectSelector: { matchLabels: { skip: 'me' } } }],
    ['a condition', { matchConditions: [{ name: 'no', expression: 'false' }] }],
    ['fail open', { failurePolicy: 'Ignore' }],
    ['a selector of namespaces', { namespaceSelector: { matchLabels: { check: 'yes' } } }],
    ['no rules', { rules: [] }],
  ];
  for (const [what, change] of changes) {
    test(`what others write is mended: ${what}`, async () => {
      registrar.want([pods]);
      await registrar.attempt();
      const type = configurationTypes.validate;
      const found = (await client.get(type, 'seaworthy')) as KubernetesObject;
      const before = found['webhooks'] as readonly object[];
      const webhooks = before.map((each) => ({ ...each, ...change }));
      await client.replace(type, { ...found, webhooks }, { fieldManager: 'somebody' });
      assert.equal(await registrar.attempt(), 1);
      assert.equal(await registrar.attempt(), 0);
      assert.deepEqual((await client.get(type, 'seaworthy'))?.['webhooks'], before);
    });
  }

  test('another address is mended, though it may not stand beside the one that is wanted', async () => {
    const type = configurationTypes.mutate;
    const found = (await client.get(type, 'seaworthy')) as KubernetesObject;
    const service = { namespace: 'evil', name: 'evil', path: '/', port: 443 };
    const webhooks = (found['webhooks'] as readonly { clientConfig: { caBundle: string } }[]).map((each) => ({
      ...each,
      clientConfig: { caBundle: each.clientConfig.caBundle, service },
    }));
    await client.replace(type, { ...found, webhooks }, { fieldManager: 'somebody' });
    assert.equal(await registrar.attempt(), 1);
    assert.deepEqual((await client.get(type, 'seaworthy'))?.['webhooks'], found['webhooks']);
  });

  test('a bundle reaches every webhook, and what is removed asks nobody any more', async () => {
    const both = `${Buffer.from(webhook.caBundle, 'base64').toString()}${server.caPem}`;
    assert.equal(await registrar.publish(both), true);
    assert.equal(await registrar.attempt(), 0);
    for (const type of Object.values(configurationTypes)) {
      const webhooks = (await client.get(type, 'seaworthy'))?.['webhooks'] as readonly {
        clientConfig: { caBundle: string };
      }[];
      assert.deepEqual(
        webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle, 'base64').toString()),
        [both],
      );
    }
    assert.equal((await registrar.remove()).length, 2);
    assert.deepEqual(await registrar.remove(), []);
  });
});
