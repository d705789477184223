import assert from 'node:assert/strict';
import test from 'node:test';
import { policyAbout } from '../../../testing/admission/resource-policies.ts';
import { type KubernetesLab, kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { systemClock } from '../../net/clock.ts';
import { configurationTypes, withBundle } from './configuration.ts';
import { webhookLimits } from './limits.ts';
import type { Webhook, WebhookSettings } from './model.ts';
import { ownerOfWebhooks } from './owner.ts';
import { WebhookRegistrar } from './webhook-registrar.ts';

const pods = policyAbout('pods', ['/*/Pod']);
const slow = policyAbout('slow', ['/*/Pod'], { timeout: 20_000 });

interface Registrar {
  readonly registrar: WebhookRegistrar;
  readonly clock: ReturnType<typeof instantClock>;
  leads: boolean;
  canAnswer: boolean;
}

function registrarOf(
  { client }: KubernetesLab,
  leads = true,
  change: Pick<WebhookSettings, 'annotations' | 'isInjected'> = {},
): Registrar {
  const clock = instantClock();
  const settings = {
    ...change,
    name: 'seaworthy',
    namespace: 'seaworthy-system',
    address: { service: { namespace: 'seaworthy-system', name: 'admission', port: 443 } },
  };
  const state = { leads, canAnswer: true };
  const registrar = new WebhookRegistrar({
    client,
    clock,
    logger: silentLogger,
    settings,
    leads: () => made.leads,
    canAnswer: () => made.canAnswer,
  });
  const made = Object.assign(state, { registrar, clock });
  return made;
}

async function registered({ client }: KubernetesLab, phase: 'mutate' | 'validate'): Promise<readonly Webhook[]> {
  const found = await client.get(configurationTypes[phase], 'seaworthy');
  return (found?.['webhooks'] ?? []) as readonly Webhook[];
}

function bundlesOf(webhooks: readonly Webhook[]): readonly string[] {
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle, 'base64').toString());
}

test('nothing is registered before policies and a bundle are known, and this replica leads and can answer', async () => {
  await using lab = await kubernetesLab();
  const made = registrarOf(lab, false);
  const { registrar } = made;
  made.canAnswer = false;
  const steps: readonly (() => unknown)[] = [
    () => registrar.want([pods]),
    () => registrar.publish('first'),
    () => (made.leads = true),
  ];
  for (const step of steps) {
    await step();
    assert.equal(await registrar.attempt(), 0);
  }
  assert.deepEqual(await registered(lab, 'validate'), []);
  made.canAnswer = true;
  assert.equal(await registrar.attempt(), 2);
  assert.equal(await registrar.attempt(), 0);
  const all = [...(await registered(lab, 'mutate')), ...(await registered(lab, 'validate'))];
  assert.deepEqual(
    all.map(({ name }) => name),
    ['mutate.seaworthy.svc-fail', 'validate.seaworthy.svc-fail'],
  );
  assert.deepEqual(bundlesOf(all), ['first', 'first']);
});

test('what policies want is followed, and without policies nothing is registered', async () => {
  await using lab = await kubernetesLab();
  const { registrar } = registrarOf(lab);
  await registrar.publish('first');
  registrar.want([pods, slow]);
  await registrar.attempt();
  assert.equal((await registered(lab, 'validate')).length, 2);
  registrar.want([slow]);
  await registrar.attempt();
  assert.deepEqual(
    (await registered(lab, 'mutate')).map(({ timeoutSeconds }) => timeoutSeconds),
    [20],
  );
  registrar.want([]);
  assert.equal(await registrar.attempt(), 2);
  assert.equal(await lab.client.get(configurationTypes.mutate, 'seaworthy'), undefined);
});

