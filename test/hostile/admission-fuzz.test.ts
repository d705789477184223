import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { attestorOf } from '../../testing/admission/admission-scene.ts';
import { readReview, reviewNames } from '../../testing/admission/read-review.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { ImageJudge } from '../../src/admission/image/image-judge.ts';
import { imageLimits } from '../../src/admission/image/limits.ts';
import type { ImageSource } from '../../src/admission/image/model.ts';
import { NameMemory } from '../../src/admission/image/name-memory.ts';
import { encodeAnswer } from '../../src/admission/review/answer.ts';
import { parseReview } from '../../src/admission/review/parse-review.ts';
import { reviewJudge } from '../../src/admission/service/review-judge.ts';
import { KeyedPolicies } from '../../src/admission/source/keyed-policies.ts';
import { isSeaworthyError } from '../../src/base/error.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { compileTexts } from '../../src/policy/dialects/compile-texts.ts';
import type { Gathered, SignatureCheck } from '../../src/policy/evidence.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';
import { strictStyle } from '../../src/policy/kyverno/style.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';

const attestors = [attestorOf(localSigner((await generateKeyPair()).privateKey))];
const now = Date.UTC(2026, 0, 1);
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);

const image = fc.oneof(
  fc.constantFrom(
    'nginx',
    'GHCR.io:443/Org/app',
    `ghcr.io/org/app:1@${digest}`,
    'ghcr.io/org/app@sha256:12',
    '[::1]:5000/a',
    'a/b.:x',
    '{{ request.object }}',
    '',
    '*',
    `ghcr.io/org/${'a'.repeat(300)}`,
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const anything = fc.jsonValue({ maxDepth: 3, depthSize: 'small' });
const container = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constantFrom('a', 'b'),
      image: fc.oneof({ weight: 9, arbitrary: image }, anything),
    }),
  },
  { weight: 1, arbitrary: anything },
);
const podSpec = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        containers: fc.array(container, { maxLength: 3 }),
        initContainers: fc.oneof({ weight: 5, arbitrary: fc.array(container, { maxLength: 2 }) }, anything),
        ephemeralContainers: fc.array(container, { maxLength: 2 }),
        volumes: fc.array(
          fc.oneof(fc.record({ name: fc.string(), image: fc.record({ reference: image }) }), anything),
          {
            maxLength: 2,
          },
        ),
        imagePullSecrets: anything,
        serviceAccountName: anything,
      },
      { requiredKeys: ['containers'] },
    ),
  },
  { weight: 1, arbitrary: anything },
);
const metadata = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        name: fc.string({ maxLength: 5 }),
        labels: fc.oneof(fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }), anything),
        annotations: fc.oneof(
          { weight: 9, arbitrary: fc.constant({ 'kyverno.io/verify-images': '{"nginx":"pass"}' }) },
          anything,
        ),
        deletionTimestamp: fc.constant('2026-01-01T00:00:00Z'),
        ownerReferences: anything,
      },
      { requiredKeys: [] },
    ),
  },
  anything,
);
const usual = fc.constantFrom('nginx:1', 'ghcr.io/other/app:2', 'ghcr.io/a/b');
const usualPod = fc.array(usual, { minLength: 1, maxLength: 2 }).map((images) => ({
  metadata: { name: 'x' },
  spec: { containers: images.map((each) => ({ name: 'a', image: each })) },
}));
const object = fc.oneof(
  { weight: 8, arbitrary: usualPod },
  { weight: 8, arbitrary: fc.record({ metadata, spec: podSpec }) },
  { weight: 2, arbitrary: fc.record({ metadata, spec: fc.record({ template: fc.record({ spec: podSpec }) }) }) },
  { weight: 1, arbitrary: anything },
);
const kind = fc.constantFrom(
  { group: '', version: 'v1', kind: 'Pod', resource: 'pods' },
  { group: '', version: 'v1', kind: 'Pod', resource: 'pods' },
  { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments' },
  { group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs' },
  { group: 'constructor', version: '__proto__', kind: 'toString', resource: 'x' },
);
const made = fc
  .record({
    kind,
    object: fc.option(object, { freq: 20 }),
    oldObject: fc.option(object, { freq: 20 }),
    operation: fc.constantFrom('CREATE', 'CREATE', 'CREATE', 'CREATE', 'UPDATE', 'UPDATE', 'DELETE', 'CONNECT'),
    subResource: fc.constantFrom('', '', '', '', 'ephemeralcontainers', 'scale'),
    dryRun: fc.boolean(),
    namespace: fc.constantFrom('', 'default'),
    userInfo: fc.oneof({ weight: 9, arbitrary: fc.constant({ username: 'a', groups: ['b'] }) }, anything),
  })
  .map(({ kind: { resource, ...of }, ...rest }) => {
    const { group, version } = of;
    const request = { uid: 'u', kind: of, resource: { group, version, resource }, name: 'x', ...rest };
    return Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }));
  });
