import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTestObject, podOf } from '../../../testing/policy/judge-object.ts';
import { evaluate } from '../evaluate.ts';
import { compilePolicy } from '../compile.ts';
import type { ResourceSubject } from '../resource/model.ts';
import type { ResourcePolicy } from '../resource/policy.ts';
import { makeEvidence, makeSubject } from '../../../testing/policy/make-evidence.ts';
import { readPolicy } from './read-policy.ts';
import { compileImagePolicies, compileObjectPolicies } from './resource-policy.ts';

const access = { plainHttp: false, secrets: [], providers: [] };

function document(spec: string): string {
  const lines = spec.split('\n').map((line) => `  ${line}`);
  return ['apiVersion: seaworthy.dev/v1', 'kind: ImagePolicy', 'metadata: {name: p}', 'spec:', ...lines].join('\n');
}

async function policiesOf(spec: string): Promise<readonly ResourcePolicy[]> {
  const reading = await readPolicy([{ file: 'p', text: document(spec) }]);
  assert.deepEqual(reading.mistakes, undefined);
  return compileImagePolicies(imagePoliciesOf(reading), { access });
}

function imagePoliciesOf(reading: Awaited<ReturnType<typeof readPolicy>>): Parameters<typeof compileObjectPolicies>[0] {
  assert.equal(reading.mistakes, undefined);
  return reading.imagePolicies;
}

async function mistakesOf(spec: string): Promise<readonly string[]> {
  const { mistakes = [] } = await readPolicy([{ file: 'p', text: document(spec) }]);
  return mistakes.map(({ path, sentence }) => `${path} ${sentence}`);
}

const few = `objects:
  - name: few
    validations: [{expression: "size(object.spec.containers) < 2", message: one container alone}]
    help: Make two pods of it.`;

test('what objects must be like is judged besides their images, and told with what to do about it', async () => {
  const policies = await policiesOf(`sources: {allow: ["ghcr.io/**"]}\n${few}`);
  const { verdict } = judgeTestObject(policies, podOf(['ghcr.io/org/a:1', 'quay.io/b:1']));
  assert.match(verdict.message, /few: 'one container alone Make two pods of it\.'/);
  assert.deepEqual(
    verdict.results.map(({ rule, outcome }) => [rule, outcome]),
    [
      ['sources', 'failed'],
      ['few', 'failed'],
    ],
  );
  assert.ok(judgeTestObject(policies, podOf(['ghcr.io/org/a:1'])).verdict.allowed);
});

const enforcements: readonly (readonly [more: string, allowed: boolean, warnings: number])[] = [
  ['enforcement: warn', true, 1],
  ['enforcement: audit', true, 0],
  ['unknown: allow', false, 0],
];
for (const [more, allowed, warnings] of enforcements) {
  test(`a rule about objects with ${more} ${allowed ? 'lets pass' : 'denies'} with ${warnings} warnings`, async () => {
    const { verdict } = judgeTestObject(await policiesOf(`${more}\n${few}`), podOf(['a', 'b']));
    assert.deepEqual([verdict.allowed, verdict.warnings.length], [allowed, warnings]);
  });
}

test('what cannot be computed is undecided, and denies unless the policy fails open', async () => {
  const rule = 'objects: [{validations: [{expression: object.spec.nothing.at.all == 1}]}]';
  for (const [more, allowed] of [
    ['unknown: deny', false],
    ['unknown: allow', true],
  ] as const) {
    const { verdict } = judgeTestObject(await policiesOf(`${more}\n${rule}`), podOf(['a']));
    assert.deepEqual([verdict.results[0]?.outcome, verdict.allowed], ['undecided', allowed]);
  }
});

const of = async (policies: readonly ResourcePolicy[], more: Partial<ResourceSubject>): Promise<boolean> =>
  await Promise.resolve(judgeTestObject(policies, podOf(['a', 'b'], more)).verdict.results.length > 0);

