import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTestObject, podOf, testDigest } from '../../../../testing/policy/judge-object.ts';
import {
  compileImages,
  imagePolicy,
  judgeImages,
  expression,
  testImage as image,
  signedImage as signed,
  type SpecParts,
} from '../../../../testing/policy/kyverno-image.ts';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../resource/model.ts';

// #16815, #16817, #16853: each switch does something, and nothing where it is off.
const switches: readonly (readonly [
  what: string,
  configuration: string,
  pins: boolean,
  text: string,
  allowed: boolean,
  pinned: boolean,
])[] = [
  ['all on', '{}', true, '', true, true],
  ['mutateDigest off', '{mutateDigest: false, verifyDigest: false}', true, '', true, false],
  ['mutateDigest off, and verifyDigest on', '{mutateDigest: false}', true, '', false, false],
  ['verifyDigest on where no gate puts digests in', '{}', false, '', false, false],
  ['verifyDigest off where no gate puts digests in', '{verifyDigest: false}', false, '', true, false],
  ['required on, and nobody asked', '{}', true, 'true', false, false],
  ['required off, and nobody asked', '{required: false}', true, 'true', true, true],
  [
    'required on, and nobody counts',
    '{}',
    true,
    'images.containers.all(i, verifyImageSignatures(i, []) == 0)',
    false,
    false,
  ],
];

for (const [what, configuration, pins, text, allowed, pinned] of switches) {
  test(`validationConfigurations with ${what}`, async () => {
    const parts = { validationConfigurations: configuration, ...(text === '' ? {} : expression(text)) };
    const { verdict } = await judgeImages(parts, { pins });
    assert.deepEqual([verdict.allowed, verdict.pins.length], [allowed, pinned ? 1 : 0], verdict.message);
    if (pinned) assert.equal(verdict.pins[0]?.to, `${image}@${testDigest}`);
  });
}

test('an image that is named by its digest needs no other name', async () => {
  const name = `ghcr.io/org/app@${testDigest}`;
  const { verdict } = await judgeImages({}, { subject: podOf([name]), images: { [name]: signed }, pins: false });
  assert.deepEqual([verdict.allowed, verdict.pins], [true, []]);
});

test('what was looked at in the place of an image lets nothing pass', async () => {
  const name = `ghcr.io/org/app@${testDigest}`;
  const digest = testDigest.replace('ab', 'cd') as typeof testDigest;
  const { allowed, message } = await judgeImages(
    {},
    { subject: podOf([name]), images: { [name]: { ...signed, digest } } },
  );
  assert.match(message, /was looked at in its place/);
  assert.equal(allowed, false);
});

test('matchImageReferences says which images a policy is about, in any spelling', async () => {
  const of = async (references: string, name: string): Promise<boolean> =>
    (await judgeImages({ matchImageReferences: references }, { subject: podOf([name]), images: {} })).allowed;
  assert.equal(await of('[{glob: "ghcr.io/*"}]', 'ghcr.io/org/app:1'), false);
  assert.equal(await of('[{glob: "ghcr.io/*"}]', 'quay.io/org/app:1'), true);
  assert.equal(await of('[{glob: "quay.io/*"}, {glob: "ghcr.io/*"}]', 'ghcr.io/org/app:1'), false);
  assert.equal(await of(`[{expression: "image(ref).registry() == 'ghcr.io'"}]`, 'ghcr.io/org/app:1'), false);
  assert.equal(await of(`[{expression: "image(ref).registry() == 'ghcr.io'"}]`, 'quay.io/org/app:1'), true);
  for (const name of [
    'nginx',
    'docker.io/nginx',
    'index.docker.io/library/nginx:1',
    'registry-1.docker.io/library/nginx',
  ]) {
    assert.equal(await of('[{glob: "docker.io/library/nginx*"}]', name), false, name);
  }
});

test('an image that a policy is not about counts for nobody, and is in no list', async () => {
  const parts = { matchImageReferences: '[{glob: "ghcr.io/*"}]', validationConfigurations: '{required: false}' };
  const images = { [image]: signed, 'quay.io/a/b:1': signed };
  const subject = podOf([image, 'quay.io/a/b:1']);
  assert.ok(
    (await judgeImages({ ...parts, ...expression('images.containers.size() == 1') }, { subject, images })).allowed,
  );
  const direct = expression('verifyImageSignatures("quay.io/a/b:1", [attestors.release]) == 0');
  assert.ok((await judgeImages({ ...parts, ...direct }, { subject, images })).allowed);
});

