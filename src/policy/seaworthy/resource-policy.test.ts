import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEvidence, makeSubject, known, testNow } from '../../../testing/policy/make-evidence.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import { parseReference } from '../../oci/reference.ts';
import { evaluate } from '../evaluate.ts';
import type { Evidence, Gathered } from '../evidence.ts';
import { evaluateResource, type ResourceNeeds } from '../resource/evaluate-resource.ts';
import { imagesOfPods } from '../resource/images.ts';
import type { ResourceSubject } from '../resource/model.ts';
import type { ImageAnswer, ResourceInput } from '../resource/policy.ts';
import type { ResourceVerdict } from '../resource/verdict.ts';
import { readPolicy } from './read-policy.ts';
import { compileImagePolicies } from './resource-policy.ts';
import { kindNames, registeredWorkloads } from './workload-kinds.ts';

const access = { plainHttp: false, secrets: [], providers: [] };
const digest = makeSubject().digest;

async function policiesOf(spec: string): Promise<ReturnType<typeof compileImagePolicies>> {
  const lines = `signers: [{name: s, keys: [{file: k}]}]\n${spec}`.split('\n').map((line) => `  ${line}`);
  const text = ['apiVersion: seaworthy.dev/v1', 'kind: ImagePolicy', 'metadata: {name: p}', 'spec:', ...lines].join(
    '\n',
  );
  const reading = await readPolicy([{ file: 'p', text }]);
  assert.deepEqual(reading.mistakes, undefined);
  return compileImagePolicies(reading.imagePolicies ?? [], { access });
}

function pod(image: unknown, more: object = {}): JsonObject {
  return {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'app', image }], ...more },
  } as unknown as JsonObject;
}

function subjectOf(object: JsonObject, parts: Partial<ResourceSubject> = {}): ResourceSubject {
  return {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace: 'team-a',
    name: 'web',
    object,
    ...parts,
  };
}

/** Judges an object as a gate does: it looks up what is asked for, and asks again. Images whose names have "good" are signed. */
function judge(
  policies: ReturnType<typeof compileImagePolicies>,
  subject: ResourceSubject,
  { labels, pins = true, away }: { labels?: Gathered<JsonObject>; pins?: boolean; away?: string } = {},
): { readonly verdict: ResourceVerdict; readonly asked: readonly string[]; readonly lookedUp: readonly string[] } {
  const images = new Map<string, Gathered<ImageAnswer>>();
  const lookups = new Map<string, Gathered<JsonObject>>();
  for (let round = 0; round < 4; round += 1) {
    const input: ResourceInput = { subject, now: testNow, pins, lookups, images };
    const { verdict, needs } = evaluateResource(policies, input);
    if (verdict !== undefined) return { verdict, asked: [...images.keys()], lookedUp: [...lookups.keys()] };
    answer(needs);
  }
  throw new Error('it asks for ever');

  function answer({ lookups: wanted, images: checks }: ResourceNeeds): void {
    for (const { key } of wanted)
      lookups.set(key, labels ?? { state: 'unavailable', reason: 'the API server is away' });
    for (const { key, reference, policy } of checks) {
      if (away !== undefined) {
        images.set(key, { state: 'unavailable', reason: away });
        continue;
      }
      const named = parseReference(reference);
      const evidence: Evidence = makeEvidence({
        subject: makeSubject({
          gate: subject.operation === 'audit' ? 'audit' : 'admission',
          repository: named.repository,
          source: `${named.registry}/${named.repository}`,
          named: named.digest === undefined ? 'tag' : 'digest',
          pins,
        }),
        signatures: {
          s: reference.includes('good')
            ? known({ verified: true, by: ['k1'] })
            : known({ verified: false, why: 'another key signed it' }),
        },
      });
      images.set(key, known({ digest, verdict: evaluate(policy, evidence) }));
    }
  }
}

const signed = 'signatures: [{signers: [s], help: sign it}]\nexceptionHelp: ask us';