test('an authority that another one writes into what is registered stays, and ours is there before', async () => {
  await using lab = await kubernetesLab();
  const annotations = { 'cert-manager.io/inject-ca-from': 'a/b' };
  const { registrar } = registrarOf(lab, true, { annotations, isInjected: true });
  registrar.want([pods]);
  assert.equal(await registrar.attempt(), 0);
  await registrar.publish('ours');
  assert.equal(await registrar.attempt(), 2);
  const found = (await lab.client.get(configurationTypes.validate, 'seaworthy')) as KubernetesObject;
  assert.deepEqual(found.metadata.annotations, annotations);
  assert.deepEqual(bundlesOf(await registered(lab, 'validate')), ['ours']);
  await lab.client.replace(configurationTypes.validate, withBundle(found, Buffer.from('theirs').toString('base64')));
  assert.equal(await registrar.attempt(), 0);
  assert.equal(await registrar.publish('ours'), true);
  registrar.want([pods, slow]);
  assert.equal(await registrar.attempt(), 2);
  assert.deepEqual(bundlesOf(await registered(lab, 'validate')), ['theirs', 'theirs']);
  assert.deepEqual(bundlesOf(await registered(lab, 'mutate')), ['ours', 'ours']);
});

const changes: readonly (readonly [what: string, change: (webhook: Webhook) => object])[] = [
  ['a selector of objects', () => ({ objectSelector: { matchLabels: { skip: 'me' } } })],
  ['another failure policy', () => ({ failurePolicy: 'Ignore' })],
  ['a namespace that is left out', () => ({ namespaceSelector: { matchLabels: { check: 'yes' } } })],
  ['a condition', () => ({ matchConditions: [{ name: 'no', expression: 'false' }] })],
  [
    'another address',
    ({ clientConfig }) => ({ clientConfig: { ...clientConfig, service: undefined, url: 'https://evil.test' } }),
  ],
  ['fewer rules', () => ({ rules: [] })],
];
for (const [what, change] of changes) {
  test(`${what} that somebody else wrote is mended, and their labels stay`, async () => {
    await using lab = await kubernetesLab();
    const { registrar } = registrarOf(lab);
    await registrar.publish('first');
    registrar.want([pods, slow]);
    await registrar.attempt();
    const before = await registered(lab, 'validate');
    const type = configurationTypes.validate;
    const found = (await lab.client.get(type, 'seaworthy')) as KubernetesObject;
    const labels = { ...found.metadata.labels, 'argocd.test/app': 'it' };
    const webhooks = before.map((webhook) => ({ ...webhook, ...change(webhook) }));
    await lab.client.replace(type, { ...found, metadata: { ...found.metadata, labels }, webhooks });
    assert.notDeepEqual(await registered(lab, 'validate'), before);
    assert.equal(await registrar.attempt(), 1);
    assert.deepEqual(await registered(lab, 'validate'), before);
    assert.deepEqual((await lab.client.get(type, 'seaworthy'))?.metadata.labels, labels);
  });
}

test('a bundle is published when every webhook has it, and the servers had time to hear of it', async () => {
  await using lab = await kubernetesLab();
  const leader = registrarOf(lab);
  const other = registrarOf(lab, false);
  // Nobody connects yet; only the leader knows that nobody is about to.
  assert.equal(await other.registrar.publish('old'), false);
  assert.equal(await leader.registrar.publish('old'), true);
  leader.registrar.want([pods, slow]);
  await leader.registrar.attempt();
  assert.equal(await other.registrar.publish('old\nnew'), false);
  assert.deepEqual(new Set(bundlesOf(await registered(lab, 'mutate'))), new Set(['old']));
  assert.deepEqual(leader.clock.pauses, []);
  assert.equal(await leader.registrar.publish('old\nnew'), true);
  assert.deepEqual(leader.clock.pauses, [webhookLimits.propagation]);
  assert.equal(await leader.registrar.publish('old\nnew'), true);
  assert.equal(leader.clock.pauses.length, 1);
  for (const phase of ['mutate', 'validate'] as const) {
    assert.deepEqual(bundlesOf(await registered(lab, phase)), ['old\nnew', 'old\nnew']);
  }
  assert.equal(await other.registrar.publish('old\nnew'), true);
  // The policies of this replica are still the same, and the bundle that it registers is the newest.
  assert.equal(await leader.registrar.attempt(), 0);
});

