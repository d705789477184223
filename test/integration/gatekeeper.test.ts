import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { loadAll } from 'js-yaml';
import {
  defaultGatekeeperSettings,
  defaultManifestSettings,
  type ManifestSettings,
} from '../../src/admission/manifests/model.ts';
import { renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import {
  gatekeeperManifestsCommand,
  type GatekeeperManifestsOptions,
} from '../../src/cli/commands/gatekeeper-manifests.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { startWebhookProcess, type WebhookProcess } from '../../testing/admission/serve-process.ts';
import { pemOfKey } from '../../testing/evidence/check-signers.ts';
import { openSignatureScene, type SignatureScene } from '../../testing/evidence/signature-scene.ts';
import { freePort } from '../../testing/free-port.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { applyObjects } from '../../testing/kubernetes-server/apply.ts';
import type { ApiAnswer, ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { established } from '../../testing/kubernetes-server/definitions.ts';
import { kubeconfigText } from '../../testing/kubernetes-server/kubeconfig.ts';
import { createObject, deploymentOf, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { type Gatekeeper, needsGatekeeper, startGatekeeper } from '../../testing/kubernetes-server/start-gatekeeper.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { testHost } from '../../testing/test-host.ts';

// Gatekeeper itself, which asks `seaworthy admission serve` as a process of its own, both with the rights that their manifests give, in a
// real API server. This program registers nothing there: whatever is denied is denied by Gatekeeper.

const mine = localSigner((await generateKeyPair()).privateKey);
const settings: ManifestSettings = {
  ...defaultManifestSettings,
  image: 'registry.test/seaworthy:1',
  gatekeeper: defaultGatekeeperSettings,
};
const team = 'team';
const pods = `/api/v1/namespaces/${team}/pods`;
const policies = '/apis/seaworthy.dev/v1/imagepolicies';
const merge = 'application/merge-patch+json' as const;
const help = 'Let the release workflow build it';

describe('Gatekeeper in a real cluster', needsGatekeeper(), () => {
  let server: ApiServer;
  let images: SignatureScene;
  let gatekeeper: Gatekeeper;
  let webhook: WebhookProcess;
  let port: number;
  const folder = temporaryDirectory();
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    cleanup.use(folder);
    images = cleanup.use(await openSignatureScene());
    server = cleanup.use(await startApiServer());
    await images.signByTag(mine);
    for (const name of ['evil', 'worse', 'late']) {
      storeImage(images.registry.store, `team/${name}`, 'v1', makeSyntheticImage([{ [name]: '1' }]));
    }
    await applyObjects(server, renderManifests(settings));
    await makeNamespace(server, team);
    gatekeeper = cleanup.use(await startGatekeeper(server));
    port = await freePort();
    webhook = cleanup.use(await startWebhookProcess(await webhookArgs(), folder.path));
    await createObject(server, policies, policyOf({}));
    await have({ enforcement: 'deny', excludeNamespace: [] });
    // Until the webhook has told whom to trust, all is denied, for another reason.
    await until(async () => messageOf(await create('trial', 'team/evil:v1', '?dryRun=All')).includes(help), 60_000);
  });
  after(() => cleanup.disposeAsync());

  const name = (image: string): string => `${images.registry.host}/${image}`;
  const create = (pod: string, image: string, query = ''): Promise<ApiAnswer> =>
    server.ask({ method: 'POST', path: `${pods}${query}`, body: podOf(name(image), { name: pod }) });

  async function webhookArgs(): Promise<readonly string[]> {
    const path = `/api/v1/namespaces/${settings.namespace}/serviceaccounts/${settings.name}/token`;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await createObject(server, path, review))['status'] as { readonly token: string };
    const kubeconfig = kubeconfigText({ url: server.url, caPem: server.caPem, user: { token } });
    return [
      ['--cluster', '--kubeconfig', folder.write('kubeconfig', kubeconfig), '--namespace', settings.namespace],
      ['--listen', '127.0.0.1:0', '--gatekeeper-listen', `127.0.0.1:${port}`],
      ['--gatekeeper-client-ca', folder.write('gatekeeper-ca.crt', gatekeeper.authority)],
      defaultGatekeeperSettings.providers.flatMap((each) => ['--gatekeeper-provider', each]),
      ['--gatekeeper-timeout', '30', '--gatekeeper-mutate-timeout', '30'],
      ['--background-interval', '0', '--scan-workers', '0', '--plain-http', images.registry.host],
      ['--trusted-root', folder.write('trusted-root.json', trustedRoot)],
    ].flat();
  }

  function policyOf(more: object): ApiObject {
    const signers = [{ name: 'release', keys: [{ pem: pemOfKey(mine.publicKey.spki) }] }];
    const spec = { images: [name('team/*')], signers, signatures: [{ signers: ['release'], help }], ...more };
    return { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', metadata: { name: 'signed' }, spec };
  }

  /** Has Gatekeeper ask, by what the command writes. It names no authority: the webhook tells whom to trust. */
  async function have(options: GatekeeperManifestsOptions): Promise<void> {
    const host = testHost({ cwd: folder.path });
    const given = { url: `https://localhost:${port}`, timeout: '30', mutateTimeout: '30', ...options };
    assert.equal(await gatekeeperManifestsCommand(given, host), 0);
    const objects = loadAll(host.said.join('')) as readonly { readonly kind: string }[];
    const isConstraint = ({ kind }: { readonly kind: string }): boolean => kind === 'SeaworthyImages';
    const others = objects.filter((each) => !isConstraint(each));
    await applyObjects(server, others);
    await established(server, 'seaworthyimages.constraints.gatekeeper.sh');
    await applyObjects(server, objects.filter(isConstraint));
  }

  const messageOf = ({ body }: ApiAnswer): string => String(body['message']);
  /** What Gatekeeper's webhook denies, with what was said of the image. */
  function assertDenied(answer: ApiAnswer, image: string): void {
    assert.equal(answer.status, 403, JSON.stringify(answer.body));
    assert.match(
      messageOf(answer),
      /^admission webhook "validation\.gatekeeper\.sh" denied the request: \[seaworthy-images\]/,
    );
    assert.ok(messageOf(answer).includes(name(image)), messageOf(answer));
    assert.ok(messageOf(answer).includes(help), messageOf(answer));
  }

  test('a Pod of an unsigned image is denied by it, with our reason, and one of a signed image is admitted', async () => {
    assertDenied(await create('evil', 'team/evil:v1'), 'team/evil:v1');
    const admitted = await create('good', 'team/app:v1');
    assert.equal(admitted.status, 201, JSON.stringify(admitted.body));
    assert.deepEqual(imagesOf(admitted.body), [name('team/app:v1')]);
  });

  test('what makes Pods is denied too, and images of volumes and of ephemeral containers', async () => {
    const deployments = `/apis/apps/v1/namespaces/${team}/deployments`;
    const body = deploymentOf(name('team/evil:v1'), 'web');
    assertDenied(await server.ask({ method: 'POST', path: deployments, body }), 'team/evil:v1');
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: name('team/evil:v1') }] } };
    const cron = { schedule: '0 * * * *', jobTemplate: { spec: { template } } };
    const job = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' }, spec: cron };
    const jobs = `/apis/batch/v1/namespaces/${team}/cronjobs`;
    assertDenied(await server.ask({ method: 'POST', path: jobs, body: job }), 'team/evil:v1');
    const volumes = [{ name: 'files', image: { reference: name('team/evil:v1') } }];
    const mounted = podOf(name('team/app:v1'), { name: 'mounted' }, { volumes });
    assertDenied(await server.ask({ method: 'POST', path: pods, body: mounted }), 'team/evil:v1');
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image: name('team/evil:v1') }] } };
    const path = `${pods}/good/ephemeralcontainers`;
    const contentType = 'application/strategic-merge-patch+json';
    assertDenied(await server.ask({ method: 'PATCH', path, body: debug, contentType }), 'team/evil:v1');
  });

  test('it shows a certificate of its own authority, and nobody else is let in', async () => {
    const provider = await server.ask({ method: 'GET', path: `${providers}/seaworthy-verify` });
    const { caBundle } = provider.body['spec'] as { readonly caBundle: string };
    const ca = Buffer.from(caBundle, 'base64').toString();
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
    // TLS 1.3 tells a client what is wrong with it after its own handshake.
    const [error] = (await once(socket, 'close').catch((cause: unknown) => [cause])) as [{ readonly code?: string }];
    assert.match(String(error.code), /CERTIFICATE_REQUIRED/);
  });

  test('digests come to stand in the places of tags by its mutations, and are what is verified then', async () => {
    const answer = await server.ask({
      method: 'PATCH',
      path: `${policies}/signed`,
      body: { spec: { digest: { pin: true } } },
      contentType: merge,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await have({ enforcement: 'deny', excludeNamespace: [], mutate: true });
    let last: ApiAnswer | undefined;
    const pinned = [`${name('team/app:v1')}@${images.digest}`];
    await until(async () => {
      last = await create('pinned', 'team/app:v1', '?dryRun=All');
      return last.status === 201 && imagesOf(last.body)[0] === pinned[0];
    }, 60_000).catch((error: unknown) => assert.fail(`${String(error)}: ${JSON.stringify(last?.body)}`));
    const made = await create('pinned', 'team/app:v1');
    assert.deepEqual([made.status, imagesOf(made.body)], [201, pinned]);
    const deployments = `/apis/apps/v1/namespaces/${team}/deployments`;
    const web = await server.ask({ method: 'POST', path: deployments, body: deploymentOf(name('team/app:v1'), 'web') });
    const { template } = web.body['spec'] as { readonly template: ApiObject };
    assert.deepEqual([web.status, imagesOf(template)], [201, pinned]);
    const volumes = [
      { name: 'files', image: { reference: name('team/app:v1') } },
      { name: 'empty', emptyDir: {} },
    ];
    const mounted = podOf(name('team/app:v1'), { name: 'mounted' }, { volumes });
    const kept = await server.ask({ method: 'POST', path: pods, body: mounted });
    const spec = kept.body['spec'] as { readonly volumes: readonly ApiObject[] };
    assert.deepEqual(
      [kept.status, spec.volumes.slice(0, 2).map((each) => (each['image'] as ApiObject | undefined)?.['reference'])],
      [201, [pinned[0], undefined]],
    );
    const denied = await create('worse', 'team/worse:v1');
    assert.match(messageOf(denied), /^admission webhook "mutation\.gatekeeper\.sh" denied the request/);
    assert.ok(messageOf(denied).includes(help), messageOf(denied));
  });

  test('without anybody who answers, nothing is admitted that was not known', async () => {
    await webhook.kill();
    const denied = await create('late', 'team/late:v1');
    assert.ok(denied.status >= 400, JSON.stringify(denied.body));
    assert.match(messageOf(denied), /gatekeeper\.sh" denied the request/);
  });
});

const providers = '/apis/externaldata.gatekeeper.sh/v1beta1/providers';
const trustedRoot = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' });

function imagesOf(pod: ApiObject): readonly string[] {
  const { spec } = pod as { readonly spec?: { readonly containers: readonly { readonly image: string }[] } };
  return (spec?.containers ?? []).map(({ image }) => image);
}

async function until(met: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await met())) {
    if (Date.now() > end) throw new Error(`it did not come to pass in ${milliseconds} ms`);
    await sleep(100);
  }
}