test('a pod whose images are signed passes, and one that has another does not', async () => {
  const policies = await policiesOf(signed);
  const good = judge(policies, subjectOf(pod('ghcr.io/org/good:1')));
  assert.equal(good.verdict.allowed, true);
  assert.deepEqual(
    good.verdict.results.map(({ policy, rule, outcome }) => [policy, rule, outcome]),
    [['p', 'signatures', 'passed']],
  );
  const { verdict } = judge(policies, subjectOf(pod('ghcr.io/org/bad:1')));
  assert.equal(verdict.allowed, false);
  assert.match(verdict.message, /resource Pod\/team-a\/web was blocked/);
  assert.match(
    verdict.message,
    /ghcr\.io\/org\/bad:1@sha256:a+: Rule "p\/signatures" is broken: not signed by s \(another key signed it; wanted: the key in \S+\)\. sign it\. For an exception: ask us\./,
  );
});

test('every image counts: of all containers, and of volumes', async () => {
  const policies = await policiesOf(signed);
  const volume = { name: 'v', image: { reference: 'ghcr.io/org/bad:1' } };
  for (const more of [
    { initContainers: [{ name: 'i', image: 'ghcr.io/org/bad:1' }] },
    { ephemeralContainers: [{ name: 'e', image: 'ghcr.io/org/bad:1' }] },
    { volumes: [volume] },
  ]) {
    const { verdict } = judge(policies, subjectOf(pod('ghcr.io/org/good:1', more)));
    assert.equal(verdict.allowed, false, JSON.stringify(more));
    assert.deepEqual(
      verdict.results[0]?.images.map(({ outcome }) => outcome),
      ['passed', 'failed'],
    );
  }
});

test('what nobody can read fails, and is never passed over', async () => {
  const policies = await policiesOf(signed);
  for (const image of [5, 'ghcr.io/Org/App:1', 'a b', 'x@sha256:1']) {
    const { verdict, asked } = judge(policies, subjectOf(pod(image)));
    assert.equal(verdict.allowed, false, String(image));
    assert.match(verdict.message, /nobody can tell what would run there|is no name of an image/);
    assert.deepEqual(asked, []);
  }
});

test('an image is asked about once for all requirements, made whole, and not where no requirement is about it', async () => {
  const policies = await policiesOf(`${signed}\nimages: [docker.io/library/*]\nage: {minSinceFirstSeen: 1d}`);
  const { asked } = judge(
    policies,
    subjectOf(pod('good', { initContainers: [{ name: 'i', image: 'docker.io/good:latest' }] })),
  );
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? '', /^docker\.io\/library\/good:latest [0-9a-f]{64} pins$/);
  const other = judge(policies, subjectOf(pod('ghcr.io/org/bad:1')));
  assert.deepEqual([other.verdict.allowed, other.asked], [true, []]);
  assert.deepEqual(
    other.verdict.results.map(({ outcome }) => outcome),
    ['skipped', 'skipped'],
  );
});

test('what names tell is decided without asking for the image, whether or not it can be reached', async () => {
  const cases: readonly (readonly [spec: string, image: string, allowed: boolean, asked: number])[] = [
    ['sources: {allow: ["ghcr.io/**"]}', 'ghcr.io/org/app:1', true, 0],
    ['sources: {allow: ["ghcr.io/**"]}', 'quay.io/org/app:1', false, 0],
    ['sources: {deny: ["quay.io/**"]}', 'quay.io/org/app:1', false, 0],
    ['digest: {pin: false}', 'ghcr.io/org/app:1', false, 0],
    ['digest: {pin: false}', `ghcr.io/org/app@${digest}`, true, 0],
    ['rules: [{cel: "subject.tags.all(t, t != \'latest\')"}]', 'ghcr.io/org/app:latest', false, 0],
    ['rules: [{cel: "subject.named == \'digest\'"}]', 'ghcr.io/org/app:1', false, 0],
    // What hangs on the digest asks for it.
    ['rules: [{cel: "subject.digest != \'\'"}]', 'ghcr.io/org/app:1', false, 1],
    ['digest: {pin: true}', 'ghcr.io/org/app:1', false, 1],
    ['sources: {allow: ["ghcr.io/**"]}\nage: {minSinceFirstSeen: 1d}', 'ghcr.io/org/app:1', false, 1],
    [
      `sources: {allow: ["ghcr.io/**"]}\nexceptions: [{name: e, owner: o, reason: r, until: 2026-06-02, rules: [p/sources], digests: [${digest}]}]`,
      'quay.io/org/app:1',
      false,
      1,
    ],
  ];
  for (const [spec, image, allowed, asked] of cases) {
    const policies = await policiesOf(spec);
    const found = judge(policies, subjectOf(pod(image)), { away: 'the registry is down' });
    assert.deepEqual([found.verdict.allowed, found.asked.length], [allowed, asked], `${spec} ${image}`);
    const outcomes = found.verdict.results.filter(({ rule }) => rule === 'sources').map(({ outcome }) => outcome);
    if (asked === 0) assert.ok(!outcomes.includes('undecided'));
  }
  const both = judge(await policiesOf(`${signed}\nsources: {allow: ["ghcr.io/**"]}`), subjectOf(pod('quay.io/a/b:1')), {
    away: 'the registry is down',
  });
  assert.deepEqual(
    both.verdict.results.map(({ rule, outcome }) => [rule, outcome]),
    [
      ['signatures', 'undecided'],
      ['sources', 'failed'],
    ],
  );
  assert.match(both.verdict.message, /quay\.io\/a\/b:1: Rule "p\/sources" is broken/);
});

