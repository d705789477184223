import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../src/kubernetes/model.ts';
import { openKubernetesClient } from '../../../src/kubernetes/open-client.ts';
import { instantClock } from '../../registry/instant-clock.ts';
import { manualClock } from '../../store/manual-clock.ts';
import { configOfText, kubernetesLab } from '../kubernetes-lab.ts';
import { builtInTypes } from '../resource-types.ts';
import type { Json } from '../status.ts';
import { patchResponse, startWebhookLab } from './webhook-lab.ts';

const { pods, namespaces, nodes, validatingWebhooks } = builtInTypes;

function pod(name: string, labels: Record<string, string> = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { containers: [{ name: 'c', image: 'a' }] },
  };
}

const label = (name: string, value: string): object => ({ op: 'add', path: `/metadata/labels/${name}`, value });

test('webhooks are asked as the API server asks them', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  hooks.register('validating', 'all');
  await client.create(pods, { ...pod('x'), metadata: { generateName: 'web-' } });
  await client.create(pods, pod('a'), { dryRun: true, fieldManager: 'me' });
  await client.create(pods, pod('a'));
  await client.patch(pods, 'a', { kind: 'merge', body: { metadata: { labels: { b: 'c' } } } });
  const ephemeral = { spec: { ephemeralContainers: [{ name: 'debug', image: 'd' }], nodeName: 'ignored' } };
  await client.patch(pods, 'a', { kind: 'strategic', body: ephemeral, subresource: 'ephemeralcontainers' });
  await client.patch(pods, 'a', { kind: 'merge', body: { status: {} }, subresource: 'status' });
  await client.remove(pods, 'a');
  const seen = hooks.asked.map(({ operation, name, namespace, subResource, dryRun }) => [
    operation,
    name,
    namespace,
    subResource,
    dryRun,
  ]);
  assert.deepEqual(seen, [
    ['CREATE', undefined, 'default', undefined, false],
    ['CREATE', 'a', 'default', undefined, true],
    ['CREATE', 'a', 'default', undefined, false],
    ['UPDATE', 'a', 'default', undefined, false],
    ['UPDATE', 'a', 'default', 'ephemeralcontainers', false],
    ['DELETE', 'a', 'default', undefined, false],
  ]);
  assert.equal(hooks.paths[0], '/all?timeout=10s');
  const [, dry] = hooks.asked;
  assert.deepEqual(dry?.['options'], {
    kind: 'CreateOptions',
    apiVersion: 'meta.k8s.io/v1',
    fieldManager: 'me',
    dryRun: ['All'],
  });
  assert.deepEqual(dry?.['userInfo'], { username: 'admin', groups: ['system:masters', 'system:authenticated'] });
  const [, , , , subresource, deletion] = hooks.asked;
  // The whole Pod, with nothing but its ephemeral containers changed.
  const { spec } = (subresource?.object ?? {}) as { readonly spec: Json };
  assert.deepEqual(Object.keys(spec), ['containers', 'ephemeralContainers']);
  assert.deepEqual(
    [deletion?.object, (deletion?.['oldObject'] as KubernetesObject | undefined)?.metadata.name],
    [null, 'a'],
  );
});

test('webhooks change objects one after the other, and again where that is needed', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  const order: string[] = [];
  const adds = (name: string, reinvocationPolicy: string): void => {
    hooks.register('mutating', name, { reinvocationPolicy });
    hooks.answer(`/${name}`, ({ object }) => {
      order.push(name);
      const { labels = {} } = (object as unknown as KubernetesObject).metadata;
      return labels[name] === undefined ? patchResponse(label(name, String(order.length))) : { allowed: true };
    });
  };
  // By name, whatever was made first.
  adds('c-last', 'IfNeeded');
  adds('a-first', 'IfNeeded');
  adds('b-never', 'Never');
  hooks.register('validating', 'judge');
  const made = await client.create(pods, pod('a'));
  assert.deepEqual(order, ['a-first', 'b-never', 'c-last', 'a-first']);
  assert.deepEqual(made.metadata.labels, { 'a-first': '1', 'b-never': '2', 'c-last': '3' });
  assert.deepEqual((hooks.asked.at(-1)?.object as KubernetesObject | undefined)?.metadata.labels, made.metadata.labels);
});

