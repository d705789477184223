import assert from 'node:assert/strict';
import test from 'node:test';
import { policyAbout } from '../../../testing/admission/resource-policies.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import type { DiscoveredResource, Discovery } from '../../kubernetes/discovery/model.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import { findRoute } from '../server/route.ts';
import { webhookLimits } from './limits.ts';
import type { Webhook, WebhookSettings } from './model.ts';
import { resourcesOfKind } from './resources-of-kinds.ts';
import { wantedWebhooks } from './wanted-webhooks.ts';

function discovered(type: ResourceType): DiscoveredResource {
  return { ...type, preferred: true, verbs: [], subresources: [], singular: '', shortNames: [], categories: [] };
}

const task = { group: 'tekton.dev', version: 'v1', resource: 'tasks', kind: 'Task', namespaced: true };
// A kind that Kubernetes has one of that name of, too.
const volcanoJob = { group: 'batch.volcano.sh', version: 'v1alpha1', resource: 'jobs', kind: 'Job', namespaced: true };
const discovery: Discovery = {
  resources: [...Object.values(builtInTypes), task, volcanoJob].map(discovered),
  failures: [{ groupVersion: 'metrics.test/v1', error: new KubernetesError('SERVER_FAILED', 'gone') }],
};
const settings: WebhookSettings = {
  name: 'seaworthy',
  namespace: 'seaworthy-system',
  address: { service: { namespace: 'seaworthy-system', name: 'admission', port: 443 } },
};
const parts = { settings, discovery, bundle: 'PEM' };
const pods = ['pods', 'pods/ephemeralcontainers'];

const kinds: readonly (readonly [kind: string, resources: readonly string[]])[] = [
  ['/v1/Pod', [' v1 pods,pods/ephemeralcontainers']],
  ['/*/Pod', [' * pods,pods/ephemeralcontainers']],
  ['/*/Pod/ephemeralcontainers', [' * pods/ephemeralcontainers']],
  ['apps/v1/Deployment', ['apps v1 deployments']],
  ['apps/*/Deployment/scale', ['apps * deployments/scale']],
  ['apps/*/D*', ['apps * deployments', 'apps * daemonsets']],
  ['tekton.dev/*/Task', ['tekton.dev * tasks']],
  // What is installed later is asked about from its first object on.
  ['tekton.dev/*/Pipeline', ['tekton.dev * *']],
  ['apps/v7/Deployment', ['apps v7 *']],
  // A group that does not answer may have it as well.
  ['*/*/Task', ['tekton.dev * tasks', 'metrics.test * *']],
  ['*/*/Job', ['batch * jobs', 'batch.volcano.sh * jobs', 'metrics.test * *']],
  ['*/*/Pod', [' * pods,pods/ephemeralcontainers', 'metrics.test * *']],
  ['*/*/Unheard', ['* * *']],
  ['*/*/*', ['* * *,pods/ephemeralcontainers']],
  ['*/*/*/*', ['* * */*']],
  ['*/*/*/scale', ['* * */scale']],
  ['apps/*/*', ['apps * *']],
  ['*', ['* * */*']],
  ['Pod', ['* * */*']],
];
for (const [kind, resources] of kinds) {
  test(`a rule about ${kind} is asked about ${resources.join(' and ')}`, () => {
    const found = resourcesOfKind(kind, discovery);
    assert.deepEqual(
      found.map((each) => `${each.group} ${each.version} ${each.resources.join(',')}`),
      resources,
    );
  });
}

test('where no policy asks for anything there is no webhook', () => {
  const nothing = { mutating: [], validating: [] };
  assert.deepEqual(wantedWebhooks([], parts), nothing);
  assert.deepEqual(wantedWebhooks([policyAbout('background', ['/v1/Pod'], { admission: false })], parts), nothing);
});

test('policies that fail alike share a webhook, whose every field is said', () => {
  const policies = [policyAbout('b', ['/*/Pod', 'batch/*/CronJob']), policyAbout('a', ['/*/Pod', 'apps/*/Deployment'])];
  const rule = (group: string, resources: readonly string[]): unknown => ({
    apiGroups: [group],
    apiVersions: ['*'],
    resources,
    operations: ['CREATE', 'UPDATE'],
    scope: '*',
  });
  const service = { namespace: 'seaworthy-system', name: 'admission', port: 443 };
  const shared = {
    rules: [rule('', pods), rule('apps', ['deployments']), rule('batch', ['cronjobs'])],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'seaworthy-system'] },
      ],
    },
    objectSelector: {},
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: 10,
    admissionReviewVersions: ['v1'],
  };
  const clientConfig = (path: string): unknown => ({ caBundle: 'UEVN', service: { ...service, path } });
  assert.deepEqual(wantedWebhooks(policies, parts), {
    mutating: [
      {
        name: 'mutate.seaworthy.svc-fail',
        ...shared,
        clientConfig: clientConfig('/mutate/fail'),
        reinvocationPolicy: 'IfNeeded',
      },
    ],
    validating: [{ name: 'validate.seaworthy.svc-fail', ...shared, clientConfig: clientConfig('/validate/fail') }],
  });
  assert.deepEqual(wantedWebhooks(policies.toReversed(), parts), wantedWebhooks(policies, parts));
});

