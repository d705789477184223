import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { readKyvernoPolicies } from './document/read-documents.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { judgedBy, kyvernoPolicies, signedByTester, subjectOf } from '../../../testing/policy/kyverno.ts';

/** Shapes of policies about images that people publish, in words of our own. */
const shapes = {
  registries: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: Unknown image registry.
      pattern:
        spec:
          =(ephemeralContainers): [{image: "ghcr.io/* | registry.example.com/*"}]
          =(initContainers): [{image: "ghcr.io/* | registry.example.com/*"}]
          containers: [{image: "ghcr.io/* | registry.example.com/*"}]`,
  digests: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: Use a digest in {{ request.object.metadata.name }}.
      foreach:
        - list: "request.object.spec.[ephemeralContainers, initContainers, containers][]"
          pattern: {image: "*@*"}`,
  volumes: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: "Volume image {{ element.image.reference }} is not allowed."
      foreach:
        - list: "request.object.spec.volumes[?image]"
          deny: {conditions: {all: [{key: "{{ element.image.reference }}", operator: AnyNotIn, value: ["ghcr.io/*"]}]}}`,
  parts: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    preconditions: {all: [{key: "{{ request.operation || 'BACKGROUND' }}", operator: NotEquals, value: DELETE}]}
    validate:
      message: Tags must be versions.
      deny:
        conditions:
          any:
            - {key: "{{ images.[containers, initContainers, ephemeralContainers][].*.tag[] | [?@ == 'latest'] | length(@) }}", operator: GreaterThan, value: 0}`,
  expression: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      cel:
        variables: [{name: all, expression: "object.spec.containers + object.spec.?initContainers.orValue([])"}]
        expressions: [{expression: "variables.all.all(c, c.image.matches('^[^/]+[.][^/]+/'))", message: name a registry}]`,
  root: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: "{{ element.image }} runs as root"
      foreach:
        - list: request.object.spec.containers
          context:
            - {name: data, imageRegistry: {reference: "{{ element.image }}", jmesPath: "{user: configData.config.User || ''}"}}
          deny: {conditions: {all: [{key: "{{ data.user }}", operator: AnyIn, value: ["", "0", root]}]}}`,
  signed: `
    match: {any: [{resources: {kinds: [Pod]}}]}
    ${signedByTester}`,
} as const;

type Shape = keyof typeof shapes;

function policyOf(shape: Shape): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: images}
spec:
  validationFailureAction: Enforce
  rules:
  - name: check${shapes[shape]}