test('webhooks deny in their own words, and warn', async () => {
  const warned: unknown[] = [];
  await using lab = await kubernetesLab();
  const { api } = lab;
  const logger = { warn: (_: string, fields: unknown) => void warned.push(fields), debug() {}, info() {}, error() {} };
  await using client = openKubernetesClient(await configOfText(api.kubeconfig()), { clock: instantClock(), logger });
  await using hooks = await startWebhookLab(api);
  hooks.register('validating', 'deny');
  for (const [status, code, message] of [
    [{ message: 'no' }, 400, 'denied the request: no'],
    [{ code: 403, message: 'never', reason: 'Forbidden' }, 403, 'denied the request: never'],
    [{ code: 200, reason: 'Because' }, 400, 'denied the request: Because'],
    [undefined, 400, 'denied the request without explanation'],
  ] as const) {
    hooks.answer('/deny', () => ({ allowed: false, ...(status === undefined ? {} : { status }) }));
    const expected = { status: code, message: new RegExp(`admission webhook "deny\\.sea\\.example" ${message}`) };
    await assert.rejects(client.create(pods, pod('a')), expected);
  }
  assert.equal(await client.get(pods, 'a'), undefined);
  hooks.answer('/deny', () => ({ allowed: true, warnings: ['take "care"', 'and again'] }));
  await client.create(pods, pod('a'));
  assert.deepEqual(warned, [
    { what: 'create pods a', warning: 'take "care"' },
    { what: 'create pods a', warning: 'and again' },
  ]);
});

const good = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const answers: readonly (readonly ['mutating' | 'validating', (uid: string) => unknown, RegExp, number?])[] = [
  ['validating', () => 'not JSON', /not valid JSON/],
  ['validating', () => ({ ...good }), /webhook response was absent/],
  [
    'validating',
    (uid) => ({ ...good, apiVersion: 'admission.k8s.io/v1beta1', response: { uid, allowed: true } }),
    /expected webhook response of/,
  ],
  ['validating', () => ({ ...good, response: { uid: 'x', allowed: true } }), /expected response\.uid=/],
  ['validating', (uid) => ({ ...good, response: { uid, allowed: 'true' } }), /allowed/],
  [
    'validating',
    (uid) => ({ ...good, response: { uid, ...patchResponse(label('a', 'b')) } }),
    /may not return response\.patch/,
  ],
  ['mutating', (uid) => ({ ...good, response: { uid, allowed: true, patch: 'W10=' } }), /but not response\.patchType/],
  [
    'mutating',
    (uid) => ({ ...good, response: { uid, allowed: true, patchType: 'JSONPatch' } }),
    /but not response\.patch/,
  ],
  [
    'mutating',
    (uid) => ({ ...good, response: { uid, allowed: true, patch: 'W10=', patchType: 'Merge' } }),
    /unsupported patch type/,
  ],
  ['validating', (uid) => ({ ...good, response: { uid, allowed: true } }), /status 500/, 500],
  ['validating', (uid) => ({ ...good, response: { uid, allowed: true } }), /status 201/, 201],
];

test('webhooks that answer with no answer are failures, under their policy', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  let count = 0;
  for (const [kind, body, sentence, status = 200] of answers) {
    count += 1;
    hooks.answer('/bad', ({ uid }) => ({ body: body(uid), status }));
    hooks.register(kind, 'bad');
    const failed = { code: 'SERVER_FAILED', message: /failed calling webhook "bad\.sea\.example"/ };
    await assert.rejects(client.create(pods, pod(`p${count}`)), failed, String(sentence));
    assert.match(api.webhookCalls.at(-1)?.failure ?? '', sentence);
    hooks.register(kind, 'bad', { failurePolicy: 'Ignore' });
    await client.create(pods, pod(`p${count}`));
    await client.remove(kind === 'mutating' ? builtInTypes.mutatingWebhooks : validatingWebhooks, 'bad');
  }
  // A patch that does not fit is no failure of the call, and nothing forgives it.
  hooks.register('mutating', 'misfit', { failurePolicy: 'Ignore' });
  hooks.answer('/misfit', () => patchResponse({ op: 'remove', path: '/spec/nothing' }));
  await assert.rejects(client.create(pods, pod('b')), { code: 'SERVER_FAILED', message: /there is no nothing/ });
});

test('webhooks are verified by the authority of their configuration, under the name of their service', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  const service = { namespace: 'default', name: 'webhook' };
  const other = Buffer.from(api.authority.cert).toString('base64');
  hooks.register('validating', 'a', { clientConfig: { service, caBundle: other } });
  await assert.rejects(client.create(pods, pod('a')), { message: /failed to call webhook/ });
  hooks.register('validating', 'a');
  await client.create(pods, pod('a'));
  await using misnamed = await startWebhookLab(api, ['webhook.kube-system.svc']);
  misnamed.register('validating', 'a');
  await assert.rejects(client.create(pods, pod('b')), { message: /webhook\.default\.svc/ });
  assert.equal(misnamed.asked.length, 0);
});

