import assert from 'node:assert/strict';
import test from 'node:test';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { listAll } from '../../kubernetes/list-all.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { TextMistake } from '../../policy/dialects/model.ts';
import { imagePolicyDefinition, imagePolicyType } from '../resources/image-policy.ts';
import { PolicyStatuses } from './policy-statuses.ts';

const { signal } = new AbortController();

async function labWith(...names: readonly string[]): Promise<KubernetesLab & { objects: KubernetesObject[] }> {
  const lab = await kubernetesLab();
  await lab.client.create(builtInTypes.customResourceDefinitions, imagePolicyDefinition());
  const made = { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', spec: {} };
  for (const name of names) await lab.client.create(imagePolicyType, { ...made, metadata: { name } });
  return { ...lab, objects: [...(await listAll(lab.client, imagePolicyType)).objects] };
}

async function said({ client }: KubernetesLab, name: string): Promise<readonly string[]> {
  const status = (await client.get(imagePolicyType, name))?.['status'] as { readonly conditions?: unknown } | undefined;
  return ((status?.conditions ?? []) as readonly { status: string; message: string }[]).map(
    (condition) => `${condition.status} ${condition.message}`,
  );
}

function mistake(name: string): TextMistake {
  return { file: `ImagePolicy/${name}`, line: 1, column: 1, path: 'spec.rules', sentence: 'has no rule' };
}

test('PolicyStatuses says of each policy what is wrong with it, by the leader, when policies were read', async () => {
  await using lab = await labWith('good', 'bad');
  let mistakes: readonly TextMistake[] | undefined;
  let leads = false;
  const clock = instantClock();
  const { client, objects } = lab;
  const statuses = new PolicyStatuses({
    client,
    clock,
    logger: silentLogger,
    leads: () => leads,
    objects: () => objects,
    mistakes: () => mistakes,
  });
  await statuses.write(signal);
  mistakes = [mistake('bad')];
  await statuses.write(signal);
  assert.deepEqual(await said(lab, 'bad'), [], 'only the leader writes, and only what is known');
  leads = true;
  await statuses.write(signal);
  assert.deepEqual(await said(lab, 'good'), ['True ']);
  assert.deepEqual(await said(lab, 'bad'), ['False spec.rules has no rule']);
});

test('PolicyStatuses writes again when policies change, and not where all is said', async () => {
  await using lab = await labWith('one');
  let mistakes: readonly TextMistake[] = [mistake('one')];
  let objects = lab.objects;
  const ended = new AbortController();
  const { client, api } = lab;
  const statuses = new PolicyStatuses({
    client,
    // Without its pauses it would look all the time.
    clock: { ...instantClock(), sleep: () => new Promise(() => undefined) },
    logger: silentLogger,
    leads: () => true,
    objects: () => objects,
    mistakes: () => mistakes,
  });
  const writes = (): number => api.calls.filter(({ verb }) => verb === 'update').length;
  const running = statuses.run(ended.signal);
  await until(() => writes() === 1);
  objects = [...(await listAll(client, imagePolicyType)).objects];
  mistakes = [];
  statuses.nudge();
  await until(() => writes() === 2);
  assert.deepEqual(await said(lab, 'one'), ['True ']);
  objects = [...(await listAll(client, imagePolicyType)).objects];
  statuses.nudge();
  await statuses.write(signal);
  assert.equal(writes(), 2);
  ended.abort();
  await running;
});

test('PolicyStatuses writes what is due when it begins to lead, and what comes while it writes, without a pause', async () => {
  await using lab = await labWith('one');
  const ended = new AbortController();
  const { client, api, objects } = lab;
  let leads = false;
  let mistakes = [mistake('one')];
  let looks = 0;
  const statuses: PolicyStatuses = new PolicyStatuses({
    client: {
      replace: async (...asked) => {
        // One change comes while the first status is on its way.
        if (mistakes.length > 0) {
          mistakes = [];
          statuses.nudge();
        }
        return await client.replace(...asked);
      },
    },
    clock: { ...instantClock(), sleep: () => new Promise(() => undefined) },
    logger: silentLogger,
    leads: () => {
      looks += 1;
      return leads;
    },
    objects: () => objects,
    mistakes: () => mistakes,
  });
  const writes = (): number => api.calls.filter(({ verb }) => verb === 'update').length;
  const running = statuses.run(ended.signal);
  await until(() => looks === 1);
  leads = true;
  statuses.nudge();
  await until(() => writes() >= 2);
  ended.abort();
  await running;
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
