import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { missingKinds } from './missing-kinds.ts';

const { signal } = new AbortController();

for (const legacyDiscovery of [false, true]) {
  test(`missingKinds() tells words that no kind of the cluster is called, ${legacyDiscovery ? 'of older servers too' : 'in two requests'}`, async () => {
    await using lab = await kubernetesLab({ legacyDiscovery });
    const there = ['Lease', 'leases', 'LEASES.coordination.k8s.io', 'netpol', 'networkpolicy.networking.k8s.io'];
    const gone = ['leasse', 'leases.example.org', 'lease.', 'le\u001Bases'];
    const gaps = await missingKinds([...there, ...gone], lab.client, signal);
    assert.deepEqual(
      gaps.map(({ resource, reason, loses }) => [resource, reason, loses]),
      gone.map((word) => [word.replace('\u001B', '\uFFFD'), 'absent', 'workloads']),
    );
    assert.match(gaps[0]?.message ?? '', /^There is no kind "leasse" in this cluster; check its name$/);
    if (!legacyDiscovery) assert.equal(lab.api.calls.length, 2);
  });
}

test('missingKinds() asks nothing where there is nothing to ask', async () => {
  await using lab = await kubernetesLab();
  assert.deepEqual(await missingKinds([], lab.client, signal), []);
  assert.equal(lab.api.calls.length, 0);
});

test('missingKinds() takes a group that does not answer for one that may have the kind', async () => {
  await using lab = await kubernetesLab({ staleGroups: ['argoproj.io/v1alpha1'] });
  const gaps = await missingKinds(['lease', 'rollout'], lab.client, signal);
  assert.deepEqual(
    gaps.map(({ resource, reason }) => [resource, reason]),
    [['rollout', 'failed']],
  );
  assert.match(gaps[0]?.message ?? '', /^Whether there is a kind "rollout" in this cluster cannot be told: .*argoproj/);
});

for (const [code, reason] of [
  ['FORBIDDEN', 'forbidden'],
  ['SERVER_FAILED', 'failed'],
] as const) {
  test(`missingKinds() tells kinds as not known where what there is cannot be asked: ${code}`, async () => {
    const discover = (): Promise<never> => Promise.reject(new KubernetesError(code, 'the server says no'));
    const gaps = await missingKinds(['rollout', 'frobs'], { discover }, signal);
    assert.deepEqual(
      gaps.map((gap) => [gap.resource, gap.reason]),
      [
        ['rollout', reason],
        ['frobs', reason],
      ],
    );
  });
}

test('missingKinds() ends where the cluster cannot be asked at all', async () => {
  const discover = (): Promise<never> => Promise.reject(new KubernetesError('UNREACHABLE', 'nobody is there'));
  await assert.rejects(missingKinds(['rollout'], { discover }, signal), { code: 'UNREACHABLE' });
});