test('webhooks that take too long are failures', async () => {
  const clock = manualClock(Date.UTC(2026, 0, 1));
  await using lab = await kubernetesLab({ clock });
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Json>();
  hooks.answer('/slow', () => {
    asked.resolve();
    return answer.promise;
  });
  hooks.register('validating', 'slow', { timeoutSeconds: 3 });
  const creation = client.create(pods, pod('a'));
  const failed = assert.rejects(creation, { message: /context deadline exceeded/ });
  await asked.promise;
  await clock.advance(3000);
  await failed;
  answer.resolve({ allowed: true });
});

const matching: readonly (readonly [string, Json, readonly string[]])[] = [
  [
    'an operation',
    { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['DELETE'], resources: ['*'] }] },
    ['pod-', 'node-'],
  ],
  [
    'no subresources',
    { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['*'] }] },
    ['pod+', 'pod-', 'node+', 'node-'],
  ],
  [
    'all of a kind',
    { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods/*'] }] },
    ['pod+', 'pod/status', 'pod-'],
  ],
  [
    'one subresource of all',
    { rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['*/status'] }] },
    ['pod/status'],
  ],
  [
    'a scope',
    { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'], scope: 'Cluster' }] },
    ['node+', 'node-'],
  ],
  [
    'another group',
    { rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['*/*'] }] },
    [],
  ],
  ['a label', { objectSelector: { matchLabels: { app: 'x' } } }, ['pod+', 'pod-']],
  ['no label', { objectSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } }, []],
  [
    'a namespace',
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } },
    ['pod+', 'pod-'],
  ],
  [
    'another namespace',
    {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['default'] }],
      },
    },
    [],
  ],
  ['conditions', { matchConditions: [{ name: 'a', expression: 'request.operation == "CREATE"' }] }, ['pod+']],
];
for (const [name, changes, expected] of matching) {
  test(`webhooks are asked about what they match: ${name}`, async () => {
    await using lab = await kubernetesLab();
    const { api, client } = lab;
    await using hooks = await startWebhookLab(api);
    hooks.register('validating', 'match', changes);
    await client.create(pods, pod('pod', { app: 'x' }));
    await client.patch(pods, 'pod', { kind: 'merge', body: { status: { a: 1 } }, subresource: 'status' });
    await client.remove(pods, 'pod');
    await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } });
    await client.remove(nodes, 'node');
    const signs: Readonly<Record<string, string>> = { CREATE: '+', DELETE: '-' };
    const seen = hooks.asked.map(({ operation, subResource, kind }) => {
      const word = String((kind as Json)['kind']).toLowerCase();
      return `${word}${typeof subResource === 'string' ? `/${subResource}` : signs[operation]}`;
    });
    assert.deepEqual(seen, expected);
  });
}

test('webhooks are not asked about their own configurations, and namespaces are judged by their own labels', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }];
  hooks.register('validating', 'all', { rules, namespaceSelector: { matchLabels: { on: '1' } } });
  hooks.answer('/all', () => ({ allowed: false }));
  await client.patch(validatingWebhooks, 'all', { kind: 'merge', body: { metadata: { labels: { a: 'b' } } } });
  const namespace = (labels: Record<string, string>): Json & { apiVersion: string; kind: string } => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', labels },
  });
  await assert.rejects(client.create(namespaces, namespace({ on: '1' })), { message: /denied/ });
  await client.create(namespaces, namespace({}));
  assert.deepEqual(
    hooks.asked.map(({ namespace: inside }) => inside),
    ['team'],
  );
  const broken = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'x' },
  };
  for (const change of [
    { name: 'short' },
    { sideEffects: 'Some' },
    { timeoutSeconds: 31 },
    { admissionReviewVersions: ['v1beta1'] },
  ]) {
    const webhook = {
      name: 'a.b.c',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://x' },
      ...change,
    };
    const made = client.create(validatingWebhooks, { ...broken, webhooks: [webhook] });
    await assert.rejects(made, { code: 'INVALID', status: 422 }, JSON.stringify(change));
  }
});

test('objects with finalizers go when these are gone, and webhooks see each step', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await using hooks = await startWebhookLab(api);
  hooks.register('validating', 'all');
  await client.create(pods, { ...pod('a'), metadata: { name: 'a', finalizers: ['sea.example/hold'] } });
  assert.equal(await client.remove(pods, 'a'), true);
  assert.notEqual((await client.get(pods, 'a'))?.metadata.deletionTimestamp, undefined);
  await client.patch(pods, 'a', { kind: 'merge', body: { metadata: { finalizers: null } } });
  assert.equal(await client.get(pods, 'a'), undefined);
  assert.deepEqual(
    hooks.asked.map(({ operation }) => operation),
    ['CREATE', 'DELETE', 'UPDATE'],
  );
});