test('each failure policy, and each policy with conditions or a timeout, has its own webhooks, whose paths lead to it', () => {
  const { mutating, validating } = wantedWebhooks(
    [
      policyAbout('open', ['/*/Pod'], { unknown: 'allow' }),
      policyAbout('team/slow', ['/*/Pod'], { timeout: 25_400 }),
      policyAbout('never', ['/*/Pod'], { timeout: 90_000 }),
      policyAbout('some', ['/*/Pod'], { unknown: 'allow', matchConditions: [{ name: 'is', expression: 'true' }] }),
      policyAbout('closed', ['/*/Pod']),
    ],
    {
      ...parts,
      settings: { ...settings, address: { url: 'https://127.0.0.1:8443' }, leftOut: ['team-a'], timeout: 500 },
    },
  );
  const told = ({ clientConfig, failurePolicy, timeoutSeconds, matchConditions }: Webhook): unknown => [
    clientConfig.url?.replace('https://127.0.0.1:8443', ''),
    failurePolicy,
    timeoutSeconds,
    matchConditions,
  ];
  const own = [{ name: 'is', expression: 'true' }];
  assert.deepEqual(validating.map(told), [
    ['/validate/fail', 'Fail', 1, undefined],
    ['/validate/ignore', 'Ignore', 1, undefined],
    ['/validate/fail/never', 'Fail', 30, undefined],
    ['/validate/ignore/some', 'Ignore', 1, own],
    ['/validate/fail/team/slow', 'Fail', 26, undefined],
  ]);
  assert.equal(new Set([...mutating, ...validating].map(({ name }) => name)).size, 10);
  for (const { name, clientConfig, namespaceSelector } of [...mutating, ...validating]) {
    assert.match(name, /^[a-z0-9.-]{1,253}$/);
    const route = findRoute(new URL(clientConfig.url ?? '').pathname);
    assert.equal(route?.kind, 'review');
    const [selected] = namespaceSelector.matchExpressions;
    assert.deepEqual(selected?.values, ['kube-system', 'seaworthy-system', 'team-a']);
  }
  assert.equal(mutating.length, 5);
});

test('a webhook is asked about namespaces that opted in, where that is all that its policies are about', () => {
  const include = { key: 'policy.sigstore.dev/include', operator: 'In', values: ['true'] } as const;
  const optedIn = { namespaceSelector: { matchExpressions: [include] } };
  const selectors = (...policies: readonly ReturnType<typeof policyAbout>[]): unknown =>
    wantedWebhooks(policies, parts).validating.map(({ namespaceSelector }) =>
      namespaceSelector.matchExpressions.slice(1),
    );
  const [a, b] = ['a', 'b'].map((id) => policyAbout(id, ['/*/Pod'], optedIn));
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(selectors(a, b), [[include]]);
  assert.deepEqual(selectors(a, policyAbout('all', ['/*/Pod'])), [[]]);
  assert.deepEqual(selectors(a, policyAbout('open', ['/*/Pod'], { unknown: 'allow' })), [[include], []]);
  const labels = policyAbout('c', ['/*/Pod'], { namespaceSelector: { matchLabels: { a: 'b' } } });
  assert.deepEqual(selectors(labels), [[{ key: 'a', operator: 'In', values: ['b'] }]]);
  assert.deepEqual(selectors(labels, a), [[]]);
});

test('names of webhooks stay apart and in bounds whatever policies are called', () => {
  const ids = ['a'.repeat(253), `${'a'.repeat(252)}b`, 'team/check', 'team.check', `team/${'a.'.repeat(100)}a`];
  const { validating } = wantedWebhooks(
    ids.map((id) => policyAbout(id, ['/*/Pod'], { timeout: 5000 })),
    parts,
  );
  assert.equal(new Set(validating.map(({ name }) => name)).size, ids.length);
  for (const { name } of validating)
    assert.match(name, /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?){2,}$/);
});

test('what is deleted, or never gets a digest, is not asked about where objects are changed', () => {
  const { mutating, validating } = wantedWebhooks(
    [
      policyAbout('gone', ['/*/Pod'], {}, { operations: ['DELETE', 'CREATE'] }),
      policyAbout('labels', ['/*/ConfigMap'], {}, { pins: false }),
    ],
    parts,
  );
  const told = (webhooks: readonly Webhook[]): unknown =>
    webhooks.flatMap(({ rules }) => rules.map(({ operations, resources }) => [...operations, ...resources].join(' ')));
  assert.deepEqual(told(mutating), ['CREATE pods pods/ephemeralcontainers']);
  assert.deepEqual(told(validating), ['CREATE DELETE pods pods/ephemeralcontainers', 'CREATE UPDATE configmaps']);
});

test('a policy about everything is not asked about what the cluster lives by, unless one names it', () => {
  const condition = (...kinds: readonly string[]): string => {
    const [webhook] = wantedWebhooks([policyAbout('all', kinds)], parts).validating;
    return (webhook?.matchConditions ?? []).map(({ expression }) => expression).join();
  };
  assert.match(condition('*'), /'leases'/);
  assert.match(
    condition('*/*/*'),
    /request\.resource\.group == '' && request\.resource\.resource in \['nodes', 'events'/,
  );
  assert.match(
    condition('*', '/v1/Node'),
    /request\.resource\.group == '' && request\.resource\.resource in \['events'/,
  );
  assert.equal(condition('/v1/Node', '/v1/Pod', 'tekton.dev/*/Task'), '');
});

test('more webhooks than one object holds are refused, and none is left out', () => {
  const policies = Array.from({ length: webhookLimits.ownWebhooks + 1 }, (_, at) =>
    policyAbout(`p${at}`, ['/*/Pod'], { timeout: 1000 }),
  );
  assert.throws(() => wantedWebhooks(policies, parts), { code: 'WEBHOOKS_TOO_MANY' });
  assert.equal(wantedWebhooks(policies.slice(1), parts).mutating.length, webhookLimits.ownWebhooks);
});