test('every image of an object is in a list', async () => {
  const spec: JsonObject = {
    containers: [{ name: 'a', image }],
    initContainers: [{ name: 'b', image: 'ghcr.io/org/init:1' }],
    ephemeralContainers: [{ name: 'c', image: 'ghcr.io/org/debug:1' }],
    volumes: [{ name: 'd', image: { reference: 'ghcr.io/org/data:1' } }],
  };
  const text = `images.containers == ['${image}'] && images.initContainers == ['ghcr.io/org/init:1'] && images.ephemeralContainers == ['ghcr.io/org/debug:1'] && images.imageVolumes == ['ghcr.io/org/data:1']`;
  const parts = { ...expression(text), validationConfigurations: '{required: false}' };
  const { allowed, message } = await judgeImages(parts, { subject: podOf([], { object: { spec } }) });
  assert.ok(allowed, message);
  // Without a validation about it, an image is not verified.
  assert.ok(!(await judgeImages({}, { subject: podOf([], { object: { spec } }) })).allowed);
});

test('extractors find images of any object', async () => {
  const task = podOf([], { group: 'tekton.dev', kind: 'Task', object: { spec: { steps: [{ image }] } } });
  const parts = {
    matchConstraints:
      '{resourceRules: [{apiGroups: [tekton.dev], apiVersions: [v1], operations: ["*"], resources: [tasks]}]}',
    images: '[{name: steps, expression: "object.spec.steps.map(s, s.image)"}]',
    validationConfigurations: '{verifyDigest: false}',
    ...expression('images.steps.all(i, verifyImageSignatures(i, [attestors.release]) > 0)'),
  };
  assert.ok((await judgeImages(parts, { subject: task })).allowed);
  assert.ok(!(await judgeImages(parts, { subject: task, images: {} })).allowed);
  const wrong = { ...parts, images: '[{name: steps, expression: "object.spec"}]' };
  assert.match((await judgeImages(wrong, { subject: task })).message, /gives is no list of texts/);
});

test('templates are judged with expressions that lead to them', async () => {
  const object = {
    metadata: { name: 'web' },
    spec: {
      template: {
        metadata: { labels: { tier: 'x' } },
        spec: { hostNetwork: true, containers: [{ name: 'c', image }] },
      },
    },
  };
  const subject = podOf([], { group: 'apps', kind: 'Deployment', object });
  const of = async (text: string): Promise<boolean> =>
    (await judgeImages({ ...expression(text), validationConfigurations: '{required: false}' }, { subject })).allowed;
  assert.equal(await of('object.spec.hostNetwork'), true);
  assert.equal(await of("object.metadata.labels.tier == 'x' && object.metadata.name == 'web'"), true);
  assert.equal(await of('images.containers.all(i, verifyImageSignatures(i, [attestors.release]) > 0)'), true);
});

test('what cannot be looked at leaves a policy undecided, and failurePolicy says what becomes of that', async () => {
  const down = { images: { [image]: { unavailable: 'it is down' } } };
  const closed = await judgeImages({}, down);
  assert.deepEqual([closed.allowed, closed.verdict.results[0]?.outcome], [false, 'undecided']);
  assert.match(closed.message, /it is down/);
  assert.equal((await judgeImages({ failurePolicy: 'Ignore' }, down)).allowed, true);
  const absent = await judgeImages({ failurePolicy: 'Ignore' }, { images: { [image]: 'absent' } });
  assert.deepEqual([absent.allowed, absent.verdict.results[0]?.outcome], [false, 'failed']);
  // Where the digest is to be put in, nothing passes without.
  const open = await judgeImages({ ...expression('true'), validationConfigurations: '{required: false}' }, down);
  assert.equal(open.allowed, false);
});

test('validationActions say what becomes of an object that fails', async () => {
  const of = async (validationActions: string): Promise<readonly unknown[]> => {
    const { verdict } = await judgeImages({ validationActions }, { images: {} });
    return [verdict.allowed, verdict.warnings.length];
  };
  assert.deepEqual(await of('[]'), [false, 0]);
  assert.deepEqual(await of('[Deny, Audit]'), [false, 0]);
  assert.deepEqual(await of('[Warn, Audit]'), [true, 1]);
  assert.deepEqual(await of('[Audit]'), [true, 0]);
});

test('messages are those of the policy, with why', async () => {
  const none = { images: {} };
  assert.match(
    (await judgeImages({}, none)).message,
    /^Policy signed failed: not signed \(ghcr\.io\/org\/app:1: release: it has no signature\)$/,
  );
  const text = 'images.containers.all(i, verifyImageSignatures(i, [attestors.release]) > 0)';
  const made = (messageExpression: string): SpecParts => ({
    validations: JSON.stringify([{ expression: text, message: 'plain', messageExpression }]),
  });
  assert.match((await judgeImages(made("'made of ' + object.metadata.name"), none)).message, /made of web/);
  assert.match((await judgeImages(made('object.nothing'), none)).message, /plain/);
  assert.match((await judgeImages(expression(text), none)).message, /failed expression: images\.containers\.all/);
});

