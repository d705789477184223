import assert from 'node:assert/strict';
import test from 'node:test';
import { Registry } from 'prom-client';
import { policyAbout } from '../../../testing/admission/resource-policies.ts';
import { podSubject, ruleResult, verdictOf } from '../../../testing/admission/rule-result.ts';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { silentLogger } from '../../base/logger.ts';
import { listAll } from '../../kubernetes/list-all.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { systemClock } from '../../net/clock.ts';
import { eventType } from '../event/event-object.ts';
import { resultsOf } from '../report/report-of.ts';
import { reportTypes } from '../report/report-types.ts';
import { imagePolicyDefinition, imagePolicyType } from '../resources/image-policy.ts';
import { ClusterUpkeep, type UpkeepSettings } from './cluster-upkeep.ts';
import { UpkeepMetrics } from './metrics.ts';

const { namespaced, cluster } = reportTypes[0] as (typeof reportTypes)[number];
const unused = (): never => assert.fail();
const annotations = { 'policies.kyverno.io/severity': 'high', 'policies.kyverno.io/category': 'Supply chain' };

interface Scene extends KubernetesLab {
  readonly upkeep: ClusterUpkeep;
  readonly registry: Registry;
  readonly list: (type: ResourceType) => Promise<readonly KubernetesObject[]>;
  readonly change: () => void;
}

async function openScene(settings: Partial<UpkeepSettings>): Promise<Scene> {
  const lab = await kubernetesLab();
  const { client, api } = lab;
  api.register(namespaced);
  api.register(cluster);
  await client.create(builtInTypes.customResourceDefinitions, imagePolicyDefinition());
  const policy = await client.create(imagePolicyType, {
    apiVersion: 'seaworthy.dev/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'signed', annotations },
    spec: {},
  });
  const registry = new Registry();
  const upkeep = new ClusterUpkeep(
    { reports: true, events: true, ...settings },
    {
      client,
      clock: { ...systemClock, sleep: (_, signal) => systemClock.sleep(2, signal) },
      logger: silentLogger,
      metrics: new UpkeepMetrics(registry),
      identity: 'seaworthy-0',
      leads: () => true,
    },
  );
  const failing = policyAbout(
    'signed',
    ['/*/Pod'],
    {},
    {
      judge: () => ({ kind: 'decided', outcome: 'failed', action: 'deny', message: 'it is not signed', images: [] }),
    },
  );
  const listeners = new Set<() => void>();
  const ended = new AbortController();
  const running = upkeep.run(
    {
      set: {
        policies: [failing],
        mistakes: [],
        isLoaded: true,
        onChange: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      objects: () => [policy],
      find: (id) => (id === 'signed' ? policy : undefined),
    },
    {
      resource: {
        facts: { look: unused, pullSecrets: unused },
        names: { resolve: unused },
        images: { judge: unused },
        keys: { of: unused },
        clock: systemClock,
      },
      passesOver: ({ name }) => name === 'passed-over',
    },
    ended.signal,
  );
  return {
    ...lab,
    upkeep,
    registry,
    list: async (type) => (await listAll(client, type)).objects,
    change: () => {
      for (const listener of listeners) listener();
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await running;
      assert.equal(listeners.size, 0);
      await lab[Symbol.asyncDispose]();
    },
  };
}

test('ClusterUpkeep reports what a review found, tells of what was denied, and says that policies count', async () => {
  await using scene = await openScene({});
  const { upkeep, list } = scene;
  upkeep.judged({ subject: podSubject(), verdict: verdictOf(ruleResult('signed')), phase: 'validate', dryRun: false });
  const denial = verdictOf(ruleResult('signed', { action: 'deny', denies: true }));
  upkeep.judged({ subject: podSubject({ name: 'bad' }), verdict: denial, phase: 'mutate', dryRun: false });
  const [report] = await atLeast(1, () => list(namespaced));
  assert.ok(report !== undefined);
  assert.deepEqual(
    resultsOf(report).map(({ policy, severity, category }) => [policy, severity, category]),
    [['signed', 'high', 'Supply chain']],
  );
  const told = await atLeast(2, () => list(eventType));
  const regarding = told.map((event) => (event['regarding'] as { readonly kind: string }).kind);
  assert.deepEqual(regarding.sort(), ['ImagePolicy', 'Pod'], 'an object that never was is told of on the policy');
  const [said] = await atLeast(1, async () =>
    (await list(imagePolicyType)).filter(({ status }) => status !== undefined),
  );
  assert.ok(JSON.stringify(said?.['status']).includes('"Counts"'));
  const text = await scene.registry.metrics();
  assert.match(text, /^seaworthy_admission_reports_total\{outcome="created"\} 1$/m);
  assert.match(text, /^seaworthy_admission_events_total\{outcome="created"\} 2$/m);
});

test('ClusterUpkeep looks over what runs, and again when policies change', async () => {
  await using scene = await openScene({ background: 3_600_000 });
  const { api, list, registry } = scene;
  const ended = async (): Promise<number> =>
    Number(/^seaworthy_admission_background_objects\{state="failing"\} (\d+)$/m.exec(await registry.metrics())?.[1]);
  await until(async () => (await ended()) === 0);
  for (const name of ['running', 'passed-over'])
    api.seed(builtInTypes.pods, { metadata: { name, namespace: 'default' } });
  scene.change();
  await until(async () => (await ended()) === 1);
  const [report, ...others] = await atLeast(1, () => list(namespaced));
  assert.equal(others.length, 0);
  assert.deepEqual(
    resultsOf(report as KubernetesObject).map(({ policy, result }) => [policy, result]),
    [['signed', 'fail']],
  );
});

test('ClusterUpkeep writes nothing that is not wanted', async () => {
  await using scene = await openScene({ reports: false, events: false, background: 3_600_000 });
  const { upkeep, list, registry, api } = scene;
  api.seed(builtInTypes.pods, { metadata: { name: 'running', namespace: 'default' } });
  const denial = verdictOf(ruleResult('signed', { action: 'deny', denies: true }));
  upkeep.judged({ subject: podSubject(), verdict: denial, phase: 'mutate', dryRun: false });
  scene.change();
  await until(async () => /background_objects\{state="failing"\} 1$/m.test(await registry.metrics()));
  assert.deepEqual([...(await list(namespaced)), ...(await list(eventType))], []);
});

async function atLeast<Value>(count: number, find: () => Promise<readonly Value[]>): Promise<readonly Value[]> {
  let found = await find();
  await until(async () => (found = await find()).length >= count);
  return found;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