test('rules about objects are about those that match names, and about what is deleted where it says so', async () => {
  const usual = await policiesOf(few);
  assert.deepEqual(
    [await of(usual, {}), await of(usual, { operation: 'DELETE' }), await of(usual, { kind: 'Service' })],
    [true, false, false],
  );
  const deleted = await policiesOf(`match: {operations: [DELETE]}\nsources: {allow: ["x/**"]}\n${few}`);
  assert.deepEqual([await of(deleted, {}), await of(deleted, { operation: 'DELETE' })], [false, true]);
  assert.deepEqual(deleted[0]?.rules[1]?.operations, ['DELETE']);
  const pushed = await policiesOf(`gates: [push]\n${few}`);
  assert.deepEqual([await of(pushed, {}), pushed[0]?.admission], [false, false]);
});

test('except leaves out what all of an entry holds of, and nothing where labels are not known', async () => {
  const except =
    'match: {except: [{kinds: [Pod], namespaces: [team], namespaceSelector: {matchLabels: {stage: test}}}]}';
  const policies = await policiesOf(`${except}\n${few}`);
  const labels = (stage: string) => ({ namespaceLabels: { state: 'known', value: { stage }, at: 0 } }) as const;
  assert.equal(await of(policies, labels('test')), false);
  assert.equal(await of(policies, labels('prod')), true);
  assert.equal(await of(policies, { ...labels('test'), namespace: 'other' }), true);
  const { verdict } = judgeTestObject(
    policies,
    podOf(['a'], { namespaceLabels: { state: 'unavailable', reason: 'down' } }),
  );
  assert.deepEqual([verdict.allowed, verdict.results[0]?.outcome], [false, 'undecided']);
});

test('further kinds have their images where the policy says, and are registered for', async () => {
  const resources = 'resources: [{kind: TaskRun, group: tekton.dev, images: [{path: /spec/taskRef/bundle}]}]';
  const policies = await policiesOf(`match: {${resources}}\nsources: {allow: ["ghcr.io/**"]}`);
  assert.deepEqual(policies[0]?.rules[0]?.kinds, ['tekton.dev/*/TaskRun']);
  const run = (bundle: unknown, group = 'tekton.dev'): ResourceSubject =>
    podOf([], { group, kind: 'TaskRun', object: { spec: { taskRef: { bundle } } } as ResourceSubject['object'] });
  const verdict = (subject: ResourceSubject) => judgeTestObject(policies, subject).verdict;
  assert.ok(verdict(run('ghcr.io/org/a:1')).allowed);
  assert.match(verdict(run('quay.io/org/a:1')).message, /quay\.io\/org\/a/);
  assert.match(verdict(run(5)).message, /\/spec\/taskRef\/bundle: it is no text/);
  assert.equal(verdict(run('quay.io/org/a:1', 'other.dev')).results.length, 0);
  // Pods are of no kind that it names any more.
  assert.equal(verdict(podOf(['quay.io/org/a:1'])).results.length, 0);
  const beside = await policiesOf(`match: {kinds: [Pod], ${resources}}\nsources: {allow: ["ghcr.io/**"]}`);
  assert.equal(judgeTestObject(beside, podOf(['quay.io/org/a:1'])).verdict.allowed, false);
});

const excepted = (objects: string): string =>
  `${few}\nsources: {allow: ["ghcr.io/**"]}\nexceptions: [{name: e, owner: o, reason: r, until: 2099-01-01, rules: [few, sources], ${objects}}]`;

test('an exception for objects lets these pass until it ends, and is none for gates without objects', async () => {
  const spec = excepted('objects: [{kinds: [Pod], names: ["web*"], namespaces: [team]}]');
  const policies = await policiesOf(spec);
  const { verdict } = judgeTestObject(policies, podOf(['quay.io/a', 'b']));
  assert.ok(verdict.allowed, verdict.message);
  assert.match(verdict.results[0]?.message ?? '', /Exception "e" of o is about it until 2099-01-01T00:00:00\.000Z: r/);
  assert.equal(judgeTestObject(policies, podOf(['quay.io/a'], { name: 'db' })).verdict.allowed, false);
  const ended = judgeTestObject(policies, podOf(['quay.io/a', 'b']), { now: Date.parse('2099-01-01') });
  assert.equal(ended.verdict.allowed, false);
  const { policy } = await readPolicy([{ file: 'p', text: document(spec) }]);
  assert.ok(policy !== undefined);
  const evidence = makeEvidence({ subject: makeSubject({ source: 'quay.io/a', repository: 'a' }) });
  assert.equal(evaluate(compilePolicy(policy), evidence).decision, 'deny');
});

