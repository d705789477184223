import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AdmissionScene,
  attestorOf,
  openAdmissionScene,
  podOfImages,
  verifyPolicy,
} from '../../testing/admission/admission-scene.ts';
import { openClient } from '../../testing/admission/review-client.ts';
import { builtInTypes } from '../../testing/kubernetes/resource-types.ts';
import { sceneRepository } from '../../testing/evidence/signature-scene.ts';
import { attachmentTag } from '../../src/signing/cosign/tags.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import { RegistryStore, type StoredManifest } from '../../testing/registry/store.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { imageLimits } from '../../src/admission/image/limits.ts';
import type { NewObject } from '../../src/kubernetes/client.ts';
import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';

// What attackers may do to the whole: a cluster, its webhook, and a registry that is theirs.

const mine = localSigner((await generateKeyPair()).privateKey);
const { pods, namespaces, deployments, cronJobs, secrets, serviceAccounts } = builtInTypes;
const here = { namespace: 'default' };

const policyText = (scene: AdmissionScene, parts: Partial<Parameters<typeof verifyPolicy>[0]> = {}): string =>
  JSON.stringify(verifyPolicy({ key: mine, references: [scene.name('team/*')], ...parts }));

/** A scene with a signed `team/app:v1`, an unsigned `team/evil:v1` and the policy that tells them apart. */
async function guardedScene(options: Parameters<typeof openAdmissionScene>[0] = {}): Promise<AdmissionScene> {
  const scene = await openAdmissionScene(options);
  await scene.images.signByTag(mine);
  storeImage(scene.images.registry.store, 'team/evil', 'v1', makeSyntheticImage([{ evil: '1' }]));
  await scene.lab.policies(policyText(scene));
  return scene;
}

/** A registry whose tag is another image each time it is asked for. */
class FlippingStore extends RegistryStore {
  flips = false;
  #asked = 0;