test('tags become digests where a requirement asks for that and the gate can', async () => {
  const policies = await policiesOf('digest: {pin: true}');
  const pinned = judge(policies, subjectOf(pod('ghcr.io/org/app:1')));
  assert.equal(pinned.verdict.allowed, true);
  assert.deepEqual(pinned.verdict.pins, [
    { pointer: '/spec/containers/0/image', from: 'ghcr.io/org/app:1', to: `ghcr.io/org/app:1@${digest}` },
  ]);
  const cannot = judge(policies, subjectOf(pod('ghcr.io/org/app:1')), { pins: false });
  assert.equal(cannot.verdict.allowed, false);
  const named = judge(policies, subjectOf(pod(`app@${digest}`)));
  assert.deepEqual([named.verdict.allowed, named.verdict.pins], [true, []]);
  const notAsked = judge(await policiesOf('digest: {pin: false, required: false}'), subjectOf(pod('app')));
  assert.deepEqual([notAsked.verdict.allowed, notAsked.verdict.pins], [true, []]);
});

test('a requirement that warns, or audits, or fails open lets pass', async () => {
  const warns = judge(await policiesOf(`enforcement: warn\n${signed}`), subjectOf(pod('bad')));
  assert.equal(warns.verdict.allowed, true);
  assert.match(warns.verdict.warnings[0] ?? '', /policy p\.signatures: docker\.io\/library\/bad:latest@sha256/);
  const audits = judge(await policiesOf(`enforcement: audit\n${signed}`), subjectOf(pod('bad')));
  assert.deepEqual([audits.verdict.allowed, audits.verdict.warnings], [true, []]);
  assert.equal(audits.verdict.results[0]?.outcome, 'failed');
  const closed = judge(await policiesOf(signed), subjectOf(pod('good')), { away: 'the registry is away' });
  assert.equal(closed.verdict.allowed, false);
  assert.match(closed.verdict.message, /could not be looked at: the registry is away/);
  const open = judge(await policiesOf(`unknown: allow\n${signed}`), subjectOf(pod('good')), { away: 'away' });
  assert.equal(open.verdict.allowed, true);
  assert.equal(open.verdict.warnings.length, 1);
  const mixed = `unknown: allow\nsignatures: [{signers: [s], unknown: deny}]\nage: {minSinceFirstSeen: 1d}`;
  const { verdict } = judge(await policiesOf(mixed), subjectOf(pod('good')), { away: 'away' });
  assert.deepEqual(
    verdict.results.map(({ rule, denies }) => [rule, denies]),
    [
      ['age', false],
      ['signatures', true],
    ],
  );
});

test('a policy is about the namespaces, kinds and operations that it names', async () => {
  const bad = pod('bad');
  const allowed = async (match: string, parts: Partial<ResourceSubject> = {}): Promise<boolean> =>
    judge(await policiesOf(`${signed}\nmatch: ${match}`), subjectOf(bad, parts)).verdict.allowed;
  assert.equal(await allowed("{namespaces: ['team-*']}"), false);
  assert.equal(await allowed("{namespaces: ['other-*']}"), true);
  assert.equal(await allowed("{exceptNamespaces: ['team-*']}"), true);
  assert.equal(await allowed('{kinds: [Deployment]}'), true);
  assert.equal(await allowed('{kinds: [Pod]}', { subresource: 'ephemeralcontainers', operation: 'UPDATE' }), false);
  assert.equal(await allowed('{}', { subresource: 'status' }), true);
  assert.equal(await allowed('{operations: [UPDATE]}'), true);
  assert.equal(await allowed('{operations: [UPDATE]}', { operation: 'UPDATE' }), false);
  assert.equal(await allowed('{operations: [UPDATE]}', { operation: 'audit' }), false);
  assert.equal(await allowed('{}', { operation: 'DELETE' }), true);
  assert.equal(await allowed('{}', { group: 'example.com' }), true);
});