const review = fc.oneof(
  { weight: 12, arbitrary: made },
  { weight: 1, arbitrary: fc.constantFrom(...reviewNames).map(readReview) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
);

const condition = fc.record({
  key: fc.constantFrom('{{ builder.id }}', '{{ request.object.metadata }}', '{{ x }}', '{{ images }}', 'a'),
  operator: fc.constantFrom('Equals', 'AnyIn', 'GreaterThan', 'NotEquals'),
  value: fc.oneof(fc.string(), fc.integer(), fc.constant('{{ y.data }}')),
});
const entry = fc.record(
  {
    imageReferences: fc.array(fc.constantFrom('*', 'ghcr.io/*', 'docker.io/*', '[::1]*'), {
      minLength: 1,
      maxLength: 2,
    }),
    attestors: fc.constant(attestors),
    attestations: fc.array(
      fc.record({
        type: fc.constant('https://slsa.dev/provenance/v1'),
        attestors: fc.constant(attestors),
        conditions: fc.array(fc.record({ all: fc.array(condition, { maxLength: 2 }) }), { maxLength: 1 }),
      }),
      { maxLength: 1 },
    ),
    mutateDigest: fc.boolean(),
    verifyDigest: fc.boolean(),
    required: fc.boolean(),
    skipImageReferences: fc.constant(['ghcr.io/org/*']),
  },
  { requiredKeys: ['imageReferences'] },
);
const rule = fc
  .record(
    {
      match: fc.constantFrom<object>(
        { any: [{ resources: { kinds: ['Pod'] } }] },
        { any: [{ resources: { kinds: ['Pod'] } }] },
        { any: [{ resources: { kinds: ['Pod'] } }] },
        { any: [{ resources: { kinds: ['*/*'], namespaceSelector: { matchLabels: { a: 'b' } } } }] },
        { any: [{ resources: { kinds: ['Pod', 'Deployment'] }, clusterRoles: ['edit'] }] },
      ),
      context: fc.constantFrom<readonly object[]>(
        [{ name: 'x', variable: { jmesPath: 'request.object.metadata.labels.app', default: 'ghcr.io' } }],
        [{ name: 'y', configMap: { name: 'keys', namespace: 'default' } }],
        [{ name: 'x', apiCall: { urlPath: '/api/v1/namespaces/{{ request.namespace }}/pods' } }],
        [{ name: 'x', imageRegistry: { reference: '{{ request.object.spec.containers[0].image }}' } }],
      ),
      preconditions: fc.oneof(
        { weight: 3, arbitrary: fc.constant({ all: [] }) },
        fc.record({ all: fc.array(condition, { maxLength: 2 }) }),
      ),
      verifyImages: fc.array(entry, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['match', 'verifyImages'] },
  )
  .map((parts) => ({ name: 'r', ...parts }));
const policy = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 1 }),
    failurePolicy: fc.constantFrom('Fail', 'Fail', 'Fail', 'Ignore'),
    background: fc.constant(false),
    validationFailureAction: fc.constantFrom('Enforce', 'Enforce', 'Enforce', 'Audit'),
  })
  .map((spec) => ({ apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'p' }, spec }));