  override manifest(repository: string, reference: string): StoredManifest | undefined {
    if (!this.flips || reference !== 'v1') return super.manifest(repository, reference);
    this.#asked += 1;
    return super.manifest(repository, this.#asked % 2 === 0 ? 'v1' : 'evil');
  }
}

test('a registry that tells another digest each time: what is verified, put in and kept is one digest', async () => {
  const store = new FlippingStore();
  const settings = { times: { ...imageLimits, nameTime: 0, badTime: 0 } };
  await using scene = await guardedScene({ registry: { store }, settings });
  const { images, create, name, lab } = scene;
  storeImage(store, 'team/app', 'evil', makeSyntheticImage([{ evil: '1' }]));
  store.flips = true;
  const pinned = `${name('team/app:v1')}@${images.digest}`;
  let admitted = 0;
  for (let time = 0; time < 12; time += 1) {
    if (time % 4 === 0) lab.admission.images.forget();
    const made = await create(name('team/app:v1')).catch((error: Error) => error);
    if (made instanceof Error) assert.match(made.message, /denied the request/);
    else {
      assert.deepEqual(made, [pinned]);
      admitted += 1;
    }
  }
  assert.ok(admitted > 0 && admitted < 12, `${admitted} were let in`);
});

describe('a registry that is there and does not work', () => {
  for (const kind of ['hang', 'silence'] as const) {
    test(`${kind}: what was never verified is denied with the reason before the deadline`, async () => {
      await using scene = await guardedScene({ timeoutSeconds: 2 });
      scene.images.registry.faults.add({ kind, path: '/v2/team/' });
      await assert.rejects(scene.create(scene.name('team/app:v1')), (error: Error) => {
        assert.match(error.message, /denied the request/);
        assert.match(error.message, /took longer than the request may take/);
        assert.doesNotMatch(error.message, /context deadline exceeded/);
        return true;
      });
    });
  }

  test('what was verified goes on for as long as it may be old, and that is told', async () => {
    const settings = { times: { ...imageLimits, nameTime: 1, goodTime: 1, patienceTime: 100 } };
    await using scene = await guardedScene({ settings, timeoutSeconds: 1 });
    const { create, name, images } = scene;
    const pinned = [`${name('team/app:v1')}@${images.digest}`];
    assert.deepEqual(await create(name('team/app:v1')), pinned);
    for (const kind of ['hang', 'drop'] as const) {
      images.registry.faults.clear();
      images.registry.faults.add({ kind, path: '/v2/team/' });
      assert.deepEqual(await create(name('team/app:v1')), pinned, kind);
      const { warnings } = await askReview(scene, podOfImages('asked', [name('team/app:v1')]));
      assert.match(warnings.join('\n'), /the registry cannot be asked now, and it counts as it was verified on/);
      await assert.rejects(create(name('team/evil:v1')), /denied the request/);
    }
  });

  const floods = {
    'a manifest without end': { kind: 'endless', path: '/manifests/v1' },
    'a signature without end': { kind: 'endless', path: /manifests\/sha256-/ },
    'a payload without end': { kind: 'endless', path: '/blobs/' },
    'a manifest of 64 MB': { kind: 'long', path: /manifests\/sha256/, extra: 67_108_864 },
    'headers without end': { kind: 'huge-headers', path: '/manifests/' },
    garbage: { kind: 'garbage', path: '/manifests/' },
    'signatures that drip': { kind: 'drip', path: /manifests\/sha256-/, bytes: 1, everyMs: 50 },
  } as const;
  for (const [what, fault] of Object.entries(floods)) {
    test(`${what} lets nothing in, in bounded time`, async () => {
      await using scene = await guardedScene({ timeoutSeconds: 3 });
      scene.images.registry.faults.add(fault);
      const evil = scene.create(scene.name('team/evil:v1'));
      // Where this machine itself is slow, the API server may give up first, which lets nothing in either.
      const refused = /denied the request|context deadline exceeded/;
      await assert.rejects(evil, refused);
      const made = await scene.create(scene.name('team/app:v1')).catch((error: Error) => error);
      if (made instanceof Error) assert.match(made.message, refused);
      else assert.deepEqual(made, [`${scene.name('team/app:v1')}@${scene.images.digest}`]);
    });
  }

  test('ten thousand signatures of somebody else are looked at within bounds, and let nothing in', async () => {
    await using scene = await guardedScene({ timeoutSeconds: 5 });
    const { store } = scene.images.registry;
    const evil = storeImage(store, 'team/evil', 'v2', makeSyntheticImage([{ evil: '2' }]));
    const tag = attachmentTag(scene.images.digest, 'signature');
    const signed = JSON.parse(Buffer.from(store.manifest(sceneRepository, tag)?.bytes ?? '').toString()) as {
      layers: { digest: string; mediaType: string; annotations: Record<string, string> }[];
    };
    const [layer] = signed.layers;
    assert.ok(layer);
    const bytes = store.blob(sceneRepository, layer.digest) as Uint8Array;
    const layers = Array.from({ length: 10_000 }, (_, at) => ({ ...layer, bytes, annotations: { at: `${at}` } }));
    storeArtifact(store, 'team/evil', { layers }, evil.replace(':', '-').concat('.sig'));
    const before = scene.images.registry.requests.length;
    await assert.rejects(scene.create(scene.name('team/evil:v2')), /denied the request/);
    assert.ok(scene.images.registry.requests.length - before < 200);
  });
});

describe('every way to run an image', () => {
  const container = (image: string): object => ({ name: 'x', image });
  const ways: Readonly<Record<string, (image: string) => object>> = {
    'a container that starts it': (image) => ({ initContainers: [container(image)] }),
    'a sidecar': (image) => ({ initContainers: [{ ...container(image), restartPolicy: 'Always' }] }),
    'a container to look into it': (image) => ({ ephemeralContainers: [container(image)] }),
    'a volume': (image) => ({ volumes: [{ name: 'v', image: { reference: image } }] }),
    'a second container': (image) => ({ containers: [container('ghcr.io/other/app:1'), container(image)] }),
  };
  for (const [what, way] of Object.entries(ways)) {
    test(`${what} of a Pod`, async () => {
      await using scene = await guardedScene();
      const { cluster, name, images } = scene;
      const pod = (at: string, image: string): NewObject => podOfImages(at, ['ghcr.io/other/app:1'], way(name(image)));
      await assert.rejects(cluster.client.create(pods, pod('evil', 'team/evil:v1')), /denied.*team\/evil:v1/s);
      const made = await cluster.client.create(pods, pod('good', 'team/app:v1'));
      assert.ok(JSON.stringify(made).includes(`${name('team/app:v1')}@${images.digest}`));
    });
  }

  test('a container that is added to look into a running Pod', async () => {
    await using scene = await guardedScene();
    const { cluster, name, images } = scene;
    await cluster.client.create(pods, podOfImages('running', ['ghcr.io/other/app:1']));
    const add = (image: string): Promise<KubernetesObject> =>
      cluster.client.patch(
        pods,
        'running',
        {
          kind: 'merge',
          body: { spec: { ephemeralContainers: [container(name(image))] } },
          subresource: 'ephemeralcontainers',
        },
        here,
      );
    await assert.rejects(add('team/evil:v1'), /denied.*team\/evil:v1/s);
    assert.ok(JSON.stringify(await add('team/app:v1')).includes(String(images.digest)));
  });

  test('what makes Pods, by itself, at a time, and with none for now', async () => {
    await using scene = await guardedScene();
    const { cluster, name, images } = scene;
    const template = (image: string): object => ({ metadata: {}, spec: { containers: [container(name(image))] } });
    const kinds = {
      deployment: [deployments, 'apps/v1', (image: string) => ({ template: template(image) })],
      none: [deployments, 'apps/v1', (image: string) => ({ replicas: 0, template: template(image) })],
      cron: [cronJobs, 'batch/v1', (image: string) => ({ jobTemplate: { spec: { template: template(image) } } })],
    } as const;
    for (const [at, [type, apiVersion, spec]] of Object.entries(kinds)) {
      const object = (image: string): NewObject => ({
        apiVersion,
        kind: type.kind,
        metadata: { name: at, namespace: 'default' },
        spec: spec(image),
      });
      await assert.rejects(cluster.client.create(type, object('team/evil:v1')), /denied.*team\/evil:v1/s, at);
      const made = await cluster.client.create(type, object('team/app:v1'));
      assert.ok(JSON.stringify(made).includes(`${name('team/app:v1')}@${images.digest}`), at);
    }
  });

  test('another spelling of the same image', async () => {
    await using scene = await guardedScene();
    const { create, name, images } = scene;
    const evil = storeImage(images.registry.store, 'team/app', 'v2', makeSyntheticImage([{ evil: '2' }]));
    for (const spelling of [`team/app:v1@${evil}`, `team/app@${evil}`, 'team/app:v2', 'team/app']) {
      await assert.rejects(create(name(spelling)), /denied|invalid/i, spelling);
    }
    assert.deepEqual(await create(name(`team/app:v2@${images.digest}`)), [name(`team/app:v2@${images.digest}`)]);
  });
});

describe('what an object says of itself', () => {
  const claims = (image: string): object => ({
    annotations: {
      'kyverno.io/verify-images': JSON.stringify({ [image]: 'pass' }),
      'kyverno.io/image-verification-outcomes': JSON.stringify({ 'check-image': { status: 'pass' } }),
      'kyverno.io/verify-images.check-image': 'true',
    },
    labels: { 'app.kubernetes.io/managed-by': 'kyverno', 'securesystemsengineering.connaisseur/webhook': 'ignore' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'approved', uid: 'u', controller: true }],
  });

  test('that it was verified, and whose child it is, counts for nothing when it is made', async () => {
    await using scene = await guardedScene();
    const { cluster, name, images } = scene;
    const evil = name('team/evil:v1');
    const pod = podOfImages('claims', [evil]);
    const claiming = { ...pod, metadata: { ...pod.metadata, ...claims(evil) } } as NewObject;
    await assert.rejects(cluster.client.create(pods, claiming), /denied.*team\/evil:v1/s);
    const good = podOfImages('good', [name('team/app:v1')]);
    const made = await cluster.client.create(pods, {
      ...good,
      metadata: { ...good.metadata, ...claims(evil) },
    });
    // What stands there afterwards is what was verified here.
    assert.deepEqual(JSON.parse(made.metadata.annotations?.['kyverno.io/verify-images'] ?? ''), {
      [`${name('team/app:v1')}@${images.digest}`]: 'pass',
    });
  });

  test('nor when it is changed', async () => {
    await using scene = await guardedScene();
    const { cluster, name } = scene;
    const evil = name('team/evil:v1');
    await cluster.client.create(pods, podOfImages('good', [name('team/app:v1')]));
    const body = { metadata: claims(evil), spec: { containers: [{ name: 'c0', image: evil }] } };
    await assert.rejects(cluster.client.patch(pods, 'good', { kind: 'merge', body }, here), /denied.*team\/evil/s);
  });

  test('nor what its namespace is called by whoever made it', async () => {
    await using scene = await guardedScene();
    const { cluster, name } = scene;
    const labels = {
      'policy.sigstore.dev/exclude': 'true',
      'securesystemsengineering.connaisseur/webhook': 'ignore',
      'kyverno.io/exclude': 'true',
    };
    cluster.api.seed(namespaces, { metadata: { name: 'free', labels } });
    const pod = podOfImages('evil', [name('team/evil:v1')]);
    await assert.rejects(
      cluster.client.create(pods, { ...pod, metadata: { name: 'evil', namespace: 'free' } }),
      /denied.*team\/evil/s,
    );
  });

  test('what is being deleted may go, and may run nothing else', async () => {
    await using scene = await guardedScene();
    const { cluster, name } = scene;
    const pod = podOfImages('going', [name('team/app:v1')]);
    await cluster.client.create(pods, { ...pod, metadata: { ...pod.metadata, finalizers: ['example.org/hold'] } });
    await cluster.client.remove(pods, 'going', here);
    const body = { spec: { containers: [{ name: 'c0', image: name('team/evil:v1') }] } };
    await assert.rejects(cluster.client.patch(pods, 'going', { kind: 'merge', body }, here), /denied.*team\/evil/s);
    await cluster.client.patch(pods, 'going', { kind: 'merge', body: { metadata: { finalizers: null } } }, here);
    assert.equal(await cluster.client.get(pods, 'going', here), undefined);
  });
});