test('a policy is about the namespaces that its selector selects, and about all while nobody knows', async () => {
  const policies = await policiesOf(
    `${signed}\nmatch: {namespaceSelector: {matchLabels: {env: prod}, matchExpressions: [{key: x, operator: NotIn, values: [a]}]}}`,
  );
  const given = (labels: Gathered<JsonObject>): ResourceVerdict =>
    judge(policies, subjectOf(pod('bad')), { labels }).verdict;
  assert.equal(given(known({ env: 'prod' })).allowed, false);
  assert.equal(given(known({ env: 'prod', x: 'b' })).allowed, false);
  assert.equal(given(known({ env: 'prod', x: 'a' })).allowed, true);
  assert.equal(given(known({ env: 'dev' })).allowed, true);
  assert.equal(given(known({})).allowed, true);
  for (const labels of [
    { state: 'unavailable', reason: 'away' },
    { state: 'absent', at: 0 },
    { state: 'pending' },
  ] as const) {
    const verdict = given(labels);
    assert.equal(verdict.allowed, false, labels.state);
    assert.equal(verdict.results[0]?.outcome, 'undecided');
  }
  const { lookedUp } = judge(policies, subjectOf(pod('bad'), { namespaceLabels: known({ env: 'dev' }) }));
  assert.deepEqual(lookedUp, []);
});

test('an object that is being deleted is let go, and judged where it is changed', async () => {
  const policies = await policiesOf(signed);
  const leaving = (image: string, finalizers: readonly string[]): JsonObject => ({
    ...pod(image),
    metadata: { name: 'web', deletionTimestamp: '2026-06-01T00:00:00Z', finalizers },
  });
  const update = (object: JsonObject, oldObject: JsonObject): boolean =>
    judge(policies, subjectOf(object, { operation: 'UPDATE', oldObject })).verdict.allowed;
  assert.equal(update(leaving('bad', []), leaving('bad', ['a/b'])), true);
  assert.equal(update(leaving('bad', []), leaving('good', ['a/b'])), false);
  assert.equal(judge(policies, subjectOf(leaving('bad', []))).verdict.allowed, false);
});

test('a change that makes nothing run that did not before passes, and any other is judged', async () => {
  const policies = await policiesOf(`${signed}\ndigest: {pin: true}`);
  const update = (object: JsonObject, oldObject: JsonObject, of: Partial<ResourceSubject> = {}): boolean =>
    judge(policies, subjectOf(object, { operation: 'UPDATE', oldObject, ...of })).verdict.allowed;
  const held = (image: string): JsonObject => ({
    ...pod(image),
    metadata: { name: 'web', finalizers: ['batch/job-tracking'] },
  });
  assert.equal(update(pod('bad'), held('bad')), true);
  assert.equal(update(pod('bad'), held('good')), false);
  assert.equal(update(held('bad'), held('bad')), false);
  assert.equal(update(held('bad'), pod('bad')), false);
  const labelled: JsonObject = { ...pod('bad'), metadata: { name: 'web', labels: { app: 'front' } } };
  assert.equal(update(labelled, held('bad')), false);
  assert.equal(update(pod('bad', { tolerations: [] }), held('bad')), false);
  assert.equal(update(pod('bad'), held('bad'), { operation: 'CREATE' }), false);
  const set = (replicas: number, image: string, more: object = {}): JsonObject => ({
    metadata: { name: 'web', annotations: { replicas: String(replicas) } },
    spec: { replicas, template: { ...more, spec: { containers: [{ name: 'app', image }] } } },
  });
  const replicaSet = { group: 'apps', kind: 'ReplicaSet' };
  assert.equal(update(set(0, 'bad'), set(3, 'bad'), replicaSet), true);
  assert.equal(update(set(4, 'bad'), set(3, 'bad'), replicaSet), false);
  assert.equal(update(set(0, 'bad'), set(3, 'good'), replicaSet), false);
  assert.equal(update(set(0, 'bad', { metadata: { labels: { a: 'b' } } }), set(3, 'bad'), replicaSet), false);
});

