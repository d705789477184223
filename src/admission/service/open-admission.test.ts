import { openClient } from '../../../testing/admission/review-client.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAdmissionScene, podOfImages } from '../../../testing/admission/admission-scene.ts';
import { pemOfKey } from '../../../testing/evidence/check-signers.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { localSigner } from '../../signing/key/local-signer.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { predicateTypes } from '../../signing/statement/predicate-type.ts';

const mine = localSigner((await generateKeyPair()).privateKey);
const theirs = localSigner((await generateKeyPair()).privateKey);
const { pods, namespaces } = builtInTypes;

function clusterPolicy(host: string, more = ''): string {
  const key = pemOfKey(mine.publicKey.spki).trim().split('\n').join('\n                      ');
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: check-image
spec:
  validationFailureAction: Enforce
  webhookTimeoutSeconds: 30
  rules:
    - name: check-image
      match:
        any:
          - resources: {kinds: [Pod]}
      verifyImages:
        - imageReferences: ["${host}/team/*"]
          attestors:
            - entries:
                - keys:
                    publicKeys: |-
                      ${key}
                    rekor: {url: https://rekor.example, ignoreTlog: true}
${more}`;
}

test("a user's ClusterPolicy works unchanged: what is signed is admitted by its digest, what is not is denied", async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  await lab.policies(clusterPolicy(images.registry.host));
  await assert.rejects(create(name('team/app:v1')), (error: Error) => {
    assert.match(error.message, /admission webhook "mutate\.seaworthy\.svc" denied the request:/);
    assert.match(error.message, /resource Pod\/default\/pod-1 was blocked due to the following policies/);
    assert.match(
      error.message,
      /check-image:\s+check-image: 'failed to verify image \S+team\/app:v1: \.attestors\[0\]/,
    );
    return true;
  });
  await images.signByTag(theirs);
  lab.admission.images.forget();
  await assert.rejects(create(name('team/app:v1')), /denied/);
  await images.signByTag(mine);
  lab.admission.images.forget();
  assert.deepEqual(await create(name('team/app:v1')), [`${name('team/app:v1')}@${images.digest}`]);
  // What no policy is about passes as it is.
  assert.deepEqual(await create('ghcr.io/other/app:1'), ['ghcr.io/other/app:1']);
});

test('each container is judged, and one that is not signed takes the whole pod with it', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  await lab.policies(clusterPolicy(images.registry.host));
  await images.signByTag(mine);
  storeImage(images.registry.store, 'team/other', 'v1', makeSyntheticImage([{ b: '2' }]));
  await assert.rejects(create(name('team/app:v1'), name('team/other:v1')), /team\/other:v1/);
  assert.equal((await create(name('team/app:v1'), name('team/app:v1'))).length, 2);
});

test('a tag that moves between the two webhooks and the node changes nothing: the digest that was verified runs', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  await lab.policies(clusterPolicy(images.registry.host));
  await images.signByTag(mine);
  const pinned = `${name('team/app:v1')}@${images.digest}`;
  assert.deepEqual(await create(name('team/app:v1')), [pinned]);
  storeImage(images.registry.store, 'team/app', 'v1', makeSyntheticImage([{ evil: '1' }]));
  assert.deepEqual(await create(pinned), [pinned]);
});

test('a hundred pods of one image are one look at its registry', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  await lab.policies(clusterPolicy(images.registry.host));
  await images.signByTag(mine);
  const before = images.registry.requests.length;
  await Promise.all(Array.from({ length: 100 }, () => create(name('team/app:v1'))));
  const asked = images.registry.requests.slice(before).filter(({ path }) => path !== '/v2/');
  assert.ok(asked.length <= 4, asked.map(({ path }) => path).join('\n'));
});

test('a statement must say what the policy wants of it', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  const key = pemOfKey(mine.publicKey.spki).trim().split('\n').join('\n                          ');
  await lab.policies(
    clusterPolicy(
      images.registry.host,
      `          attestations:
            - type: ${predicateTypes.slsaprovenance1}
              attestors:
                - entries:
                    - keys:
                        publicKeys: |-
                          ${key}
                        rekor: {url: https://rekor.example, ignoreTlog: true}
              conditions:
                - all:
                    - {key: "{{ buildDefinition.buildType }}", operator: Equals, value: "https://ci.example/*"}
`,
    ),
  );
  await images.signByTag(mine);
  await images.attest(mine, predicateTypes.slsaprovenance1, {
    buildDefinition: { buildType: 'https://evil.example/x' },
  });
  await assert.rejects(create(name('team/app:v1')), /attestation/);
});

test('our own policies and those of Kyverno are asked together, and each says what it has to say', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, create, name } = scene;
  const own = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: sources}
spec:
  enforcement: warn
  sources: {allow: ["ghcr.io/**"]}
`;
  await lab.policies(clusterPolicy(images.registry.host), own);
  await assert.rejects(create(name('team/app:v1')), /check-image/);
  await images.signByTag(mine);
  lab.admission.images.forget();
  assert.equal((await create(name('team/app:v1'))).length, 1);
});

test('without policies that were read nothing is ready, and without a policy for it nothing is denied', async () => {
  await using scene = await openAdmissionScene();
  const { lab, create } = scene;
  assert.equal(lab.admission.policies.isLoaded, false);
  // Whoever asks all the same is not told that nothing is wrong.
  await assert.rejects(create('nginx'), /could not judge this object \(POLICIES_UNKNOWN\)/);
  await lab.policies();
  assert.deepEqual(await create('nginx'), ['nginx']);
});

test('an object that goes is let go, and an image that changes while it goes is judged', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, name, cluster } = scene;
  const pod = podOfImages('going', [name('team/app:v1')]);
  const held = { ...pod, metadata: { ...pod.metadata, finalizers: ['example.org/hold'] } };
  await lab.policies();
  await cluster.client.create(pods, held);
  await lab.policies(clusterPolicy(images.registry.host));
  await cluster.client.remove(pods, 'going', { namespace: 'default' });
  const image = [{ op: 'replace', path: '/spec/containers/0/image', value: name('team/app:v2') }];
  const where = { namespace: 'default' };
  await assert.rejects(cluster.client.patch(pods, 'going', { kind: 'json', body: image }, where), /denied/);
  const finalizers = [{ op: 'remove', path: '/metadata/finalizers' }];
  await cluster.client.patch(pods, 'going', { kind: 'json', body: finalizers }, where);
  assert.equal(await cluster.client.get(pods, 'going', where), undefined);
});

