import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import {
  compiledKyverno,
  judgedBy,
  kyvernoMistakes,
  kyvernoPolicies,
  subjectOf,
} from '../../../testing/policy/kyverno.ts';
import type { ResourcePolicy } from '../resource/policy.ts';

/** A policy that denies latest tags, with further rules and fields. */
function policyOf(
  more: { readonly kind?: string; readonly metadata?: string; readonly spec?: string; readonly rules?: string } = {},
): string {
  return `apiVersion: kyverno.io/v1
kind: ${more.kind ?? 'ClusterPolicy'}
metadata: {name: tags${more.metadata ?? ''}}
spec:
  validationFailureAction: Enforce
  ${more.spec ?? ''}
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {pattern: {spec: {containers: [{image: "!*:latest"}]}}}
${more.rules ?? ''}
`;
}

async function one(more: Parameters<typeof policyOf>[0]): Promise<ResourcePolicy> {
  const [policy] = await kyvernoPolicies(policyOf(more));
  assert.ok(policy !== undefined);
  return policy;
}

describe('fields of a policy', () => {
  const cases: readonly (readonly [
    what: string,
    more: Parameters<typeof policyOf>[0],
    expected: Partial<ResourcePolicy>,
  ])[] = [
    [
      'nothing is said',
      {},
      {
        id: 'tags',
        dialect: 'kyverno',
        unknown: 'deny',
        admission: true,
        background: true,
        firstRuleOnly: false,
        matchConditions: [],
      },
    ],
    ['a namespace', { kind: 'Policy', metadata: ', namespace: shop' }, { id: 'shop/tags' }],
    ['failurePolicy', { spec: 'failurePolicy: Ignore' }, { unknown: 'allow' }],
    [
      'failurePolicy in both places',
      { spec: 'failurePolicy: Ignore\n  webhookConfiguration: {failurePolicy: Fail}' },
      { unknown: 'deny' },
    ],
    ['timeout', { spec: 'webhookTimeoutSeconds: 20' }, { timeout: 20_000 }],
    [
      'timeout in both places',
      { spec: 'webhookTimeoutSeconds: 20\n  webhookConfiguration: {timeoutSeconds: 5}' },
      { timeout: 5000 },
    ],
    [
      'matchConditions',
      { spec: 'webhookConfiguration: {matchConditions: [{name: a, expression: "true"}]}' },
      { matchConditions: [{ name: 'a', expression: 'true' }] },
    ],
    ['applyRules', { spec: 'applyRules: One' }, { firstRuleOnly: true }],
    [
      'admission and background',
      { spec: 'admission: false\n  background: false' },
      { admission: false, background: false },
    ],
  ];
  for (const [what, more, expected] of cases) {
    test(what, async () => {
      const policy = await one(more);
      for (const [name, value] of Object.entries(expected)) {
        assert.deepEqual(policy[name as keyof ResourcePolicy], value, name);
      }
    });
  }
});

test('rules are extended to what makes pods', async () => {
  const { rules } = await one({});
  assert.deepEqual(
    rules.map(({ name, kinds }) => [name, ...kinds]),
    [
      ['no-latest', '*/*/Pod', '*/*/Pod/ephemeralcontainers'],
      [
        'autogen-no-latest',
        '*/v1/ReplicationController',
        'apps/v1/DaemonSet',
        'apps/v1/Deployment',
        'apps/v1/ReplicaSet',
        'apps/v1/StatefulSet',
        'batch/v1/Job',
      ],
      ['autogen-cronjob-no-latest', 'batch/v1/CronJob'],
    ],
  );
});

const template = { spec: { containers: [{ name: 'a', image: 'a:latest' }] } };
const made: readonly (readonly [kind: string, object: object, message: string | undefined])[] = [
  ['Pod', { spec: template.spec }, 'validation error: rule no-latest failed at path /spec/containers/0/image/'],
  [
    'Deployment',
    { spec: { template } },
    'validation error: rule autogen-no-latest failed at path /spec/template/spec/containers/0/image/',
  ],
  [
    'CronJob',
    { spec: { jobTemplate: { spec: { template } } } },
    'validation error: rule autogen-cronjob-no-latest failed at path /spec/jobTemplate/spec/template/spec/containers/0/image/',
  ],
  ['ConfigMap', { spec: template.spec }, undefined],
];
for (const [kind, object, message] of made) {
  test(`judges a ${kind}`, async () => {
    const { results } = judgedBy([await one({})], subjectOf(kind, object)).verdict;
    assert.deepEqual(
      results.map((each) => each.message),
      message === undefined ? [] : [message],
    );
  });
}