test('an image in the metadata of a kind that a policy names is no metadata', async () => {
  const policies = await policiesOf(
    `${signed}\nmatch: {resources: [{kind: Tool, images: [{path: /metadata/annotations/image}]}]}`,
  );
  const tool = (image: string, more: object = {}): JsonObject => ({
    metadata: { annotations: { image }, deletionTimestamp: '2026-06-01T00:00:00Z', ...more },
  });
  const update = (object: JsonObject, oldObject: JsonObject): boolean =>
    judge(policies, subjectOf(object, { operation: 'UPDATE', oldObject, group: 'x', kind: 'Tool' })).verdict.allowed;
  assert.equal(update(tool('bad'), tool('bad', { finalizers: ['a/b'] })), true);
  assert.equal(update(tool('bad'), tool('good')), false);
});

test('a policy says when it counts, and its rules for whom', async () => {
  const [both] = await policiesOf(signed);
  assert.deepEqual(
    [both?.admission, both?.background, both?.unknown, both?.dialect],
    [true, true, 'deny', 'seaworthy'],
  );
  const policies = await policiesOf(`gates: [admission]\n${signed}`);
  assert.deepEqual([policies[0]?.admission, policies[0]?.background], [true, false]);
  assert.deepEqual(judge(policies, subjectOf(pod('bad'), { operation: 'audit' })).verdict.results, []);
  assert.equal(judge(policies, subjectOf(pod('bad'))).verdict.allowed, false);
  const [ci] = await policiesOf(`gates: [ci]\n${signed}`);
  assert.deepEqual([ci?.admission, ci?.background, ci?.rules.length], [false, false, 0]);
});

test('the hash of a policy hangs on what it is about as well', async () => {
  const [first] = await policiesOf(signed);
  const [second] = await policiesOf(`${signed}\nmatch: {kinds: [Pod]}`);
  assert.match(first?.hash ?? '', /^[0-9a-f]{64}$/);
  assert.notEqual(first?.hash, second?.hash);
});

test('the kinds that policies are about are those whose images are found', () => {
  for (const kind of registeredWorkloads()) {
    const [group = '', version = '', name = ''] = kind.split('/');
    const spec = { containers: [{ name: 'a', image: 'x' }] };
    const template = { spec };
    const object = {
      spec: { ...spec, template, jobTemplate: { spec: { template } } },
      template,
    } as unknown as JsonObject;
    assert.ok(kindNames.includes(name) && version === 'v1');
    assert.equal(imagesOfPods({ group, kind: name, object }).images.length, 1, kind);
  }
  assert.deepEqual(registeredWorkloads(['Pod']), ['/v1/Pod', '/v1/Pod/ephemeralcontainers']);
});

test('patterns of references are compared with how an image is named, and what the API server is told is kept', async () => {
  const policies = await policiesOf(
    "references: [{wildcard: '*/app:*'}]\nmatch: {timeout: 5s, conditions: [{name: a, expression: 'true'}]}\nsignatures: [{signers: [s]}]",
  );
  const allowed = (image: string): boolean => judge(policies, subjectOf(pod(image))).verdict.allowed;
  assert.deepEqual(
    ['ghcr.io/bad/app:1', 'ghcr.io/bad/app', `ghcr.io/bad/app:1@${digest}`, 'ghcr.io/bad/other:1'].map(allowed),
    [false, false, true, true],
  );
  assert.deepEqual(
    policies.map(({ timeout, matchConditions }) => [timeout, matchConditions]),
    [[5000, [{ name: 'a', expression: 'true' }]]],
  );
});

test('whoever spells a host otherwise escapes no pattern', async () => {
  const policies = await policiesOf("images: ['ghcr.io/**', 'docker.io/**']\nsignatures: [{signers: [s]}]");
  for (const name of [
    'GHCR.io/bad/app:1',
    'ghcr.io:443/bad/app:1',
    'Index.Docker.IO/bad/app:1',
    'registry-1.docker.io/bad',
  ]) {
    assert.equal(judge(policies, subjectOf(pod(name))).verdict.allowed, false, name);
  }
});