test('pods of excepted namespaces are not judged', async () => {
  await using scene = await openAdmissionScene();
  const { images, lab, cluster, name } = scene;
  await lab.policies(clusterPolicy(images.registry.host));
  assert.ok(await cluster.client.get(namespaces, 'kube-system'));
  const pod = podOfImages('system', [name('team/app:v1')]);
  await cluster.client.create(pods, { ...pod, metadata: { name: 'system', namespace: 'kube-system' } });
});

test('without any ClusterImagePolicy, images are denied in the namespaces that opted in, where no policy is to deny', async () => {
  await using scene = await openAdmissionScene({ settings: { policyController: { optIn: true, noMatch: 'deny' } } });
  const { lab, cluster, create } = scene;
  await lab.policies();
  assert.deepEqual(await create('nginx'), ['nginx']);
  const opted = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'opted', labels: { 'policy.sigstore.dev/include': 'true' } },
  };
  await cluster.client.create(namespaces, opted);
  const pod = podOfImages('web', ['nginx']);
  const inside = { ...pod, metadata: { ...pod.metadata, namespace: 'opted' } };
  await assert.rejects(cluster.client.create(pods, inside), /no-match-policy: 'no matching policies: nginx; write a/);
});

test('a rule about a subresource of a kind that is called irregularly is asked about it', async () => {
  await using scene = await openAdmissionScene();
  const { cluster, lab } = scene;
  const version = { name: 'v1', served: true, storage: true, subresources: { scale: {} } };
  cluster.api.seed(builtInTypes.customResourceDefinitions, {
    metadata: { name: 'octopodes.sea.example' },
    spec: {
      group: 'sea.example',
      names: { plural: 'octopodes', kind: 'Octopus' },
      scope: 'Namespaced',
      versions: [version],
    },
  });
  await lab.policies(`apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: few-arms}
spec:
  validationFailureAction: Enforce
  rules:
    - name: few-arms
      match: {any: [{resources: {kinds: [Octopus/scale]}}]}
      validate: {message: no more arms, deny: {}}
`);
  using client = openClient('HTTP/1.1', lab.port, lab.authority);
  const request = {
    uid: 'u-1',
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    resource: { group: 'sea.example', version: 'v1', resource: 'octopodes' },
    subResource: 'scale',
    operation: 'UPDATE',
    name: 'paul',
    namespace: 'default',
    userInfo: { username: 'mallory' },
    object: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'paul' }, spec: { replicas: 8 } },
    oldObject: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'paul' }, spec: { replicas: 1 } },
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const { body } = await client.send({ path: '/validate/fail?timeout=10s', body: Buffer.from(JSON.stringify(review)) });
  assert.match(body, /"allowed":false.*no more arms/s);
});
