import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { defaultManifestSettings, type ManifestSettings } from '../../src/admission/manifests/model.ts';
import { renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { verifyPolicy } from '../../testing/admission/admission-scene.ts';
import { startWebhookProcess, type WebhookProcess } from '../../testing/admission/serve-process.ts';
import { openSignatureScene, type SignatureScene } from '../../testing/evidence/signature-scene.ts';
import { freePort } from '../../testing/free-port.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import type { ApiAnswer, ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { kubeconfigText } from '../../testing/kubernetes-server/kubeconfig.ts';
import { createObject, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';

// `seaworthy admission serve --cluster` as a process of its own, against a real API server, with the rights that the manifests give and no
// others: what it does beside answers.

const run = promisify(execFile);
const mine = localSigner((await generateKeyPair()).privateKey);
const settings: ManifestSettings = { ...defaultManifestSettings, image: 'registry.test/seaworthy:1' };
const team = 'team';
const skip = needsApiServer().skip || needsProgram('kubectl').skip;

describe('admission serve in a real cluster', { skip }, () => {
  let server: ApiServer;
  let images: SignatureScene;
  let webhook: WebhookProcess | undefined;
  let args: readonly string[];
  const folder = temporaryDirectory();
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    cleanup.use(folder);
    images = cleanup.use(await openSignatureScene());
    server = cleanup.use(await startApiServer());
    cleanup.defer(async () => await webhook?.kill());
    await images.signByTag(mine);
    storeImage(images.registry.store, 'team/evil', 'v1', makeSyntheticImage([{ evil: '1' }]));
    await apply(renderManifests(settings));
    await apply([
      definitionOf('kyverno.io', 'v1', 'ClusterPolicy', 'clusterpolicies', 'Cluster'),
      definitionOf('wgpolicyk8s.io', 'v1alpha2', 'PolicyReport', 'policyreports', 'Namespaced'),
      definitionOf('wgpolicyk8s.io', 'v1alpha2', 'ClusterPolicyReport', 'clusterpolicyreports', 'Cluster'),
    ]);
    await makeNamespace(server, team);
    await until(async () => (await get('/apis/wgpolicyk8s.io/v1alpha2/policyreports')).status === 200);
    // It runs before there is any policy.
    assert.equal((await createPod('before', 'team/evil:v1')).status, 201);
    const port = await freePort();
    const metrics = await freePort();
    args = [
      ['--cluster', '--kubeconfig', folder.write('kubeconfig', await kubeconfigOfAccount())],
      ['--namespace', settings.namespace, '--url', `https://127.0.0.1:${port}`],
      ['--listen', `127.0.0.1:${port}`, '--metrics-listen', `127.0.0.1:${metrics}`],
      ['--background-interval', '2s', '--scan-workers', '0'],
      ['--trusted-root', folder.write('trusted-root.json', trustedRoot), '--plain-http', images.registry.host],
    ].flat();
    webhook = await startWebhookProcess(args, folder.path);
    await createObject(server, policyList, verifyPolicy({ key: mine, references: [name('team/*')] }));
    await until(async () => (await createPod('trial', 'team/evil:v1', '?dryRun=All')).status === 403, 40_000);
  });
  after(() => cleanup.disposeAsync());

  const name = (image: string): string => `${images.registry.host}/${image}`;
  const get = (path: string): Promise<ApiAnswer> => server.ask({ method: 'GET', path });
  const itemsOf = async (path: string): Promise<readonly ApiObject[]> => {
    const { status, body } = await get(path);
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    return body['items'] as ApiObject[];
  };
  const createPod = (pod: string, image: string, query = ''): Promise<ApiAnswer> =>
    server.ask({ method: 'POST', path: `${podList}${query}`, body: podOf(name(image), { name: pod }) });

  async function apply(manifests: readonly object[]): Promise<void> {
    const env = { HOME: folder.path, KUBECONFIG: folder.write('admin', server.kubeconfig) };
    const file = folder.write('list.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
    await run(findProgram('kubectl') as string, ['apply', '--server-side', '-f', file], { env, timeout: 60_000 });
  }

  async function kubeconfigOfAccount(): Promise<string> {
    const path = `/api/v1/namespaces/${settings.namespace}/serviceaccounts/${settings.name}/token`;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await createObject(server, path, review))['status'] as { readonly token: string };
    return kubeconfigText({ url: server.url, caPem: server.caPem, user: { token } });
  }

  test('what is denied is an event, and what is admitted is called by its digest, reported and remembered', async () => {
    const denied = await createPod('evil', 'team/evil:v1');
    assert.equal(denied.status, 403);
    const admitted = await createPod('good', 'team/app:v1');
    assert.equal(admitted.status, 201, JSON.stringify(admitted.body));
    assert.deepEqual(imagesOf(admitted.body), [`${name('team/app:v1')}@${images.digest}`]);
    const { uid } = admitted.body['metadata'] as { readonly uid: string };
    await until(async () => (await get(`${reportList}/${uid}`)).status === 200);
    const { results } = (await get(`${reportList}/${uid}`)).body as { readonly results: readonly ApiObject[] };
    assert.deepEqual(
      results.map(({ policy, result }) => [policy, result]),
      [['check-image', 'pass']],
    );
    await until(async () => (await itemsOf('/apis/events.k8s.io/v1/events')).length > 0);
    const [event] = await itemsOf('/apis/events.k8s.io/v1/events');
    assert.match(String(event?.['note']), /check-image/);
    assert.equal(event?.['reportingInstance'], 'webhook-0');
    await until(async () => (await itemsOf(verdictList)).length > 0);
  });

  test('what ran before there was a policy is found', async () => {
    const { metadata } = (await get(`${podList}/before`)).body as { readonly metadata: { readonly uid: string } };
    await until(async () => (await get(`${reportList}/${metadata.uid}`)).status === 200);
    const { results } = (await get(`${reportList}/${metadata.uid}`)).body as { readonly results: readonly ApiObject[] };
    assert.deepEqual(
      results.map(({ policy, result }) => [policy, result]),
      [['check-image', 'fail']],
    );
  });

  const saidOf = async (policy: string): Promise<ApiObject | undefined> =>
    ((await get(`${imagePolicyList}/${policy}`)).body['status'] as { conditions?: readonly ApiObject[] } | undefined)
      ?.conditions?.[0];

  test('a policy of ours says whether it counts, and what is wrong with it', async () => {
    await createObject(server, imagePolicyList, imagePolicy('ours', { signatures: [{ signers: ['nobody'] }] }));
    await until(async () => (await saidOf('ours'))?.['status'] === 'False');
    assert.match(String((await saidOf('ours'))?.['message']), /nobody/);
    const body = { spec: { signatures: null, digestOnly: true } };
    const path = `${imagePolicyList}/ours`;
    const answer = await server.ask({ method: 'PATCH', path, body, contentType: merge });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await until(async () => (await saidOf('ours'))?.['status'] === 'True');
    assert.equal((await server.ask({ method: 'DELETE', path })).status, 200);
  });

  test('a rule about a subresource is asked about what is sent there, whatever kind that is of', async () => {
    const kinds = ['Pod/exec', 'ReplicationController/scale', 'Octopus/scale', '*/eviction'];
    await createObject(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', octopodes);
    await createObject(server, policyList, denialOf('subresources', kinds));
    const sent: readonly (readonly [method: 'POST' | 'PUT', path: string, body: object])[] = [
      ['POST', `${podList}/before/exec?command=sh`, {}],
      ['POST', `${podList}/before/eviction`, eviction],
      ['PUT', `/api/v1/namespaces/${team}/replicationcontrollers/web/scale`, scale],
      ['PUT', `${octopusList}/web/scale`, scale],
    ];
    await createObject(server, `/api/v1/namespaces/${team}/replicationcontrollers`, controller);
    await until(async () => (await server.ask({ method: 'GET', path: octopusList })).status === 200);
    const octopus = { apiVersion: 'sea.example/v1', kind: 'Octopus', ...inTeam('web'), spec: { arms: 0 } };
    await createObject(server, octopusList, octopus);
    for (const [method, path, body] of sent) {
      let last: ApiAnswer | undefined;
      await until(async () => (last = await server.ask({ method, path, body })).status === 403);
      assert.match(String(last?.body['message']), /subresources/);
    }
    assert.equal((await server.ask({ method: 'DELETE', path: `${policyList}/subresources` })).status, 200);
  });

  test('a policy that was there before the webhook says whether it counts as soon as one leads', async () => {
    assert.equal(await webhook?.stop(), 143);
    const spec = { images: ['elsewhere.test/**'], digestOnly: true };
    await createObject(server, imagePolicyList, imagePolicy('early', spec));
    webhook = await startWebhookProcess(args, folder.path);
    await until(async () => (await saidOf('early'))?.['status'] === 'True');
  });

  test('after a crash, the next start knows what was verified, and asks no registry about it', async () => {
    assert.equal((await createPod('again', `team/app@${images.digest}`)).status, 201);
    await until(async () => (await itemsOf(verdictList)).length > 0);
    await sleep(200);
    await webhook?.kill();
    images.registry.faults.add({ kind: 'drop', path: '/v2/team/' });
    try {
      webhook = await startWebhookProcess(args, folder.path);
      let last: ApiAnswer | undefined;
      await until(async () => (last = await createPod('known', `team/app@${images.digest}`)).status < 500);
      assert.equal(last?.status, 201, JSON.stringify(last?.body));
      assert.equal((await createPod('unknown', 'team/evil:v1')).status, 403);
    } finally {
      images.registry.faults.clear();
    }
  });

  test('it ends in order, and needed no right that it has not', async () => {
    assert.equal(await webhook?.stop(), 143);
    assert.doesNotMatch(webhook?.log() ?? '', /forbidden/i);
  });
});

const policyList = '/apis/kyverno.io/v1/clusterpolicies';
const imagePolicyList = '/apis/seaworthy.dev/v1/imagepolicies';
const podList = `/api/v1/namespaces/${team}/pods`;
const reportList = `/apis/wgpolicyk8s.io/v1alpha2/namespaces/${team}/policyreports`;
const verdictList = '/apis/verdicts.seaworthy.dev/v1alpha1/imageverdicts';
const inTeam = (name: string): { readonly metadata: ApiObject } => ({ metadata: { name, namespace: team } });
const octopusList = `/apis/sea.example/v1/namespaces/${team}/octopodes`;
/** A kind whose name in paths cannot be told from the kind. */
const octopodes = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'octopodes.sea.example' },
  spec: {
    group: 'sea.example',
    names: { plural: 'octopodes', kind: 'Octopus' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        subresources: { scale: { specReplicasPath: '.spec.arms', statusReplicasPath: '.status.arms' } },
      },
    ],
  },
};
const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', ...inTeam('before') };
const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', ...inTeam('web'), spec: { replicas: 1 } };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'elsewhere.test/web:v1' }] },
};
const controller = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  ...inTeam('web'),
  spec: { replicas: 0, selector: { app: 'web' }, template },
};
const merge = 'application/merge-patch+json' as const;
const trustedRoot = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' });

function imagesOf(pod: ApiObject): readonly string[] {
  const { spec } = pod as { readonly spec?: { readonly containers: readonly { readonly image: string }[] } };
  return (spec?.containers ?? []).map(({ image }) => image);
}

function imagePolicy(name: string, spec: object): ApiObject {
  return { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', metadata: { name }, spec };
}

/** A policy that denies whatever is sent to these. */
function denialOf(name: string, kinds: readonly string[]): ApiObject {
  const match = { any: [{ resources: { kinds } }] };
  const validate = { failureAction: 'Enforce', message: 'not here', deny: {} };
  const spec = { background: false, rules: [{ name: 'none', match, validate }] };
  return { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name }, spec };
}

async function until(met: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await met())) {
    assert.ok(Date.now() < end, `it did not come to pass in ${milliseconds} ms`);
    await sleep(50);
  }
}

/** A definition that takes any object of that kind. */
function definitionOf(group: string, version: string, kind: string, plural: string, scope: string): ApiObject {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
    },
  };
}