test('a policy of a namespace is about its own', async () => {
  const policy = await one({ kind: 'Policy', metadata: ', namespace: shop' });
  const resultsIn = (namespace: string): number =>
    judgedBy([policy], subjectOf('Pod', { spec: template.spec }, { namespace })).verdict.results.length;
  assert.deepEqual([resultsIn('shop'), resultsIn('default')], [1, 0]);
});

const generate = `    - name: make
      match: {any: [{resources: {kinds: [Namespace]}}]}
      generate: {kind: ConfigMap}`;
const mutate = generate
  .replace('make', 'change')
  .replace('generate: {kind: ConfigMap}', 'mutate: {patchStrategicMerge: {}}');
const broken = `    - name: broken
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {deny: {conditions: {all: [{key: "{{ a ||| }}", operator: Equals, value: 1}]}}}`;

describe('rules that are not carried out', () => {
  test('are told by line, and the policy is not there', async () => {
    const { policies, mistakes } = await compiledKyverno(policyOf({ rules: generate }));
    assert.deepEqual(policies, []);
    assert.deepEqual(
      mistakes.map(({ line, path, sentence }) => [line, path, sentence]),
      [[13, 'spec.rules[1].generate', 'is not supported: nothing is made in the cluster; remove the rule']],
    );
  });
  test('are left out where settings say so, and told all the same', async () => {
    const { policies, mistakes } = await compiledKyverno(policyOf({ rules: mutate }), { unsupported: 'leaveOut' });
    assert.deepEqual(
      policies.flatMap(({ rules }) => rules.map(({ name }) => name)),
      ['no-latest', 'autogen-no-latest', 'autogen-cronjob-no-latest'],
    );
    assert.match(mistakes[0]?.sentence ?? '', /^is not supported: objects are judged/);
  });
  test('are no excuse for what is wrong', async () => {
    const { policies } = await compiledKyverno(policyOf({ rules: broken }), { unsupported: 'leaveOut' });
    assert.deepEqual(policies, []);
  });
  test('make no policy by themselves', async () => {
    const alone = policyOf().replace(/validate: .*/, 'mutate: {}');
    const { policies, mistakes } = await compiledKyverno(alone, { unsupported: 'leaveOut' });
    assert.deepEqual([policies, mistakes.length], [[], 1]);
  });
});

test('a mistake of a rule is told once, however often it is extended', async () => {
  assert.equal((await kyvernoMistakes(policyOf({ rules: broken }))).length, 1);
});

test('a policy has a name of its own, and kinds that make pods', async () => {
  assert.deepEqual(await kyvernoMistakes(`${policyOf()}---\n${policyOf()}`), [
    '15:12: metadata.name: is the name of a policy before; each has its own',
  ]);
  const annotated = policyOf({
    metadata: ', annotations: {pod-policies.kyverno.io/autogen-controllers: "Deployment,Pods"}',
  });
  assert.match(
    (await kyvernoMistakes(annotated))[0] ?? '',
    /^3:\d+: .+autogen-controllers: names "Pods", which makes no pods/,
  );
});

test('what Kyverno once wrote of its rules is made anew', async () => {
  const written = policyOf().replace(/ {4}- name.*/s, (rule) => rule + rule.replace('no-latest', 'autogen-no-latest'));
  const [policy] = await kyvernoPolicies(written);
  assert.deepEqual(
    policy?.rules.map(({ name }) => name),
    ['no-latest', 'autogen-no-latest', 'autogen-cronjob-no-latest'],
  );
});

test('the hash is of what a policy says', async () => {
  const hashes = await Promise.all([
    one({}),
    one({}),
    one({ spec: 'background: false' }),
    one({ metadata: ', labels: {a: b}' }),
  ]);
  const [first, same, other, labelled] = hashes.map(({ hash }) => hash);
  assert.deepEqual([first === same, first === other, first === labelled], [true, false, true]);
  assert.match(first ?? '', /^[0-9a-f]{64}$/);
});