`;
}

const digest = `@sha256:${'a'.repeat(64)}`;

interface Images {
  readonly containers: readonly string[];
  readonly init?: readonly string[];
  readonly ephemeral?: readonly string[];
  readonly volumes?: readonly string[];
}

function podSpec({ containers, init, ephemeral, volumes }: Images): object {
  const listOf = (name: string, images: readonly string[] | undefined): object =>
    images === undefined ? {} : { [name]: images.map((image, at) => ({ name: `${name}-${at}`, image })) };
  return {
    ...listOf('containers', containers),
    ...listOf('initContainers', init),
    ...listOf('ephemeralContainers', ephemeral),
    ...(volumes === undefined
      ? {}
      : {
          volumes: [
            { name: 'data', emptyDir: {} },
            ...volumes.map((reference) => ({ name: 'v', image: { reference } })),
          ],
        }),
  };
}

/** What holds the pods, by the kind of it. */
const wrapped: Readonly<Record<string, (spec: object) => object>> = {
  Pod: (spec) => ({ metadata: { name: 'web' }, spec }),
  Deployment: (spec) => ({ metadata: { name: 'web' }, spec: { template: { metadata: { name: 'web' }, spec } } }),
  CronJob: (spec) => ({ spec: { jobTemplate: { spec: { template: { metadata: { name: 'web' }, spec } } } } }),
};

const users = {
  'imageData docker.io/app:latest https  ': { configData: { config: { User: 'app' } } },
  'imageData docker.io/root:latest https  ': { configData: { config: {} } },
};

const cases: readonly (readonly [shape: Shape, images: Images, message: RegExp | undefined])[] = [
  ['registries', { containers: ['ghcr.io/a'] }, undefined],
  ['registries', { containers: ['ghcr.io/a'], init: ['registry.example.com/b'], ephemeral: ['ghcr.io/c'] }, undefined],
  [
    'registries',
    { containers: ['docker.io/a'] },
    /^validation error: Unknown image registry\. rule \S+ failed at path \S+\/containers\/0\/image\/$/,
  ],
  ['registries', { containers: ['ghcr.io/a'], init: ['b'] }, /initContainers\/0\/image\/$/],
  [
    'registries',
    { containers: ['ghcr.io/a'], ephemeral: ['ghcr.io/b', 'ghcr.io.evil.example/c'] },
    /ephemeralContainers\/1\/image\/$/,
  ],
  ['digests', { containers: [`a${digest}`], init: [`b${digest}`] }, undefined],
  [
    'digests',
    { containers: [`a${digest}`], init: ['b:1'] },
    /^validation failure: validation error: Use a digest in web\. rule \S+ failed at path \/image\/$/,
  ],
  ['digests', { containers: [`a${digest}`], ephemeral: ['b:1'] }, /failed at path \/image\/$/],
  ['volumes', { containers: ['a'], volumes: ['ghcr.io/model:1'] }, undefined],
  [
    'volumes',
    { containers: ['a'], volumes: ['ghcr.io/model:1', 'evil/model'] },
    /Volume image evil\/model is not allowed/,
  ],
  ['parts', { containers: ['a:1'], init: ['b:2'] }, undefined],
  ['parts', { containers: ['a:1'], init: ['b'] }, /Tags must be versions/],
  ['parts', { containers: ['a:1'], ephemeral: ['b:latest'] }, /Tags must be versions/],
  ['expression', { containers: ['ghcr.io/a'] }, undefined],
  ['expression', { containers: ['ghcr.io/a'], init: ['b'] }, /^name a registry$/],
  ['root', { containers: ['app'] }, undefined],
  ['root', { containers: ['app', 'root'] }, /^validation failure: root runs as root$/],
  ['signed', { containers: ['signed'], init: ['signed'] }, undefined],
  ['signed', { containers: ['signed'], volumes: ['unsigned'] }, /failed to verify image docker\.io\/unsigned:latest/],
];

describe('policies as people publish them', () => {
  for (const [shape, images, message] of cases) {
    for (const kind of Object.keys(wrapped)) {
      test(`${shape}: ${JSON.stringify(images)} of a ${kind}`, async () => {
        const policies = await kyvernoPolicies(policyOf(shape));
        const { verdict } = judgedBy(policies, subjectOf(kind, wrapped[kind]?.(podSpec(images)) ?? {}), users);
        const told = verdict.results.map((each) => `${each.outcome}: ${each.message}`).join();
        assert.equal(verdict.allowed, message === undefined, told);
        assert.equal(verdict.results.length, 1, told);
        if (message !== undefined) assert.match(verdict.results[0]?.message ?? '', message);
      });
    }
  }
});

test('a container that is added to a running pod is judged', async () => {
  const object = { metadata: { name: 'web' }, spec: podSpec({ containers: ['ghcr.io/a'], ephemeral: ['busybox'] }) };
  const more = { operation: 'UPDATE', subresource: 'ephemeralcontainers' } as const;
  const { verdict } = judgedBy(await kyvernoPolicies(policyOf('registries')), subjectOf('Pod', object, more));
  assert.equal(verdict.allowed, false);
});

test('an object that is being deleted is judged', async () => {
  const old = {
    metadata: { name: 'web', deletionTimestamp: '2026-11-27T12:00:00Z', finalizers: ['x'] },
    spec: podSpec({ containers: ['ghcr.io/a'] }),
  };
  const object = { ...old, spec: podSpec({ containers: ['evil'] }) };
  const policies = await kyvernoPolicies(policyOf('registries'));
  const allowed = (changed: object): boolean => {
    const more = { operation: 'UPDATE', oldObject: subjectOf('Pod', old).object } as const;
    return judgedBy(policies, subjectOf('Pod', changed, more)).verdict.allowed;
  };
  assert.deepEqual([allowed(object), allowed({ ...old, metadata: { name: 'web' } })], [false, true]);
});

test('the published policies load and are about what they say', needsSharedData('kyverno-policies'), async () => {
  const root = sharedData('kyverno-policies') ?? '';
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const found: Record<string, readonly string[]> = {};
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const [[policy], reading] = await Promise.all([kyvernoPolicies(text), readKyvernoPolicies(text)]);
    assert.ok(policy !== undefined, file);
    const { verifyImages = [] } = reading.policies[0]?.policy.spec.rules[0] ?? {};
    const image = verifyImages[0]?.imageReferences?.[0]?.replace(/:?\*$/, ':1') ?? '';
    const outcomes = Object.entries(wrapped).map(([kind, wrap]) => {
      const { verdict } = judgedBy([policy], subjectOf(kind, wrap(podSpec({ containers: [image, 'busybox'] }))));
      return verdict.results.map(({ rule, outcome, action }) => `${rule} ${outcome} ${action}`).join();
    });
    found[policy.id] = outcomes;
  }
  const each = (rule: string, outcome: string): readonly string[] =>
    ['', 'autogen-', 'autogen-cronjob-'].map((prefix) => `${prefix}${rule} ${outcome}`);
  const none = ['', '', ''];
  assert.deepEqual(found, {
    'check-image-vulns-cve-2022-42889': each('cve-2022-42889', 'failed audit'),
    'require-vulnerability-scan': each('scan-not-older-than-one-week', 'failed audit'),
    'signed-pipeline-bundle': none,
    'signed-tekton-task-bundle': none,
    'verify-flux-images': each('verify-cosign-signature', 'failed audit'),
    'verify-image': each('verify-image', 'failed deny'),
    'verify-image-gcpkms': each('verify-image', 'failed audit'),
    // Its keys are in a ConfigMap, which is not there.
    'verify-image-with-multi-keys': each('check-image-with-two-keys', 'undecided deny'),
    'verify-sbom-cyclonedx': each('check-sbom', 'failed audit'),
    'verify-slsa-provenance-keyless': each('check-slsa-keyless', 'failed audit'),
    'verify-tekton-taskrun-vuln-scan': none,
  });
});

const tasks: readonly (readonly [file: string, kind: string, object: object, subresource: string])[] = [
  ['taskrun-signatures', 'TaskRun', { spec: { taskRef: { name: 'a', bundle: 'ghcr.io/b:1' } } }, ''],
  ['pipeline-bundle-signatures', 'PipelineRun', { spec: { pipelineRef: { name: 'a', bundle: 'ghcr.io/b:1' } } }, ''],
  [
    'taskrun-vuln-scan',
    'TaskRun',
    { status: { taskSpec: { steps: [{ name: 'a', image: 'ghcr.io/b:1' }] } } },
    'status',
  ],
];
for (const [file, kind, object, subresource] of tasks) {
  const name = `verify-tekton-${file}`;
  const parts = ['kyverno-policies', 'tekton', name, `${name}.yaml`];
  test(`${name} is about a ${kind}`, needsSharedData(...parts), async () => {
    const policies = await kyvernoPolicies(readFileSync(sharedData(...parts) ?? '', 'utf8'));
    const more = { group: 'tekton.dev', version: 'v1beta1', subresource };
    const { results } = judgedBy(policies, subjectOf(kind, object, more)).verdict;
    assert.deepEqual(
      results.map(({ rule, outcome, images }) => [rule, outcome, ...images.map((image) => image.name)]),
      [['check-signature', 'failed', 'ghcr.io/b:1']],
    );
  });
}
