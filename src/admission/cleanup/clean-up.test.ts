import assert from 'node:assert/strict';
import test from 'node:test';
import { type KubernetesLab, kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { failure } from '../../../testing/kubernetes/status.ts';
import { keptVerdict } from '../../../testing/admission/kept-verdicts.ts';
import { policyAbout } from '../../../testing/admission/resource-policies.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { planRotation } from '../certificates/plan-rotation.ts';
import { secretStore } from '../certificates/secret-store.ts';
import { Leader } from '../../kubernetes/leader/leader.ts';
import { leaseType } from '../../kubernetes/leader/lease.ts';
import { configurationName, sharedNames } from '../manifests/model.ts';
import { ownLabels } from '../ownership.ts';
import { imageVerdictDefinition, imageVerdictType } from '../resources/image-verdict.ts';
import { readSealKey } from '../verdict-cache/seal-key.ts';
import { verdictObject } from '../verdict-cache/verdict-object.ts';
import { removalOrder } from '../webhooks/remove-webhooks.ts';
import { WebhookRegistrar } from '../webhooks/webhook-registrar.ts';
import { cleanUp } from './clean-up.ts';
import type { CleanupParts, CleanupSettings, CleanupStep } from './model.ts';
import { registeredNamespace } from './registered-namespace.ts';

const namespace = 'seaworthy-system';
const settings: CleanupSettings = { namespace, all: true, stop: false, dryRun: false };
const { deployments, secrets } = builtInTypes;
const logger = silentLogger;
type TestClock = ReturnType<typeof instantClock>;

/** A cluster with all that the webhook makes there, made by the parts that make it. */
async function useCluster({ client, api }: KubernetesLab): Promise<{
  readonly leader: Leader;
  readonly registrar: WebhookRegistrar;
  readonly clock: TestClock;
}> {
  const labels = { 'kubernetes.io/metadata.name': namespace };
  api.seed(builtInTypes.namespaces, { metadata: { name: namespace, labels } });
  await client.create(builtInTypes.customResourceDefinitions, imageVerdictDefinition());
  const clock = instantClock();
  const leader = new Leader({
    client,
    namespace,
    name: sharedNames.lease,
    labels: ownLabels,
    identity: 'one',
    clock,
    logger,
  });
  await leader.attempt();
  const registrar = new WebhookRegistrar({
    client,
    clock,
    logger,
    settings: {
      name: configurationName,
      namespace,
      address: { service: { namespace, name: 'seaworthy-admission', port: 443 } },
    },
    leads: () => leader.leads,
    canAnswer: () => true,
  });
  await registrar.publish('bundle');
  registrar.want([policyAbout('all', ['*'])]);
  assert.equal(await registrar.attempt(), 2);
  const { state } = planRotation(undefined, Date.now(), { dnsNames: ['a.b.svc'] });
  await secretStore({ client, namespace, name: sharedNames.certificates }).write(state, undefined);
  const keyOptions = { client, namespace, name: sharedNames.sealKey, leads: () => true, clock, logger };
  const key = await readSealKey(keyOptions, new AbortController().signal);
  for (const name of ['a', 'b', 'c']) api.seed(imageVerdictType, verdictObject(keptVerdict(name), key) ?? {});
  return { leader, registrar, clock };
}

async function run(
  { client }: { readonly client: CleanupParts['client'] },
  clock: TestClock,
  change: Partial<CleanupSettings> = {},
): Promise<{ readonly lines: readonly string[]; readonly steps: readonly CleanupStep[] }> {
  const steps: CleanupStep[] = [];
  const { signal } = new AbortController();
  const parts = {
    client,
    clock,
    onStep: (step: CleanupStep) => void steps.push(step),
    onWait: () => undefined,
    signal,
  };
  await cleanUp(parts, { ...settings, ...change });
  const lines = steps.map(({ kind, name = '', count = '', outcome }) => {
    const became = typeof outcome === 'string' ? outcome : 'failed';
    return `${kind} ${name}${count} ${became}`;
  });
  return { lines, steps };
}

const webhooks = [
  'ValidatingWebhookConfiguration seaworthy-admission',
  'MutatingWebhookConfiguration seaworthy-admission',
];
const kept = ['Secret seaworthy-admission-tls', 'Secret seaworthy-admission-seal'];
const all = [...webhooks, 'Lease seaworthy-admission', ...kept, 'ImageVerdict 3'];

test('all that the webhook made goes, what has API servers ask it first, and there is nothing the second time', async () => {
  await using lab = await kubernetesLab();
  const { clock } = await useCluster(lab);
  assert.equal(await registeredNamespace(lab.client), namespace);
  const before = clock.pauses.length;
  assert.deepEqual(
    (await run(lab, clock, { dryRun: true })).lines,
    all.map((each) => `${each} present`),
  );
  assert.equal(clock.pauses.length, before);
  assert.deepEqual(
    (await run(lab, clock)).lines,
    all.map((each) => `${each} removed`),
  );
  assert.ok((await run(lab, clock)).steps.every(({ outcome }) => outcome === 'absent'));
  assert.equal(await registeredNamespace(lab.client), undefined);
});

test('Secrets and verdicts stay unless all is to go', async () => {
  await using lab = await kubernetesLab();
  const { clock } = await useCluster(lab);
  assert.deepEqual(
    (await run(lab, clock, { all: false })).lines,
    all.slice(0, 3).map((each) => `${each} removed`),
  );
  for (const name of [sharedNames.certificates, sharedNames.sealKey]) {
    assert.ok(await lab.client.get(secrets, name, { namespace }));
  }
});

test('what others made under the same names stays', async () => {
  await using lab = await kubernetesLab();
  const { api, client } = lab;
  await client.create(builtInTypes.customResourceDefinitions, imageVerdictDefinition());
  const others = { labels: { 'app.kubernetes.io/managed-by': 'Helm' } };
  const targets = [
    ...removalOrder.map((type) => ({ type, name: configurationName })),
    { type: leaseType, namespace, name: sharedNames.lease },
    ...[sharedNames.certificates, sharedNames.sealKey].map((name) => ({ type: secrets, namespace, name })),
    { type: imageVerdictType, name: 'a' },
  ];
  for (const { type, ...place } of targets) api.seed(type, { metadata: { ...place, ...others }, webhooks: [] });
  const { steps } = await run(lab, instantClock());
  assert.deepEqual(
    steps.map(({ outcome }) => outcome),
    ['foreign', 'foreign', 'foreign', 'foreign', 'foreign', 'absent'],
  );
  for (const { type, name, ...place } of targets) assert.ok(await client.get(type, name, place), type.kind);
});

test('an object that somebody else put in the place of ours meanwhile stays', async () => {
  await using lab = await kubernetesLab();
  const { clock } = await useCluster(lab);
  const { client } = lab;
  const [type] = removalOrder;
  const racing = {
    ...bound(client),
    async remove(...[asked, name, options]: Parameters<typeof client.remove>): Promise<boolean> {
      if (asked === type && (await client.remove(asked, name))) lab.api.seed(asked, { metadata: { name } });
      return await client.remove(asked, name, options);
    },
  };
  const { lines } = await run({ client: racing }, clock);
  assert.equal(lines[0], 'ValidatingWebhookConfiguration seaworthy-admission foreign');
});

test('a webhook that runs is an error, since it registers itself again', async () => {
  await using lab = await kubernetesLab();
  const { leader, registrar, clock } = await useCluster(lab);
  const living = {
    ...clock,
    async sleep(milliseconds: number, signal?: AbortSignal) {
      await clock.sleep(milliseconds, signal);
      await leader.attempt();
      await registrar.attempt();
    },
  };
  await assert.rejects(run(lab, living), ({ code, message }) => {
    assert.equal(code, 'WEBHOOK_RUNS');
    assert.match(message, /one leads.*--stop/);
    return true;
  });
  assert.ok(clock.pauses.length < 3);
  assert.ok(await lab.client.get(secrets, sharedNames.sealKey, { namespace }));
});

test('a webhook that is to stop is scaled to none, and what it registered meanwhile goes too', async () => {
  await using lab = await kubernetesLab();
  const { leader, registrar, clock } = await useCluster(lab);
  const { api, client } = lab;
  const name = 'seaworthy-admission';
  const labels = { 'app.kubernetes.io/part-of': 'seaworthy' };
  api.seed(deployments, { metadata: { name, namespace, labels, generation: 1 }, spec: { replicas: 2 } });
  const ended = new AbortController();
  let looks = 0;
  const living = {
    ...clock,
    async sleep(milliseconds: number, signal?: AbortSignal) {
      await clock.sleep(milliseconds, signal);
      looks += 1;
      if (looks < 4) {
        await leader.attempt();
        await registrar.attempt();
        return;
      }
      if (looks > 4) return;
      // As a controller does it: the Pods go, and their leader gives the Lease up.
      ended.abort();
      await leader.run(ended.signal);
      const asked = await client.get(deployments, name, { namespace });
      const status = { replicas: 0, observedGeneration: asked?.metadata.generation };
      await client.patch(deployments, name, { kind: 'merge', body: { status }, subresource: 'status' }, { namespace });
    },
  };
  const { lines } = await run(lab, living, { stop: true });
  assert.deepEqual(
    lines,
    [...webhooks, ...webhooks, ...all.slice(2)].map((each) => `${each} removed`),
  );
  const left = await client.get(deployments, name, { namespace });
  assert.deepEqual(left?.['spec'], { replicas: 0 });
});

test('a Deployment of others is not scaled', async () => {
  await using lab = await kubernetesLab();
  lab.api.seed(deployments, { metadata: { name: 'seaworthy-admission', namespace }, spec: { replicas: 2 } });
  await run(lab, instantClock(), { stop: true });
  const left = await lab.client.get(deployments, 'seaworthy-admission', { namespace });
  assert.deepEqual(left?.['spec'], { replicas: 2 });
});

test('a webhook that is gone and fails closed about everything is no obstacle', async () => {
  await using lab = await kubernetesLab();
  const { clock } = await useCluster(lab);
  const { api, client } = lab;
  // Another one, which leaves nothing out; API servers go on asking it for a moment after it was removed.
  api.seed(builtInTypes.validatingWebhooks, {
    metadata: { name: 'still-asked' },
    webhooks: [
      {
        name: 'a.b.c',
        clientConfig: { service: { namespace, name: 'gone' }, caBundle: '' },
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  let waits = 0;
  const hearing = {
    ...clock,
    async sleep(milliseconds: number, signal?: AbortSignal) {
      await clock.sleep(milliseconds, signal);
      waits += 1;
      // More than it takes until nobody leads: 15 looks.
      if (waits === 18) await client.remove(builtInTypes.validatingWebhooks, 'still-asked');
    },
  };
  const { lines } = await run(lab, hearing);
  assert.deepEqual(
    lines,
    all.map((each) => `${each} removed`),
  );
  assert.ok(waits >= 18);
});

test('what cannot be removed is told, and the rest goes', async () => {
  await using lab = await kubernetesLab();
  const { clock } = await useCluster(lab);
  const { client } = lab;
  const forbidding = {
    ...bound(client),
    remove: (...[type, name, options]: Parameters<typeof client.remove>) =>
      type.kind === 'Secret' ? Promise.reject(failure.internal('no')) : client.remove(type, name, options),
  };
  const { lines } = await run({ client: forbidding }, clock);
  assert.deepEqual(
    lines,
    all.map((each) => (each.startsWith('Secret') ? `${each} failed` : `${each} removed`)),
  );
});

test('a cluster without the definition of verdicts has none', async () => {
  await using lab = await kubernetesLab();
  const { steps } = await run(lab, instantClock());
  assert.ok(steps.every(({ outcome }) => outcome === 'absent'));
});

function bound(client: KubernetesLab['client']): CleanupParts['client'] {
  return {
    get: client.get.bind(client),
    list: client.list.bind(client),
    patch: client.patch.bind(client),
    remove: client.remove.bind(client),
  };
}
