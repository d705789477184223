import assert from 'node:assert/strict';
import test from 'node:test';
import { systemClock } from '../../net/clock.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { strictStyle } from '../../policy/kyverno/style.ts';
import type { SuiteUser, SuiteValues } from './document/model.ts';
import { readObjects, readSuite } from './document/read.ts';
import type { TestResult } from './model.ts';
import { runSuite, type SuiteTools } from './run-suite.ts';

const never = new AbortController().signal;
const tools: SuiteTools = {
  settings: { kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno' } },
  clock: systemClock,
  keys: { of: (policy) => Promise.resolve({ state: 'known', value: policy, at: 0 }) },
};

interface Case {
  readonly policies: string;
  readonly objects: string;
  readonly values?: SuiteValues;
  readonly user?: SuiteUser;
  readonly exceptions?: string;
  /** Members of the suite. */
  readonly suite: string;
}

async function results({
  policies,
  objects,
  values = {},
  user,
  exceptions,
  suite,
}: Case): Promise<readonly TestResult[]> {
  const { document, mistakes } = await readSuite(`policies: []\n${suite}`);
  assert.deepEqual(mistakes, undefined);
  assert.ok(document !== undefined);
  const { document: read } = await readObjects(objects);
  const outcome = await runSuite(
    {
      file: 'suite.yaml',
      document,
      policies: [{ file: 'policies.yaml', text: policies }],
      exceptions: exceptions === undefined ? [] : [{ file: 'exceptions.yaml', text: exceptions }],
      objects: read as readonly JsonObject[],
      values,
      user,
    },
    tools,
    () => true,
    never,
  );
  assert.deepEqual(outcome.mistakes, undefined);
  return outcome.results ?? [];
}

const rule = (name: string, more: string, kind = 'Pod'): string => `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: ${name}}
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: {any: [{resources: {kinds: [${kind}]}}]}
      ${more}
`;
const pods = `{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {role: admin}}, spec: {containers: [{name: a, image: "ghcr.io/org/app:1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: prod, labels: {role: guest}}, spec: {containers: [{name: a, image: "ghcr.io/org/app:2"}]}}
`;
const got = (all: readonly TestResult[]): string => all.map(({ got: each = '-' }) => each).join(' ');
const asks = 'results: [{policy: p, rule: check, resources: [a, b], result: pass}]';
const pattern = 'validate: {message: m, pattern: {metadata: {labels: {role: admin}}}}';
const roles =
  'context: [{name: dictionary, configMap: {name: roles, namespace: default}}]\n      ' +
  'validate: {message: m, deny: {conditions: {any: [{key: "{{ request.object.metadata.labels.role }}", operator: NotEquals, value: "{{ dictionary.data.allowed }}"}]}}}';
const selected = rule('p', pattern).replace('[Pod]', '[Pod], namespaceSelector: {matchLabels: {stage: prod}}');
const operation = rule(
  'p',
  `preconditions: {all: [{key: "{{ request.operation }}", operator: Equals, value: UPDATE}]}\n      ${pattern}`,
);
const byWhom = rule('p', pattern)
  .replace('spec:', 'spec:\n  background: false')
  .replace('resources: {kinds: [Pod]}', 'resources: {kinds: [Pod]}, clusterRoles: [dev]');

const cases: readonly (readonly [what: string, given: Partial<Case>, wanted: string])[] = [
  ['a pattern', {}, 'pass fail'],
  [
    'a policy of a namespace by its name alone',
    { policies: rule('p', pattern).replace('ClusterPolicy', 'Policy') },
    'pass skip',
  ],
  ['labels of namespaces that nobody gives', { policies: selected }, 'error error'],
  [
    'labels of a namespace that the values give',
    { policies: selected, values: { namespaceSelector: [{ name: 'prod', labels: { stage: 'prod' } }] } },
    'error fail',
  ],
  [
    'labels of a namespace that is among the objects',
    {
      policies: selected,
      objects: `${pods}---\n{apiVersion: v1, kind: Namespace, metadata: {name: prod, labels: {stage: test}}}`,
    },
    'error skip',
  ],
  ['a ConfigMap that nobody gives', { policies: rule('p', roles) }, 'error error'],
  [
    'a ConfigMap that is among the objects',
    {
      policies: rule('p', roles),
      objects: `${pods}---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: roles}, data: {allowed: guest}}`,
    },
    'fail pass',
  ],
  [
    'values of a context',
    { policies: rule('p', roles), values: { globalValues: { 'dictionary.data.allowed': 'admin' } } },
    'pass fail',
  ],
  [
    'values for one object before those for all',
    {
      policies: rule('p', roles),
      values: {
        globalValues: { 'dictionary.data.allowed': 'admin' },
        policies: [{ name: 'p', resources: [{ name: 'b', values: { 'dictionary.data.allowed': 'guest' } }] }],
      },
    },
    'pass pass',
  ],
  [
    'values for a rule',
    {
      policies: rule('p', roles),
      values: { policies: [{ name: 'p', rules: [{ name: 'check', values: { 'dictionary.data.allowed': 'guest' } }] }] },
    },
    'fail pass',
  ],
  [
    'values for another policy',
    {
      policies: rule('p', roles),
      values: { policies: [{ name: 'q', rules: [{ name: 'check', values: { 'dictionary.data.allowed': 'guest' } }] }] },
    },
    'error error',
  ],
  ['the usual operation', { policies: operation }, 'skip skip'],
  [
    'another operation',
    { policies: operation, values: { globalValues: { 'request.operation': 'UPDATE' } } },
    'pass fail',
  ],
  [
    'what else there is to a request',
    {
      policies: rule(
        'p',
        `preconditions: {all: [{key: "{{ request.uid }}/{{ request.requestKind.version }}/{{ request.options.fieldManager }}/{{ request.dryRun }}/{{ request.userInfo.extra.team[0] }}", operator: Equals, value: "r-1/v0/kubectl/true/shop"}]}\n      ${pattern}`,
      ),
      values: {
        globalValues: {
          'request.uid': 'r-1',
          'request.requestKind.version': 'v0',
          'request.options': { fieldManager: 'kubectl' },
          'request.dryRun': true,
          'request.userInfo.extra.team': ['shop'],
        },
      },
    },
    'pass fail',
  ],
  ['a request of what is none', { values: { globalValues: { 'request.resource.name': 'x' } } }, '- -'],
  ['a text where there is none', { values: { globalValues: { 'request.uid': 7 } } }, '- -'],
  ['a member that requests have not', { values: { globalValues: { 'request.colour': 'x' } } }, '- -'],
  ['a variable that comes from the object', { values: { globalValues: { 'images.containers': 'x' } } }, '- -'],
  [
    'a member of the object',
    { values: { globalValues: { 'request.object.metadata.labels.role': 'admin' } } },
    'pass pass',
  ],
  [
    'who asks, by roles',
    { policies: byWhom, user: { clusterRoles: ['dev'], userInfo: { username: 'u' } } },
    'pass fail',
  ],
  [
    'who asks, by other roles',
    { policies: byWhom, user: { clusterRoles: ['ops'], userInfo: { username: 'u' } } },
    'skip skip',
  ],
  [
    'who asks, where nobody says who that is',
    { policies: byWhom.replace('clusterRoles: [dev]', 'subjects: [{kind: User, name: alice}]') },
    'pass fail',
  ],
  ['roles of who asks, where nobody says who that is', { policies: byWhom }, 'pass fail'],
  [
    'who is left out, where nobody says who that is',
    {
      policies: rule('p', `exclude: {any: [{clusterRoles: [dev]}]}\n      ${pattern}`).replace(
        'spec:',
        'spec:\n  background: false',
      ),
    },
    'pass fail',
  ],
  [
    'only who asks, where nobody says who that is',
    { policies: byWhom.replace('resources: {kinds: [Pod]}, ', '') },
    'error error',
  ],
  ['who asks, without roles', { policies: byWhom, user: { userInfo: { username: 'u' } } }, 'error error'],
  [
    'an exception',
    {
      exceptions: `apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: team}
spec:
  match: {any: [{resources: {kinds: [Pod], names: [b]}}]}
  exceptions: [{policyName: p, ruleNames: [check]}]
`,
    },
    'pass skip',
  ],
  ['what a policy would change', { suite: asks.replace('result:', 'patchedResource: x.yaml, result:') }, '- -'],
  ['assertions of another language', { suite: `${asks}\nchecks: []` }, '- -'],
  ['a rule that there is not', { suite: asks.replace('check', 'chekc') }, '- -'],
  ['all rules of a policy', { suite: asks.replace('rule: check,', '') }, 'pass fail'],
  ['objects by their namespaces', { suite: asks.replace('[a, b]', '[prod/b, default/b]') }, 'fail -'],
  [
    'the older form of a result',
    { suite: 'results: [{policy: p, rule: check, resource: b, namespace: prod, status: fail}]' },
    'fail',
  ],
  ['no object', { suite: 'results: [{policy: p, result: pass}]' }, '-'],
  ['another kind', { suite: asks.replace('result:', 'kind: Job, result:') }, '- -'],
];

for (const [what, given, wanted] of cases) {
  test(`runSuite(): ${what}`, async () => {
    const all = await results({ policies: rule('p', pattern), objects: pods, suite: asks, ...given });
    assert.equal(got(all), wanted, JSON.stringify(all));
    for (const each of all) assert.equal(each.passed, each.got === each.wanted, each.reason);
  });
}

const own = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: p}
spec:
  signers:
    - {name: ci, identities: [{issuer: 'https://i.example', subject: {glob: 'https://g.example/org/*'}}]}
    - {name: qa, keys: [{kms: 'awskms:///alias/qa'}], annotations: {reviewed: 'yes'}}
  signatures: [{name: check, signers: [ci, qa], require: any}]