function gathered<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Gathered<Value>> {
  return fc.oneof(
    { weight: 6, arbitrary: value.map((each) => ({ state: 'known', value: each, at: now }) as const) },
    fc.constant({ state: 'absent', at: now } as const),
    fc.constant({ state: 'unavailable', reason: 'no answer' } as const),
  );
}
const check: fc.Arbitrary<SignatureCheck> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<SignatureCheck>({ verified: true, by: ['key'] }) },
  fc.constant<SignatureCheck>({ verified: false, why: 'no' }),
);
const world = fc.record({
  name: gathered(fc.constant(digest)),
  signature: gathered(check),
  fact: gathered(anything),
  secrets: gathered(fc.constant<readonly string[]>(['default/pull'])),
});

test('whatever an API server and its policies say, a review is answered, and patched only where it may be', async () => {
  const seen = { allowed: 0, denied: 0, patched: 0, refused: 0, policies: 0 };
  const clock = { ...instantClock(), now: () => now };
  const settings = { kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno' } };
  const property = fc.asyncProperty(
    review,
    policy,
    world,
    fc.constantFrom('mutate', 'validate'),
    async (bytes, document, { name, signature, fact, secrets }, phase) => {
      const { policies } = await compileTexts([{ file: 'p.yaml', text: JSON.stringify(document) }], settings);
      seen.policies += policies.length;
      const source: ImageSource = {
        revision: () => '1',
        trusted: () => '1',
        resolve: async () => name,
        gather: async ({ policy: asked, image: of, gate }) => {
          const { reference } = of;
          const { repository, registry } = reference;
          const subject = { gate, registry, repository, source: 's', digest: of.digest, kind: 'image' } as const;
          const signatures = Object.fromEntries(asked.policy.signers.map((signer) => [signer.name, signature]));
          return [{ evidence: { subject, now, signatures } }];
        },
      };
      const judge = reviewJudge({
        facts: { look: async () => fact as Gathered<never>, pullSecrets: async () => secrets },
        names: new NameMemory(source, clock, imageLimits),
        images: new ImageJudge({ source, clock, times: imageLimits }),
        keys: new KeyedPolicies(() => Promise.reject(new Error('no keys')), clock),
        clock,
        policies: () => policies,
        passesOver: () => false,
        startTimer: () => () => undefined,
        hasOwnWebhooks: false,
      });
      const { signal } = new AbortController();
      const failurePolicy = document.spec.failurePolicy === 'Fail' ? 'fail' : 'ignore';
      try {
        const request = parseReview(bytes);
        const answer = await judge(request, { phase, failurePolicy, signal, timeLeft: 10_000 });
        const { response } = JSON.parse(encodeAnswer(request.uid, answer).toString()) as {
          response: { allowed: unknown };
        };
        assert.equal(response.allowed, answer.allowed);
        const isPatched = (answer.patch ?? []).length > 0;
        assert.ok(!isPatched || (answer.allowed && phase === 'mutate'));
        seen[answer.allowed ? 'allowed' : 'denied'] += 1;
        if (isPatched) seen.patched += 1;
      } catch (error) {
        assert.ok(isSeaworthyError(error), String(error instanceof Error ? error.stack : error));
        seen.refused += 1;
      }
    },
  );
  await fc.assert(property, { numRuns: 400 });
  // All ways are gone, or nothing was tried. That something is patched hangs on too much to be counted on.
  const { patched: _patched, ...counted } = seen;
  for (const [way, count] of Object.entries(counted)) assert.ok(count > 2, `${way}: ${JSON.stringify(seen)}`);
});