describe('what cannot be looked at', () => {
  test('the labels of the namespace: nobody passes over what may be guarded', async () => {
    await using scene = await guardedScene();
    const { cluster, create, lab, name } = scene;
    const match = {
      any: [{ resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { guarded: 'yes' } } } }],
    };
    await lab.policies(policyText(scene, { rule: { match } }));
    const broken = { kind: 'status', status: 500, reason: 'InternalError', message: 'no etcd' } as const;
    cluster.api.faults.inject(broken, {
      when: ({ resource, verb }) => resource === 'namespaces' && verb !== 'create',
      times: Number.POSITIVE_INFINITY,
    });
    await assert.rejects(create(name('team/evil:v1')), /denied the request/);
    await assert.rejects(create('ghcr.io/other/app:1'), /denied the request/);
    cluster.api.faults.clear();
  });

  test('an object that cannot get the digest is denied, not let in without', async () => {
    await using scene = await guardedScene();
    const pod = podOfImages('odd', [scene.name('team/app:v1')]);
    const { allowed, message, patch } = await askReview(scene, {
      ...pod,
      metadata: { ...pod.metadata, annotations: ['none'] },
    });
    assert.deepEqual([allowed, patch], [false, undefined]);
    assert.match(message, /PATCH_IMPOSSIBLE/);
  });

  test('an image within a policy that lets pass what it cannot judge: that is told', async () => {
    await using scene = await guardedScene({ failurePolicies: ['fail', 'ignore'], timeoutSeconds: 1 });
    const { lab, images, name, create } = scene;
    await lab.policies(policyText(scene, { spec: { failurePolicy: 'Ignore' } }));
    await assert.rejects(create(name('team/evil:v1')), /denied the request/);
    images.registry.faults.add({ kind: 'hang', path: '/v2/team/' });
    lab.admission.images.forget();
    const asked = podOfImages('slow', [name('team/other:v1')]);
    const { allowed, warnings, auditAnnotations } = await askReview(scene, asked, '/mutate/ignore?timeout=1s');
    assert.equal(allowed, true);
    assert.match(warnings.join('\n'), /took longer than the request may take/);
    assert.match(JSON.stringify(auditAnnotations), /undecided/);
  });
});

