import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import {
  judgedBy,
  kyvernoPolicies,
  type LookupTable,
  signedByTester,
  subjectOf,
} from '../../../../testing/policy/kyverno.ts';
import { namespaceLabelsLookup } from '../context/lookup.ts';
import { kindsOf } from './kinds.ts';

interface Parts {
  readonly spec?: string;
  readonly match?: string;
  readonly rule?: string;
  readonly validate?: string;
}

/** A policy of one rule that denies all ConfigMaps. */
function policyOf({
  spec = '',
  match = '{any: [{resources: {kinds: [ConfigMap]}}]}',
  rule = '',
  validate = '',
}: Parts): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: rules}
spec:
  background: false
  ${spec}
  rules:
    - name: check
      match: ${match}
      ${rule}
      validate:
        deny: {}
        ${validate}
`;
}

async function told(
  parts: Parts,
  more: Parameters<typeof subjectOf>[2] = {},
  table: LookupTable = {},
): Promise<string> {
  const { verdict, asked } = judgedBy(
    await kyvernoPolicies(policyOf(parts)),
    subjectOf('ConfigMap', { metadata: { name: 'web' } }, more),
    table,
  );
  const [result] = verdict.results;
  const what = result === undefined ? 'not about' : `${result.outcome} ${result.action}`;
  return asked.length === 0 ? what : `${what} (${asked.join(', ')})`;
}

const unavailable = { state: 'unavailable', reason: 'no answer' } as const;
const bySelector = '{any: [{resources: {kinds: [ConfigMap], namespaceSelector: {matchLabels: {env: prod}}}}]}';
const byRole = '{any: [{resources: {kinds: [ConfigMap]}, clusterRoles: [admin]}]}';
const labels = 'namespaceLabels shop';

describe('whether a rule is about an object', () => {
  const cases: readonly (readonly [
    what: string,
    parts: Parts,
    expected: string,
    table?: LookupTable,
    more?: Parameters<typeof subjectOf>[2],
  ])[] = [
    ['a kind', {}, 'failed audit'],
    ['another kind', { match: '{any: [{resources: {kinds: [Secret]}}]}' }, 'not about'],
    ['labels of its namespace', { match: bySelector }, `failed audit (${labels})`, { [labels]: { env: 'prod' } }],
    ['other labels', { match: bySelector }, `not about (${labels})`, { [labels]: { env: 'dev' } }],
    [
      'labels that could not be looked up',
      { match: bySelector },
      `undecided audit (${labels})`,
      { [labels]: unavailable },
    ],
    ['labels of a namespace that is not there', { match: bySelector }, `undecided audit (${labels})`],
    [
      'labels that came with it',
      { match: bySelector },
      'failed audit',
      {},
      { namespaceLabels: { state: 'known', value: { env: 'prod' }, at: 0 } },
    ],
    ['roles', { match: byRole }, 'failed audit (roles)', { roles: { roles: [], clusterRoles: ['admin'] } }],
    ['other roles', { match: byRole }, 'not about (roles)', { roles: { roles: [], clusterRoles: [] } }],
    ['roles that could not be looked up', { match: byRole }, 'undecided audit (roles)', { roles: unavailable }],
    ['nothing that is asked for in vain', { match: byRole.replace('ConfigMap', 'Secret') }, 'not about'],
    ['what is excluded', { rule: 'exclude: {any: [{resources: {namespaces: [shop]}}]}' }, 'not about'],
    [
      'what may be excluded',
      { rule: `exclude: ${bySelector}` },
      `undecided audit (${labels})`,
      { [labels]: unavailable },
    ],
    [
      'preconditions that hold',
      { rule: 'preconditions: {all: [{key: "{{ request.name }}", operator: Equals, value: web}]}' },
      'failed audit',
    ],
    [
      'preconditions that do not',
      { rule: 'preconditions: {any: [{key: "{{ request.name }}", operator: Equals, value: db}]}' },
      'skipped audit',
    ],
    [
      'preconditions in a list',
      { rule: 'preconditions: [{key: "{{ request.name }}", operator: Equals, value: db}]' },
      'skipped audit',
    ],
    [
      'preconditions that cannot be told',
      { rule: 'preconditions: {all: [{key: "{{ request.object.data.a }}", operator: Equals, value: web}]}' },
      'undecided audit',
    ],
    [
      'preconditions on roles',
      { rule: 'preconditions: {all: [{key: admin, operator: AnyIn, value: "{{ request.clusterRoles }}"}]}' },
      'failed audit (roles)',
      { roles: { roles: [], clusterRoles: ['admin'] } },
    ],
    [
      'who asks',
      { rule: 'preconditions: {all: [{key: "{{ request.userInfo.username }}", operator: Equals, value: alice}]}' },
      'failed audit',
    ],
    [
      'a service account',
      {
        rule: 'preconditions: {all: [{key: "{{ serviceAccountNamespace }}/{{ serviceAccountName }}", operator: Equals, value: ci/bot}]}',
      },
      'failed audit',
      {},
      { user: { username: 'system:serviceaccount:ci:bot', groups: [] } },
    ],
    [
      'a user that calls itself one',
      { rule: 'preconditions: {all: [{key: "{{ serviceAccountName }}", operator: Equals, value: bot}]}' },
      'skipped audit',
      {},
      { user: { username: 'xsystem:serviceaccount:ci:bot', groups: [] } },
    ],
    [
      'dry runs',
      { rule: 'preconditions: {all: [{key: "{{ request.dryRun }}", operator: Equals, value: true}]}' },
      'failed audit',
      {},
      { dryRun: true },
    ],
    ...(
      [
        ['uid', 'r-1'],
        ['resource.resource', 'configmaps'],
        ['requestKind.kind', 'OldMap'],
        ['requestResource.resource', 'configmaps'],
        ['subResource', ''],
        ['options.fieldManager', 'kubectl'],
        ['userInfo.uid', 'u-1'],
        ['userInfo.extra.team[0]', 'shop'],
      ] as const
    ).map(
      ([name, value]) =>
        [
          `request.${name}`,
          { rule: `preconditions: {all: [{key: "{{ request.${name} }}", operator: Equals, value: "${value}"}]}` },
          'failed audit',
          {},
          {
            request: {
              uid: 'r-1',
              requestKind: { group: '', version: 'v0', kind: 'OldMap' },
              options: { fieldManager: 'kubectl' },
            },
            user: { username: 'alice', groups: [], uid: 'u-1', extra: { team: ['shop'] } },
          },
        ] as const,
    ),
    [
      'what nobody told of a request',
      { rule: 'preconditions: {all: [{key: "{{ request.uid }}", operator: Equals, value: a}]}' },
      'undecided audit',
    ],
    [
      'what is deleted',
      {
        rule: 'preconditions: {all: [{key: "{{ request.oldObject.metadata.name }}{{ request.object.metadata.name }}", operator: Equals, value: webweb}]}',
      },
      'failed audit',
      {},
      { operation: 'DELETE' },
    ],
  ];
  for (const [what, parts, expected, table, more] of cases) {
    test(what, async () => assert.equal(await told(parts, more, table), expected));
  }
});

describe('what becomes of an object that breaks a rule', () => {
  const own = (overrides: string): Parts => ({ spec: `validationFailureActionOverrides: ${overrides}` });
  const bySelectorTo = (action: string): string =>
    `[{action: ${action}, namespaceSelector: {matchLabels: {env: prod}}}]`;
  const cases: readonly (readonly [what: string, parts: Parts, expected: string, table?: LookupTable])[] = [
    ['nothing is said', {}, 'failed audit'],
    ['the policy enforces', { spec: 'validationFailureAction: enforce' }, 'failed deny'],
    ['the rule enforces', { validate: 'failureAction: Enforce' }, 'failed deny'],
    [
      'the rule audits where the policy enforces',
      { spec: 'validationFailureAction: Enforce', validate: 'failureAction: Audit' },
      'failed audit',
    ],
    ['the policy says so of the namespace', own('[{action: Enforce, namespaces: [s*]}]'), 'failed deny'],
    ['the policy says so of others', own('[{action: Enforce, namespaces: [default]}]'), 'failed audit'],
    [
      'the first that is meant counts',
      own('[{action: Audit, namespaces: [shop]}, {action: Enforce, namespaces: [s*]}]'),
      'failed audit',
    ],
    [
      'the rule says so of the namespace',
      { validate: 'failureActionOverrides: [{action: Enforce, namespaces: [shop]}]' },
      'failed deny',
    ],
    ['by labels', own(bySelectorTo('Enforce')), `failed deny (${labels})`, { [labels]: { env: 'prod' } }],
    ['by other labels', own(bySelectorTo('Enforce')), `failed audit (${labels})`, { [labels]: {} }],
    [
      'by labels that could not be looked up',
      own(bySelectorTo('Enforce')),
      `failed deny (${labels})`,
      { [labels]: unavailable },
    ],
    [
      'by labels that would only loosen it',
      { spec: `validationFailureAction: Enforce\n  validationFailureActionOverrides: ${bySelectorTo('Audit')}` },
      `failed deny (${labels})`,
      { [labels]: unavailable },
    ],
    ['a warning is wanted', { spec: 'emitWarning: true' }, 'failed warn'],
  ];
  for (const [what, parts, expected, table] of cases) {
    test(what, async () => assert.equal(await told(parts, {}, table), expected));
  }
});

test('a controller of ones own is passed over where rules say so, and only then', async () => {
  const backgroundUsers = ['system:serviceaccount:kyverno:background'];
  const user = { username: 'system:serviceaccount:kyverno:background', groups: [] };
  const subject = subjectOf('ConfigMap', {}, { user });
  const resultsOf = async (rule: string, settings: Parameters<typeof kyvernoPolicies>[1]): Promise<number> =>
    judgedBy(await kyvernoPolicies(policyOf({ rule }), settings), subject).verdict.results.length;
  assert.equal(await resultsOf('', { backgroundUsers }), 0);
  assert.equal(await resultsOf('skipBackgroundRequests: false', { backgroundUsers }), 1);
  assert.equal(await resultsOf('', {}), 1);
});

test('celPreconditions pass over what they are not true of', async () => {
  const text = policyOf({
    rule: 'celPreconditions: [{name: own, expression: "object.metadata.name == \'web\'"}]',
  }).replace('deny: {}', 'cel: {expressions: [{expression: "false"}]}');
  const outcomeOf = async (name: string): Promise<string | undefined> =>
    judgedBy(await kyvernoPolicies(text), subjectOf('ConfigMap', { metadata: { name } })).verdict.results[0]?.outcome;
  assert.deepEqual([await outcomeOf('web'), await outcomeOf('db')], ['failed', 'skipped']);
});

test('a rule asks for all that it needs of a list at once, and has an end', async () => {
  const list = (count: number): object => ({
    metadata: { name: 'l' },
    data: { names: Array.from({ length: count }, (_, at) => `n${at}`) },
  });
  const validate = `foreach:
          - list: request.object.data.names
            context: [{name: c, configMap: {name: "{{ element }}", namespace: a}}]
            deny: {conditions: {all: [{key: "{{ c.data.x }}", operator: Equals, value: bad}]}}`;
  const policies = await kyvernoPolicies(policyOf({ validate }).replace(/deny: \{\}\s+/, ''));
  const table = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`configMap a n${at}`, { data: { x: at === 7 ? 'bad' : 'good' } }]),
  );
  const few = judgedBy(policies, subjectOf('ConfigMap', list(10)), table);
  assert.deepEqual([few.asked.length, few.verdict.results[0]?.outcome], [10, 'failed']);
  const many = judgedBy(policies, subjectOf('ConfigMap', list(200)), table);
  assert.ok(many.asked.length <= 64, String(many.asked.length));
  assert.equal(many.verdict.results[0]?.outcome, 'failed');
});

test('a rule asks for what it needs before it says that an element fails', async () => {
  const validate = `foreach:
          - list: request.object.data.names
            context: [{name: c, configMap: {name: "{{ element }}", namespace: a}}]
            preconditions: {all: [{key: "{{ element }}", operator: NotEquals, value: none}]}
            deny: {conditions: {any: [{key: "{{ element }}", operator: Equals, value: bad}, {key: "{{ c.data.x }}", operator: Equals, value: bad}]}}`;
  const policies = await kyvernoPolicies(policyOf({ validate }).replace(/deny: \{\}\s+/, ''));
  const object = { data: { names: ['bad', 'none', 'one', 'two'] } };
  const { verdict, asked } = judgedBy(policies, subjectOf('ConfigMap', object), { 'configMap a one': unavailable });
  assert.deepEqual([asked, verdict.results[0]?.outcome], [['configMap a one', 'configMap a two'], 'failed']);
});

test('a rule that verifies images is about nothing that is deleted or connected to', async () => {
  const policies = await kyvernoPolicies(
    policyOf({})
      .replace(/validate:.*/s, signedByTester)
      .replace('ConfigMap', 'Pod'),
  );
  const object = { spec: { containers: [{ name: 'a', image: 'unsigned' }] } };
  const of = (operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'): number =>
    judgedBy(policies, subjectOf('Pod', object, { operation })).verdict.results.length;
  assert.deepEqual([of('CREATE'), of('UPDATE'), of('DELETE'), of('CONNECT')], [1, 1, 0, 0]);
});

test('a rule that takes too many steps is undecided', async () => {
  const validate = `foreach:
          - list: "request.object.data.list"
            foreach:
              - list: "request.object.data.list"
                deny: {conditions: {all: [{key: "{{ request.object.data.list[?@ == element] | length(@) }}", operator: Equals, value: 7}]}}`;
  const policies = await kyvernoPolicies(policyOf({ validate }).replace(/deny: \{\}\s+/, ''));
  const list = Array.from({ length: 300 }, (_, at) => at);
  const [result] = judgedBy(policies, subjectOf('ConfigMap', { data: { list } })).verdict.results;
  assert.equal(result?.outcome, 'undecided');
  assert.match(result?.message ?? '', /more than 1000000 steps/);
});

test('an object with very many parts within each other is undecided, and no crash', async () => {
  const text = policyOf({
    rule: 'context: [{name: s, variable: {jmesPath: "to_string(request.object)"}}]\n      preconditions: {all: [{key: "{{ s }}", operator: Equals, value: a}]}',
  });
  let deep: object = {};
  for (let at = 0; at < 200_000; at += 1) deep = { a: deep };
  const [result] = judgedBy(await kyvernoPolicies(text), subjectOf('ConfigMap', { data: deep })).verdict.results;
  assert.equal(result?.outcome, 'undecided');
});

test('random() and the time say the same when the same is asked again', async () => {
  const text = policyOf({ validate: 'message: "{{ random(\'[a-z]{20}\') }} {{ time_now_utc() }}"' });
  const policies = await kyvernoPolicies(text);
  const messageAt = (now: number): string | undefined =>
    judgedBy(policies, subjectOf('ConfigMap', {}), {}, now).verdict.results[0]?.message;
  assert.equal(messageAt(1e12), messageAt(1e12));
  assert.notEqual(messageAt(1e12), messageAt(2e12));
});

test('kindsOf() tells which kinds a rule may be about', () => {
  const kinds = (match: object): readonly string[] => kindsOf(match);
  assert.deepEqual(kinds({ any: [{ resources: { kinds: ['Pod', 'apps/v1/Deployment'] } }] }), [
    '*/*/Pod',
    '*/*/Pod/ephemeralcontainers',
    'apps/v1/Deployment',
  ]);
  assert.deepEqual(kinds({ resources: { kinds: ['v1/Pod/exec', 'TaskRun', 'CronJob'] } }), [
    '*/*/CronJob',
    '*/*/TaskRun',
    '*/v1/Pod/exec',
  ]);
  assert.deepEqual(kinds({ any: [{ resources: { kinds: ['*/scale'] } }] }), ['*/*/*/scale']);
  assert.deepEqual(kinds({ any: [{ resources: { kinds: ['*/*'] } }] }), ['*/*/*/*']);
  assert.deepEqual(kinds({ any: [{ clusterRoles: ['a'] }, { resources: { kinds: ['Job'] } }] }), ['*/*/*', '*/*/Job']);
  assert.deepEqual(kinds({ all: [{ clusterRoles: ['a'] }, { resources: { kinds: ['Job'] } }] }), ['*/*/Job']);
  assert.deepEqual(kinds({ all: [{ clusterRoles: ['a'] }] }), ['*/*/*']);
});

test('namespaceLabelsLookup() and others have keys of their own', () => {
  assert.notEqual(namespaceLabelsLookup('a b').key, namespaceLabelsLookup('a%20b').key);
});