`;
const scan = own.replace(
  / {2}signatures.*\n/,
  "  attestations: [{name: check, type: 'https://t.example', signers: [ci], condition: predicate.bad == 0}]\n",
);
const signed = (signatures: string): string =>
  `${asks.replace('[a, b]', '[a]')}\nimages: [{image: 'ghcr.io/org/app:1', ${signatures}}]`;
const ci = "{issuer: 'https://i.example', subject: 'https://g.example/org/x'}";
const stated = (predicate: string, by: string): string =>
  signed(`attestations: [{predicateType: 'https://t.example', predicate: ${predicate}, signatures: [${by}]}]`);

const images: readonly (readonly [what: string, suite: string, wanted: string, policies?: string])[] = [
  ['an identity', signed(`signatures: [${ci}]`), 'pass'],
  ['another subject', signed(`signatures: [${ci.replace('org', 'evil')}]`), 'fail'],
  ['another issuer', signed(`signatures: [${ci.replace('i.', 'j.')}]`), 'fail'],
  ['a subject without an issuer', signed("signatures: [{subject: 'https://g.example/org/x'}]"), 'fail'],
  [
    'a key with what must be beside it',
    signed("signatures: [{key: 'awskms:///alias/qa', annotations: {reviewed: 'yes'}}]"),
    'pass',
  ],
  ['a key without', signed("signatures: [{key: 'awskms:///alias/qa', annotations: {reviewed: 'no'}}]"), 'fail'],
  [
    'a key beside another image',
    signed("signatures: [{key: 'awskms:///alias/qa', repository: x, annotations: {reviewed: 'yes'}}]"),
    'fail',
  ],
  ['a signer by its name', signed('signatures: [{signer: qa}]'), 'pass'],
  ['another signer', signed('signatures: [{signer: other}]'), 'fail'],
  ['no signature', signed('signatures: []'), 'fail'],
  ['nothing of signatures', signed('sboms: []'), 'error'],
  ['nothing of the image', asks.replace('[a, b]', '[b]'), 'error'],
  ['an image that is not there', signed('absent: true'), 'error'],
  ['a statement that holds', stated('{bad: 0}', ci), 'pass', scan],
  ['a statement that does not', stated('{bad: 1}', ci), 'fail', scan],
  ['a statement of somebody else', stated('{bad: 0}', '{signer: qa}'), 'fail', scan],
  ['a statement of another type', stated('{bad: 0}', ci).replace('t.example', 'u.example'), 'fail', scan],
];

for (const [what, suite, wanted, policies = own] of images) {
  test(`runSuite() knows of an image: ${what}`, async () => {
    assert.equal(got(await results({ policies, objects: pods, suite })), wanted);
  });
}

test('runSuite() tells the time that a suite says', async () => {
  const policies = own.replace(/ {2}signers[^]*$/, '  age: {name: check, maxSinceCreated: 30d}\n');
  const at = (now: string): string => `${signed("config: {created: '2026-01-01T00:00:00Z'}")}\nnow: '${now}'`;
  assert.equal(got(await results({ policies, objects: pods, suite: at('2026-01-30T00:00:00Z') })), 'pass');
  assert.equal(got(await results({ policies, objects: pods, suite: at('2026-02-30T00:00:00Z') })), 'fail');
});

test('a signature says in one way who made it', async () => {
  const { mistakes } = await readSuite(`policies: []\n${signed('signatures: [{signer: a, key: b}]')}`);
  assert.match(mistakes?.[0]?.sentence ?? '', /exactly one/);
});

test('runSuite() says what a suite does not give', async () => {
  for (const [policies, missing] of [
    [selected, /the test does not say the labels of the namespace "default"; give them in namespaceSelector/],
    [rule('p', roles), /the test does not say the ConfigMap default\/roles; give it in resources/],
  ] as const) {
    const [first] = await results({ policies, objects: pods, suite: asks });
    assert.match(first?.reason ?? '', /^Want pass, got error: /);
    assert.match(first?.reason ?? '', missing);
  }
});

test('runSuite() says where a suite does not tell who asks', async () => {
  const [passed, failed] = await results({ policies: byWhom, objects: pods, suite: asks });
  assert.match(passed?.reason ?? '', /^Ok; whoever asks was taken to be meant, .*; name a UserInfo in userinfo$/);
  assert.match(failed?.reason ?? '', /^Want pass, got fail: .*; name a UserInfo in userinfo$/);
  const user = { clusterRoles: ['dev'], userInfo: { username: 'u' } };
  assert.equal((await results({ policies: byWhom, objects: pods, suite: asks, user }))[0]?.reason, 'Ok');
  assert.equal((await results({ policies: rule('p', pattern), objects: pods, suite: asks }))[0]?.reason, 'Ok');
});

test('runSuite() counts the worst of several rules where none is named', async () => {
  const second =
    '    - {name: other, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {message: m, pattern: {kind: Pod}}}\n';
  const policies = `${rule('p', pattern)}${second}`;
  assert.equal(got(await results({ policies, objects: pods, suite: asks.replace('rule: check,', '') })), 'pass fail');
  assert.equal(got(await results({ policies, objects: pods, suite: asks.replace('check', 'other') })), 'pass pass');
});