test('the credentials of one registry are shown to no other, whatever the other asks for', async () => {
  await using evil = await startTestRegistry({ auth: 'basic', username: 'x', password: 'y' });
  const login = { username: 'sailor', password: 'hold-fast' };
  await using scene = await openAdmissionScene({ registry: { auth: 'basic', ...login } });
  const { cluster, images, lab, name, create } = scene;
  await images.signByTag(mine);
  storeImage(evil.store, 'team/app', 'v1', makeSyntheticImage([{ a: '1' }]));
  const auths = { [images.registry.host]: login };
  const config = Buffer.from(JSON.stringify({ auths })).toString('base64');
  cluster.api.seed(secrets, {
    metadata: { name: 'pull', namespace: 'default' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': config },
  });
  cluster.api.seed(serviceAccounts, {
    metadata: { name: 'default', namespace: 'default' },
    imagePullSecrets: [{ name: 'pull' }],
  });
  const references = [name('team/*'), `${evil.host}/team/*`];
  await lab.policies(policyText(scene, { references, entry: { attestors: [attestorOf(mine)] } }));
  assert.deepEqual(await create(name('team/app:v1')), [`${name('team/app:v1')}@${images.digest}`]);
  await assert.rejects(create(`${evil.host}/team/app:v1`, name('team/app:v1')), /denied the request/);
  assert.ok(evil.requests.length > 0);
  assert.deepEqual([...new Set(evil.requests.map(({ authorization }) => authorization))], [undefined]);
});

/** What the webhook itself answers to a review of an object that is to be made. */
async function askReview(
  { lab }: AdmissionScene,
  object: object,
  path = '/mutate/fail?timeout=1s',
): Promise<{
  readonly allowed: boolean;
  readonly message: string;
  readonly patch: string | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: object;
}> {
  using client = openClient('HTTP/1.1', lab.port, lab.authority);
  const pod = { group: '', version: 'v1' };
  const request = {
    uid: 'u-1',
    kind: { ...pod, kind: 'Pod' },
    resource: { ...pod, resource: 'pods' },
    operation: 'CREATE',
    name: 'asked',
    namespace: 'default',
    userInfo: { username: 'mallory' },
    object,
    dryRun: false,
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const { status, body } = await client.send({ path, body: Buffer.from(JSON.stringify(review)) });
  assert.equal(status, 200, body);
  const { response } = JSON.parse(body) as {
    response: {
      allowed: boolean;
      status?: { message: string };
      patch?: string;
      warnings?: readonly string[];
      auditAnnotations?: object;
    };
  };
  const { allowed, status: said, patch, warnings = [], auditAnnotations = {} } = response;
  return { allowed, message: said?.message ?? '', patch, warnings, auditAnnotations };
}