test('a bundle that cannot be written is not published', async () => {
  await using lab = await kubernetesLab();
  const { registrar } = registrarOf(lab);
  await registrar.publish('old');
  registrar.want([pods]);
  await registrar.attempt();
  lab.api.faults.inject({ kind: 'status', status: 403 }, { when: ({ verb }) => verb === 'update' });
  await assert.rejects(registrar.publish('new'), { code: 'FORBIDDEN' });
});

test('what a cluster does not tell of is asked about as a whole, and what cannot be looked at changes nothing', async () => {
  await using lab = await kubernetesLab();
  const { registrar } = registrarOf(lab);
  await registrar.publish('first');
  registrar.want([policyAbout('tasks', ['tekton.dev/*/Task'])]);
  await registrar.attempt();
  const resources = async (): Promise<unknown> => (await registered(lab, 'validate'))[0]?.rules[0]?.resources;
  assert.deepEqual(await resources(), ['*']);
  lab.api.faults.inject({ kind: 'status', status: 403 }, { when: ({ path }) => path === '/apis' });
  registrar.want([policyAbout('tasks', ['tekton.dev/*/Task']), pods]);
  await assert.rejects(registrar.attempt(), { code: 'FORBIDDEN' });
  assert.deepEqual(await resources(), ['*']);
});

test('cleaning up removes what was registered here, and nothing of that name that was not', async () => {
  await using lab = await kubernetesLab();
  const { registrar } = registrarOf(lab);
  await registrar.publish('first');
  registrar.want([pods]);
  await registrar.attempt();
  assert.deepEqual(await registrar.remove(), ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']);
  assert.equal(await registrar.attempt(), 0);
  lab.api.seed(builtInTypes.mutatingWebhooks, { metadata: { name: 'seaworthy' }, webhooks: [] });
  assert.deepEqual(await registrar.remove(), []);
  assert.ok(await lab.client.get(configurationTypes.mutate, 'seaworthy'));
});

test('webhooks go with the cluster role of the webhook', async () => {
  await using lab = await kubernetesLab();
  assert.equal(await ownerOfWebhooks(lab.client, 'seaworthy-admission'), undefined);
  lab.api.seed(builtInTypes.clusterRoles, { metadata: { name: 'seaworthy-admission' } });
  const owner = await ownerOfWebhooks(lab.client, 'seaworthy-admission');
  assert.deepEqual([owner?.kind, owner?.name], ['ClusterRole', 'seaworthy-admission']);
});

test('while it runs, changes of policies and of others are taken up by themselves', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  const settings = {
    name: 'seaworthy',
    namespace: 'seaworthy-system',
    address: { url: 'https://127.0.0.1:1' },
  };
  // Pauses are short, and last all the same.
  const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(5, signal) };
  const yes = (): boolean => true;
  const registrar = new WebhookRegistrar({ client, clock, logger: silentLogger, settings, leads: yes, canAnswer: yes });
  await registrar.publish('first');
  const ended = new AbortController();
  const running = registrar.run(ended.signal);
  const until = async (done: (webhooks: readonly Webhook[]) => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 500; attempt += 1) {
      if (done(await registered(lab, 'validate'))) return;
      await systemClock.sleep(5);
    }
    assert.fail('it never came to that');
  };
  registrar.want([pods]);
  await until(({ length }) => length === 1);
  await client.remove(configurationTypes.validate, 'seaworthy');
  await until(({ length }) => length === 1);
  registrar.want([pods, slow]);
  await until(({ length }) => length === 2);
  ended.abort();
  await running;
});