test('an exception for images of some objects leaves the others to the rule', async () => {
  const policies = await policiesOf(excepted('sources: ["quay.io/**"], objects: [{namespaces: [team]}]'));
  const allowed = (...images: readonly string[]): boolean => judgeTestObject(policies, podOf(images)).verdict.allowed;
  assert.deepEqual(
    [allowed('quay.io/org/a:1', 'quay.io/org/b:1'), allowed('quay.io/org/a:1', 'docker.io/b'), allowed('quay.io/a')],
    [true, false, true],
  );
});

test('gates that judge images apart ask what objects must be like alone', async () => {
  const reading = await readPolicy([{ file: 'p', text: document(`sources: {allow: ["ghcr.io/**"]}\n${few}`) }]);
  const policies = compileObjectPolicies(imagePoliciesOf(reading), { access });
  assert.deepEqual(
    policies.map(({ rules }) => rules.map(({ name }) => name)),
    [['few']],
  );
  const none = await readPolicy([{ file: 'p', text: document('sources: {allow: ["ghcr.io/**"]}') }]);
  assert.deepEqual(compileObjectPolicies(imagePoliciesOf(none), { access }), []);
});

const wrong: readonly (readonly [spec: string, mistake: RegExp])[] = [
  ['objects: [{name: a}]', /^spec\.objects\[0\] takes exactly one of pattern/],
  ['objects: [{deny: {}, pattern: {}}]', /^spec\.objects\[0\] takes exactly one of/],
  [
    'objects: [{validations: [{expression: "object.("}]}]',
    /^spec\.objects\[0\]\.validations\[0\]\.expression cannot be used/,
  ],
  [
    'objects: [{deny: {conditions: {any: [{key: "{{ a( }}", operator: Equals}]}}}]',
    /^spec\.objects\[0\]\.deny\.conditions\.any/,
  ],
  ['objects: [{patern: {}}]', /^spec\.objects\[0\]\.patern is no setting/],
  ['objects: [{matchConditions: [{name: a, expression: "("}], deny: {}}]', /^spec\.objects\[0\]\.matchConditions/],
  ['match: {except: [{}]}\nsources: {allow: [a/b]}', /^spec\.match\.except\[0\] says nothing/],
  ...['{}', '{matchLabels: {}}'].map(
    (labels) =>
      [
        `match: {except: [{namespaceSelector: ${labels}}]}\nsources: {allow: [a/b]}`,
        /^spec\.match\.except\[0\] says nothing/,
      ] as const,
  ),
  ['match: {except: [{names: [a]}]}\nsources: {allow: [a/b]}', /^spec\.match\.except\[0\]\.names/],
  [
    'match: {resources: [{kind: A, images: [{path: "/a/*"}]}]}\nsources: {allow: [a/b]}',
    /images\[0\]\.path ends with \*/,
  ],
  [
    'match: {resources: [{kind: A, images: [{path: /a, jmesPath: "@"}]}]}\ndigest: {pin: true}',
    /^spec\.digest\.pin cannot be true/,
  ],
  [
    `${few}\nexceptions: [{name: e, owner: o, reason: r, until: 2099-01-01, rules: [few], digests: ["sha256:${'a'.repeat(64)}"], objects: [{names: [a]}]}]`,
    /^spec\.exceptions\[0\]\.digests cannot stand beside objects/,
  ],
  [
    `${few}\nexceptions: [{name: e, owner: o, reason: r, until: 2099-01-01, rules: [fw]}]`,
    /^spec\.exceptions\[0\]\.rules\[0\] is "fw", and there is no such rule/,
  ],
];
for (const [spec, mistake] of wrong) {
  test(`a mistake is told with its place: ${String(mistake)}`, async () => {
    const told = await mistakesOf(spec);
    assert.ok(
      told.some((each) => mistake.test(each)),
      told.join('\n'),
    );
  });
}
