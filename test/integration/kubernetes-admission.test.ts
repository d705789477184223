import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { attestorOf, verifyPolicy } from '../../testing/admission/admission-scene.ts';
import { type AdmissionLab, startAdmissionLab } from '../../testing/admission/admission-lab.ts';
import { ownTls } from '../../testing/admission/own-server.ts';
import { openSignatureScene, type SignatureScene } from '../../testing/evidence/signature-scene.ts';
import { freePort } from '../../testing/free-port.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { configOfText } from '../../testing/kubernetes/kubernetes-lab.ts';
import { type ApiAnswer, type ApiObject, type ApiRequest } from '../../testing/kubernetes-server/ask.ts';
import {
  createObject,
  deploymentOf,
  installWebhook,
  makeLoopbackService,
  makeNamespace,
  podOf,
} from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { makeCertificate, type TestCertificate } from '../../testing/registry/certificate.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { imageLimits } from '../../src/admission/image/limits.ts';
import { FollowedPolicies } from '../../src/admission/policies/follow-policies.ts';
import type { TlsMaterial } from '../../src/admission/server/model.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openKubernetesClient } from '../../src/kubernetes/open-client.ts';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';

// The whole webhook behind a real API server: what users do to a cluster, and what happens to webhooks in one.

const mine = localSigner((await generateKeyPair()).privateKey);
const namespace = 'guarded';
const policyList = '/apis/kyverno.io/v1/clusterpolicies';
const podList = `/api/v1/namespaces/${namespace}/pods`;
const merge = 'application/merge-patch+json' as const;
const rules = [
  {
    apiGroups: ['', 'apps'],
    apiVersions: ['v1'],
    resources: ['pods', 'pods/ephemeralcontainers', 'deployments'],
    operations: ['*'],
  },
];
/** Hours go by when a test says so. What could not be told is asked for again at once. */
let passed = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + passed };
const times = { ...imageLimits, badTime: 0, silentTime: 0, patienceTime: 100 };