test('auditAnnotations are written down where a validation fails', async () => {
  const parts = {
    auditAnnotations: `[{key: who, valueExpression: "request.userInfo.username"}, {key: bad, valueExpression: "object.nothing"}]`,
  };
  const user = { username: 'me', groups: [] };
  const failing = await judgeImages(parts, { images: {}, subject: podOf([image], { user }) });
  assert.deepEqual(failing.verdict.results[0]?.annotations, { who: 'me' });
  assert.equal((await judgeImages(parts)).verdict.results[0]?.annotations, undefined);
});

test('matchConditions say which objects a policy is about; one that is false decides', async () => {
  const of = async (...conditions: readonly string[]): Promise<readonly unknown[]> => {
    const matchConditions = JSON.stringify(conditions.map((each, at) => ({ name: `c${at}`, expression: each })));
    const { verdict } = await judgeImages({ matchConditions }, { images: {} });
    return [verdict.allowed, verdict.results.length];
  };
  assert.deepEqual(await of('true'), [false, 1]);
  assert.deepEqual(await of('false'), [true, 0]);
  assert.deepEqual(await of('object.nothing', 'false'), [true, 0]);
  assert.deepEqual(await of('object.nothing', 'true'), [false, 1]);
});

test('variables are computed when they are used, each from those before', async () => {
  const variables = `[{name: a, expression: "object.metadata.name"}, {name: bad, expression: "object.nothing"}, {name: b, expression: "variables.a + '!'"}]`;
  const parts = { variables, validationConfigurations: '{required: false}' };
  assert.ok((await judgeImages({ ...parts, ...expression("variables.b == 'web!'") })).allowed);
  assert.match((await judgeImages({ ...parts, ...expression('variables.bad == 1') })).message, /error/);
  // None can need itself.
  const self = { ...parts, variables: `[{name: a, expression: "variables.a"}]`, ...expression("variables.a == ''") };
  assert.ok(!(await judgeImages(self)).allowed);
});

test('what is deleted is not judged, and what is let go passes with the images that it had', async () => {
  assert.equal(
    (await judgeImages({}, { images: {}, subject: podOf([image], { operation: 'DELETE' }) })).verdict.results.length,
    0,
  );
  const pod = (name: string): JsonObject => ({
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'a', image: name }] },
  });
  const update = (now: string): ResourceSubject =>
    podOf([], { operation: 'UPDATE', object: pod(now), oldObject: pod(image) });
  assert.ok((await judgeImages({}, { images: {}, subject: update(image) })).allowed);
  assert.ok(!(await judgeImages({}, { images: {}, subject: update('ghcr.io/org/evil:1') })).allowed);
});

test('what is scaled down passes, and what is being deleted runs no other image that an expression finds', async () => {
  const set = (replicas: number, name: string): JsonObject => ({
    spec: { replicas, template: { spec: { containers: [{ name: 'a', image: name }] } } },
  });
  const update = (object: JsonObject, oldObject: JsonObject): ResourceSubject =>
    podOf([], { group: 'apps', kind: 'ReplicaSet', operation: 'UPDATE', object, oldObject });
  const matchConstraints =
    '{resourceRules: [{apiGroups: [apps], apiVersions: [v1], resources: [replicasets], operations: [CREATE, UPDATE]}]}';
  const allowed = async (policy: Parameters<typeof judgeImages>[0], subject: ResourceSubject): Promise<boolean> =>
    (await judgeImages({ matchConstraints, ...policy }, { images: {}, subject })).allowed;
  assert.equal(await allowed({}, update(set(0, image), set(1, image))), true);
  assert.equal(await allowed({}, update(set(2, image), set(1, image))), false);
  assert.equal(await allowed({}, update(set(0, 'ghcr.io/org/evil:1'), set(1, image))), false);
  const going = (name: string, finalizers: readonly string[] = []): JsonObject => ({
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers },
    spec: { tool: name },
  });
  const found = {
    images: '[{name: tools, expression: "[object.spec.tool]"}]',
    ...expression('images.tools.all(i, verifyImageSignatures(i, [attestors.release]) > 0)'),
  };
  assert.equal(await allowed(found, update(going(image), going(image, ['a/b']))), true);
  assert.equal(await allowed(found, update(going('ghcr.io/org/evil:1'), going(image))), false);
});

test('a policy about documents sees the document alone', async () => {
  const text = imagePolicy({
    matchConstraints: '',
    evaluation: '{mode: JSON}',
    images: '[{name: refs, expression: "[object.imageReference]"}]',
    ...expression('request == null && images.refs.all(i, verifyImageSignatures(i, [attestors.release]) > 0)'),
    validationConfigurations: '{verifyDigest: false}',
  });
  const { policies } = await compileImages(text);
  const asked = policies.map((each) => ({ ...each, admission: true }));
  const subject = podOf([], { group: 'x', kind: 'Y', object: { imageReference: image } });
  assert.ok(judgeTestObject(asked, subject, { images: { [image]: signed } }).verdict.allowed);
  assert.ok(!judgeTestObject(asked, subject).verdict.allowed);
});
