import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { serviceNames } from '../../src/admission/certificates/model.ts';
import { planRotation } from '../../src/admission/certificates/plan-rotation.ts';
import { secretStore } from '../../src/admission/certificates/secret-store.ts';
import { resourceTypes } from '../../src/admission/cluster/resource-types.ts';
import { ProviderBundles } from '../../src/admission/gatekeeper/provider/provider-bundles.ts';
import {
  configurationName,
  defaultGatekeeperSettings,
  defaultManifestSettings,
  type ManifestSettings,
  sharedNames,
} from '../../src/admission/manifests/model.ts';
import { renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import { ownLabels } from '../../src/admission/ownership.ts';
import { imagePolicyType } from '../../src/admission/resources/image-policy.ts';
import { writePolicyStatus } from '../../src/admission/resources/policy-status.ts';
import { ClusterVerdictStore } from '../../src/admission/verdict-cache/cluster-store.ts';
import { pruneVerdicts } from '../../src/admission/verdict-cache/prune-verdicts.ts';
import { readSealKey } from '../../src/admission/verdict-cache/seal-key.ts';
import { ownerOfWebhooks } from '../../src/admission/webhooks/owner.ts';
import { WebhookRegistrar } from '../../src/admission/webhooks/webhook-registrar.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { follow } from '../../src/kubernetes/follow/follow.ts';
import { Leader } from '../../src/kubernetes/leader/leader.ts';
import { listAll } from '../../src/kubernetes/list-all.ts';
import { systemClock } from '../../src/net/clock.ts';
import { keptVerdict } from '../../testing/admission/kept-verdicts.ts';
import { policyAbout } from '../../testing/admission/resource-policies.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { createObject, makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';

// What is applied to a cluster, and that the webhook does its work with the rights that it gives, and with no others.

const run = promisify(execFile);
const image = `registry.test/seaworthy@sha256:${'a'.repeat(64)}`;
const gatekeeper = { ...defaultGatekeeperSettings, providers: ['seaworthy-verify'] };
const settings: ManifestSettings = { ...defaultManifestSettings, image, secretNamespaces: ['team'], gatekeeper };
const { namespace, name } = settings;
const skip = needsApiServer().skip || needsProgram('kubectl').skip;

describe('the manifests of the webhook, in a real API server', { skip }, () => {
  let server: ApiServer;
  let client: KubernetesClient & AsyncDisposable;
  const cleanup = new AsyncDisposableStack();
  const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(20, signal) };
  const yes = (): boolean => true;
  const ended = new AbortController();

  before(async () => {
    server = cleanup.use(await startApiServer());
    for (const each of ['team', 'other']) await makeNamespace(server, each);
    await apply(renderManifests(settings));
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await createObject(server, account, review))['status'] as { readonly token: string };
    client = cleanup.use(await clientOfServer(server, token));
  });
  after(async () => {
    ended.abort();
    await cleanup.disposeAsync();
  });

  async function apply(manifests: readonly Manifest[]): Promise<void> {
    using folder = temporaryDirectory();
    const env = { HOME: folder.path, KUBECONFIG: folder.write('config', server.kubeconfig) };
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    const file = folder.write('manifests.json', JSON.stringify(list));
    const applied = ['apply', '--server-side', '--validate=strict', '-f', file];
    await run(findProgram('kubectl') as string, applied, { env, timeout: 60_000 });
  }

  test('kubectl applies them, and applies them again', async () => {
    await apply(renderManifests(settings));
    await apply(renderManifests({ ...settings, clusterWideSecrets: false, priorityClass: 'system-cluster-critical' }));
  });

  test('their Pods are what the strictest standard for Pods allows', async () => {
    const deployment = renderManifests(settings).find(({ kind }) => kind === 'Deployment') as Manifest;
    const { template } = deployment['spec'] as { readonly template: { readonly metadata: object } };
    const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: 'one' } };
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
    const answer = await server.ask({ method: 'POST', path, body: pod });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.deepEqual(answer.warnings, []);
  });

  test('with their rights, the webhook chooses a leader, keeps certificates and registers itself', async () => {
    const leader = new Leader({
      client,
      namespace,
      name: sharedNames.lease,
      labels: ownLabels,
      identity: 'a',
      clock,
      logger: silentLogger,
    });
    await leader.attempt();
    await leader.attempt();
    assert.ok(leader.leads);
    const store = secretStore({ client, namespace, name: sharedNames.certificates });
    assert.equal(await store.read(), undefined);
    const made = (): ReturnType<typeof planRotation>['state'] =>
      planRotation(undefined, Date.now(), { dnsNames: serviceNames(name, namespace) }).state;
    assert.equal(await store.write(made(), undefined), true);
    assert.equal(await store.write(made(), (await store.read())?.revision), true);
    const owner = await ownerOfWebhooks(client, name);
    assert.ok(owner !== undefined);
    const address = { service: { namespace, name, port: 443 } };
    const parts = { client, clock, logger: silentLogger, leads: yes, canAnswer: yes };
    const registrar = new WebhookRegistrar({
      ...parts,
      settings: { name: configurationName, namespace, address, owner },
    });
    await registrar.publish(server.caPem);
    registrar.want([policyAbout('pods', ['/*/Pod'])]);
    assert.equal(await registrar.attempt(), 2);
    assert.equal(await registrar.attempt(), 0);
    assert.equal(await registrar.publish(`${server.caPem}${server.caPem}`), true);
    registrar.want([policyAbout('pods', ['/*/Pod']), policyAbout('open', ['/*/Pod'], { unknown: 'allow' })]);
    assert.equal(await registrar.attempt(), 2);
    for (const type of [resourceTypes.mutatingWebhooks, resourceTypes.validatingWebhooks]) {
      await followed(type, `metadata.name=${configurationName}`);
    }
    assert.equal((await registrar.remove()).length, 2);
  });

  test('with their rights, replicas share verdicts', async () => {
    const { signal } = ended;
    const options = { client, namespace, name: sharedNames.sealKey, leads: yes, clock, logger: silentLogger };
    const key = await readSealKey(options, signal);
    const parts = { client, key: () => Promise.resolve(key), clock, logger: silentLogger, leads: yes, signal };
    const store = new ClusterVerdictStore(parts);
    const now = Date.now();
    const told = Promise.withResolvers<void>();
    void store.follow(() => told.resolve(), signal);
    store.put(keptVerdict('a', { at: now, staleUntil: now + 60_000 }));
    await told.promise;
    assert.equal(await pruneVerdicts(client, key, now + 60_000), 1);
    assert.equal(store.counts.dropped, 0);
  });

  test('with their rights, policies are read, and told what is wrong with them', async () => {
    const policy = { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', metadata: { name: 'signed' }, spec: {} };
    await createObject(server, '/apis/seaworthy.dev/v1/imagepolicies', policy);
    const [found] = (await listAll(client, imagePolicyType)).objects;
    assert.ok(found !== undefined);
    assert.equal(await writePolicyStatus(client, found, ['a mistake'], Date.now()), true);
    await followed(imagePolicyType);
  });

  test("with their rights, Gatekeeper's Provider of that name is given authorities, where there is one", async () => {
    const publish = (...names: readonly string[]): Promise<boolean> =>
      new ProviderBundles({ client, names, leads: yes, logger: silentLogger }).publish('PEM');
    assert.equal(await publish('seaworthy-verify'), true);
    const { group, path } = {
      group: 'externaldata.gatekeeper.sh',
      path: '/apis/externaldata.gatekeeper.sh/v1beta1/providers',
    };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await createObject(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `providers.${group}` },
      spec: {
        group,
        names: { kind: 'Provider', listKind: 'ProviderList', plural: 'providers', singular: 'provider' },
        scope: 'Cluster',
        versions: [{ name: 'v1beta1', served: true, storage: true, schema }],
      },
    });
    const deadline = Date.now() + 30_000;
    while ((await server.ask({ method: 'GET', path })).status !== 200 && Date.now() < deadline) await clock.sleep(50);
    assert.equal(await publish('seaworthy-verify'), true);
    for (const each of ['seaworthy-verify', 'another']) {
      const spec = { url: 'https://x.y.svc:8444/gatekeeper/verify', timeout: 3, caBundle: 'b2xk' };
      await createObject(server, path, {
        apiVersion: `${group}/v1beta1`,
        kind: 'Provider',
        metadata: { name: each },
        spec,
      });
    }
    assert.equal(await publish('seaworthy-verify'), true);
    const { body } = await server.ask({ method: 'GET', path: `${path}/seaworthy-verify` });
    assert.deepEqual(body['spec'], { url: 'https://x.y.svc:8444/gatekeeper/verify', timeout: 3, caBundle: 'UEVN' });
    await assert.rejects(publish('another'), { code: 'FORBIDDEN' });
  });

  test('with their rights, facts of a cluster are learnt', async () => {
    for (const type of [resourceTypes.namespaces, resourceTypes.roleBindings, resourceTypes.clusterRoleBindings]) {
      await followed(type);
    }
    assert.ok(await client.get(resourceTypes.serviceAccounts, 'default', { namespace: 'other' }));
    assert.equal(await client.get(resourceTypes.secrets, 'pull', { namespace: 'team' }), undefined);
  });

  const forbidden: readonly (readonly [what: string, act: () => Promise<unknown>])[] = [
    ['read a Secret elsewhere', () => client.get(resourceTypes.secrets, 'pull', { namespace: 'other' })],
    ['read another Secret of its own namespace', () => client.get(resourceTypes.secrets, 'another', { namespace })],
    ['list Secrets', () => listAll(client, resourceTypes.secrets, { namespace: 'team' })],
    ['remove webhooks of others', () => client.remove(resourceTypes.mutatingWebhooks, 'another')],
    ['change a policy', () => client.patch(imagePolicyType, 'signed', { kind: 'merge', body: { spec: {} } })],
    ['read its roles, but for one', () => client.get(resourceTypes.clusterRoles, 'cluster-admin')],
  ];
  for (const [what, act] of forbidden) {
    test(`with their rights, the webhook may not ${what}`, async () => {
      await assert.rejects(act(), { code: 'FORBIDDEN' });
    });
  }

  /** Follows until all is told, and fails where that is not allowed. */
  async function followed(type: Parameters<typeof follow>[1], fieldSelector?: string): Promise<void> {
    const done = new AbortController();
    const states: string[] = [];
    const handler = {
      change: () => undefined,
      state: ({ kind }: { readonly kind: string }) => {
        states.push(kind);
        done.abort();
      },
    };
    const options = { clock, logger: silentLogger, ...(fieldSelector === undefined ? {} : { fieldSelector }) };
    await follow(client, type, options, handler, done.signal);
    assert.deepEqual(states, ['synced'], type.resource);
    const { resourceVersion } = await listAll(
      client,
      type,
      options.fieldSelector === undefined ? {} : { fieldSelector },
    );
    const signal = AbortSignal.timeout(10_000);
    const asked = {
      resourceVersion,
      timeoutSeconds: 1,
      signal,
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    for await (const _ of await client.watch(type, asked)) break;
  }
});