describe('a real API server with the whole webhook', needsApiServer(), () => {
  let server: ApiServer;
  let images: SignatureScene;
  let client: KubernetesClient;
  let port: number;
  let running: AsyncDisposableStack | undefined;
  let lab: AdmissionLab;
  const authority = makeCertificate('Admission of a test');
  const tls = ownTls(materialOf(authority));
  const folder = temporaryDirectory();
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    cleanup.use(folder);
    images = cleanup.use(await openSignatureScene());
    server = cleanup.use(await startApiServer());
    client = cleanup.use(
      openKubernetesClient(await configOfText(server.kubeconfig, { clock: systemClock }), { clock: systemClock }),
    );
    cleanup.defer(async () => {
      await running?.disposeAsync();
    });
    await images.signByTag(mine);
    storeImage(images.registry.store, 'team/evil', 'v1', makeSyntheticImage([{ evil: '1' }]));
    await createObject(server, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    await until(async () => (await server.ask({ method: 'GET', path: policyList })).status === 200);
    await makeNamespace(server, namespace);
    await makeLoopbackService(server, namespace, 'webhook');
    port = await freePort();
    await startWebhook();
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const) {
      const path = kind.startsWith('M') ? '/mutate/fail' : '/validate/fail';
      await installWebhook(server, {
        kind,
        name: 'images',
        clientConfig: {
          caBundle: Buffer.from(authority.cert).toString('base64'),
          service: { namespace, name: 'webhook', path, port },
        },
        rules,
        namespace,
      });
    }
    await createObject(server, policyList, verifyPolicy({ key: mine, references: [name('team/*')] }));
    await until(async () => (await createPod('team/evil:v1', '?dryRun=All')).status === 403);
  });
  after(() => cleanup.disposeAsync());

  async function startWebhook(): Promise<void> {
    await using opened = new AsyncDisposableStack();
    const over = new AbortController();
    const settings = { listen: { host: '127.0.0.1', port }, times };
    lab = opened.use(await startAdmissionLab({ cacheFolder: folder.path, client, clock, settings, parts: { tls } }));
    const followed = new FollowedPolicies({
      client,
      set: lab.admission.policies,
      clock: systemClock,
      logger: silentLogger,
      everyMs: 200,
    });
    const following = followed.run(over.signal);
    opened.defer(async () => {
      over.abort();
      await following;
    });
    await until(async () => followed.missing === undefined);
    running = opened.move();
  }

  async function stopWebhook(): Promise<void> {
    await running?.disposeAsync();
    running = undefined;
  }

  const name = (image: string): string => `${images.registry.host}/${image}`;
  const pinned = (): string => `${name('team/app:v1')}@${images.digest}`;
  let made = 0;
  const createPod = (image: string, query = '', spec: ApiObject = {}): Promise<ApiAnswer> =>
    server.ask({
      method: 'POST',
      path: `${podList}${query}`,
      body: podOf(name(image), { name: `pod-${(made += 1)}` }, spec),
    });

  test("a user's policy: what is signed is stored with its digest, what is not is denied in its words", async () => {
    const denied = await createPod('team/evil:v1');
    assert.equal(denied.status, 403);
    assert.match(String(denied.body['message']), /webhook "images\.seaworthy\.test" denied the request:/);
    assert.match(String(denied.body['message']), /check-image: 'failed to verify image \S+team\/evil:v1/);
    const admitted = await createPod('team/app:v1');
    assert.equal(admitted.status, 201, JSON.stringify(admitted.body));
    assert.deepEqual(imagesOf(admitted.body), [pinned()]);
  });

  test('a dry run is judged as if it counted', async () => {
    assert.equal((await createPod('team/evil:v1', '?dryRun=All')).status, 403);
    assert.deepEqual(imagesOf((await createPod('team/app:v1', '?dryRun=All')).body), [pinned()]);
  });

  test('a Deployment is judged by its template', async () => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const create = (image: string, at: string): Promise<ApiAnswer> =>
      server.ask({ method: 'POST', path, body: deploymentOf(name(image), at) });
    const denied = await create('team/evil:v1', 'evil');
    assert.match(String(denied.body['message']), /autogen-check-image/);
    const good = await create('team/app:v1', 'good');
    assert.equal(good.status, 201, JSON.stringify(good.body));
    assert.ok(JSON.stringify(good.body['spec']).includes(pinned()));
  });

  test('a container that is added to a Pod, and a volume that is an image', async () => {
    assert.equal((await createPod('team/app:v1')).status, 201);
    const path = `${podList}/pod-${made}/ephemeralcontainers`;
    const add = (image: string): ApiRequest => ({
      method: 'PATCH',
      path,
      body: { spec: { ephemeralContainers: [{ name: 'debug', image: name(image) }] } },
      contentType: merge,
    });
    assert.equal((await server.ask(add('team/evil:v1'))).status, 403);
    const added = await server.ask(add('team/app:v1'));
    assert.equal(added.status, 200, JSON.stringify(added.body));
    assert.ok(
      JSON.stringify(added.body['spec']).includes(`"ephemeralContainers":[{"name":"debug","image":"${pinned()}"`),
    );
    const volume = (image: string): ApiObject => ({ volumes: [{ name: 'm', image: { reference: name(image) } }] });
    assert.equal((await createPod('team/app:v1', '', volume('team/evil:v1'))).status, 403);
    const mounted = await createPod('team/app:v1', '', volume('team/app:v1'));
    assert.ok(JSON.stringify(mounted.body['spec']).includes(`"reference":"${pinned()}"`));
  });

  test('no spelling of a name, and no way to change a Pod, gets an image in that is not signed', async () => {
    const evil = name('team/evil:v1');
    const digest = `sha256:${'0'.repeat(64)}`;
    const spelled = [' X', 'X ', 'X\n', 'X\u200b', 'X\tY', 'http://X'].map((form) => form.replace('X', evil));
    const others = ['Team/Evil:v1', '/team/evil:v1', 'team/../team/evil:v1', `team/app:v1@${digest}`].map(name);
    for (const image of [...spelled, ...others, `${name('team/evil')}@${images.digest}`, evil.replace(':', '.:')]) {
      const body = podOf(image, { generateName: 'spelled-' });
      const { status } = await server.ask({ method: 'POST', path: podList, body });
      assert.equal(status, 403, JSON.stringify(image));
    }
    const pod = await createPod('team/app:v1', '', { terminationGracePeriodSeconds: 0 });
    const path = `${podList}/pod-${made}`;
    const containers = [{ name: 'app', image: evil }];
    const forged = { 'kyverno.io/verify-images': JSON.stringify({ [evil]: 'pass' }) };
    const changes: readonly (readonly [ApiRequest['contentType'], unknown])[] = [
      ['application/strategic-merge-patch+json', { spec: { containers } }],
      [merge, { spec: { containers }, metadata: { annotations: forged } }],
      ['application/json-patch+json', [{ op: 'replace', path: '/spec/containers/0/image', value: evil }]],
    ];
    for (const [contentType, body] of changes) {
      const asked = { method: 'PATCH', path, body, contentType } as ApiRequest;
      assert.equal((await server.ask(asked)).status, 403, contentType);
    }
    const status = { spec: { containers }, status: { phase: 'Running' } };
    const told = await server.ask({ method: 'PATCH', path: `${path}/status`, body: status, contentType: merge });
    assert.deepEqual([told.status, imagesOf(told.body)], [200, imagesOf(pod.body)]);
  });

  test('a policy that is changed, taken away and made again is in force at once, and one that is wrong is not', async () => {
    const path = `${policyList}/check-image`;
    const references = async (...patterns: string[]): Promise<void> => {
      const verifyImages = [{ imageReferences: patterns, attestors: [attestorOf(mine)] }];
      const match = { any: [{ resources: { kinds: ['Pod'] } }] };
      const body = { spec: { rules: [{ name: 'check-image', match, verifyImages }] } };
      const { status } = await server.ask({ method: 'PATCH', path, body, contentType: merge });
      assert.equal(status, 200);
    };
    const evil = (): Promise<number> => createPod('team/evil:v1', '?dryRun=All').then(({ status }) => status);
    await references(name('other/*'));
    await until(async () => (await evil()) === 201, 3000);
    await references(name('team/*'));
    await until(async () => (await evil()) === 403, 3000);
    // What cannot be read leaves what counted before.
    const broken = { spec: { rules: [{ name: 'check-image', match: { any: [] }, verifyImages: 'none' }] } };
    assert.equal((await server.ask({ method: 'PATCH', path, body: broken, contentType: merge })).status, 200);
    await until(async () => lab.admission.policies.mistakes.length > 0, 3000);
    assert.equal(await evil(), 403);
    assert.equal((await server.ask({ method: 'DELETE', path })).status, 200);
    await until(async () => (await evil()) === 201, 3000);
    await createObject(server, policyList, verifyPolicy({ key: mine, references: [name('team/*')] }));
    await until(async () => (await evil()) === 403, 3000);
  });

  test('while the registry is down, what was verified passes with a warning, and nothing else does', async () => {
    const { faults } = images.registry;
    for (const kind of ['drop', 'hang'] as const) {
      await until(async () => (await createPod('team/app:v1')).warnings.length === 0);
      passed += 2 * imageLimits.goodTime;
      faults.add({ kind, path: '/v2/team/' });
      try {
        const known = await createPod('team/app:v1');
        assert.equal(known.status, 201, JSON.stringify(known.body));
        assert.deepEqual(imagesOf(known.body), [pinned()]);
        assert.match(known.warnings.join('\n'), /the registry cannot be asked now/);
        if (kind === 'drop') assert.equal((await createPod('team/new:v1')).status, 403);
      } finally {
        faults.clear();
      }
    }
  });

  test('a new certificate, and restarts, under load: nothing unverified gets in, nothing verified is lost', async () => {
    const over = new AbortController();
    const seen = { admitted: 0, retried: 0, denied: 0, unverified: 0 };
    // Whoever makes Pods in a cluster asks again for as long as the webhook is not there, as controllers do.
    const good = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const answer = await createPod('team/app:v1');
        if (answer.status === 201) {
          assert.deepEqual(imagesOf(answer.body), [pinned()]);
          seen.admitted += 1;
          continue;
        }
        assert.ok(answer.status >= 500, JSON.stringify(answer.body));
        seen.retried += 1;
        await sleep(20);
      }
    };
    const bad = async (): Promise<void> => {
      while (!over.signal.aborted) {
        seen[(await createPod('team/evil:v1')).status === 201 ? 'unverified' : 'denied'] += 1;
        await sleep(10);
      }
    };
    const load = Promise.all([good(), good(), bad()]);
    for (let round = 0; round < 3; round += 1) {
      const moreAre = async (count: number, than: number): Promise<void> =>
        await until(async () => seen.admitted > than + count);
      await moreAre(5, seen.admitted);
      const { admitted, retried } = seen;
      tls.change(materialOf(authority));
      await moreAre(20, admitted);
      assert.equal(seen.retried, retried, 'a new certificate costs no request');
      await stopWebhook();
      await sleep(200);
      await startWebhook();
    }
    const { admitted } = seen;
    await until(async () => seen.admitted > admitted + 3);
    over.abort();
    await load;
    assert.equal(seen.unverified, 0);
    assert.ok(seen.admitted > 10 && seen.denied > 10, JSON.stringify(seen));
    const { body } = await server.ask({ method: 'GET', path: podList });
    const kept = (body['items'] as ApiObject[]).flatMap(imagesOf);
    assert.deepEqual(
      kept.filter((image) => image.includes('team/evil')),
      [],
    );
    assert.deepEqual(
      kept.filter((image) => !image.includes('@sha256:')),
      [],
    );
  });
});

function imagesOf(pod: ApiObject): readonly string[] {
  const { spec } = pod as { readonly spec?: { readonly containers: readonly { readonly image: string }[] } };
  return (spec?.containers ?? []).map(({ image }) => image);
}

function materialOf(issuer: TestCertificate): TlsMaterial {
  const { cert, key } = makeCertificate('webhook', { issuer, dnsNames: [`webhook.${namespace}.svc`] });
  return { certificate: cert, key, expires: Date.now() + 86_400_000 };
}

async function until(met: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await met())) {
    assert.ok(Date.now() < end, `it did not come to pass in ${milliseconds} ms`);
    await sleep(25);
  }
}

/** What Kyverno's own definition comes to for who follows its policies. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'clusterpolicies.kyverno.io' },
  spec: {
    group: 'kyverno.io',
    scope: 'Cluster',
    names: { plural: 'clusterpolicies', singular: 'clusterpolicy', kind: 'ClusterPolicy', shortNames: ['cpol'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
};
