import assert from 'node:assert/strict';
import test from 'node:test';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { ScannedObject } from '../report/report-writer.ts';
import { BackgroundScan, type BackgroundScanParts, type ScanCounts } from './background-scan.ts';
import { backgroundLimits } from './limits.ts';

const { signal } = new AbortController();

const policy: ResourcePolicy = {
  id: 'a',
  dialect: 'kyverno',
  hash: '',
  unknown: 'deny',
  admission: true,
  background: true,
  firstRuleOnly: false,
  matchConditions: [],
  rules: [
    {
      name: 'r',
      kinds: [],
      judge: () => ({ kind: 'decided', outcome: 'failed', action: 'deny', message: 'no', images: [] }),
    },
  ],
};

test('looks over all that runs, goes on where it stopped, and begins again after a while', async () => {
  await using lab = await kubernetesLab();
  const pods = Array.from({ length: backgroundLimits.pageSize + 5 }, (_, at) => ({ metadata: { name: `p${at}` } }));
  lab.api.seed(builtInTypes.pods, ...pods);
  lab.api.seed(builtInTypes.deployments, { metadata: { name: 'd' } });
  const clock = manualClock();
  const scanned: ScannedObject[] = [];
  const counts: ScanCounts[] = [];
  const warnings: string[] = [];
  let isLeader = false;
  const unused = (): never => assert.fail();
  const parts: BackgroundScanParts = {
    client: lab.client,
    clock,
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    facts: { look: unused, pullSecrets: unused },
    names: { resolve: unused },
    images: { judge: unused },
    keys: { of: unused },
    policies: () => [policy, { ...policy, id: 'b', background: false }],
    passesOver: ({ name }) => name === 'p0',
    leads: () => isLeader,
    reports: { scanned: async (each) => void scanned.push(each) },
    observe: (each) => void counts.push(each),
  };
  const scan = new BackgroundScan(parts);
  await scan.step(signal);
  assert.equal(scanned.length, 0);
  isLeader = true;
  const isSecond = ({ query }: { readonly query: Readonly<Record<string, string>> }): boolean =>
    query['continue'] !== undefined;
  lab.api.faults.inject({ kind: 'status', status: 500 }, { when: isSecond, times: 1 });
  const isJobs = ({ resource }: { readonly resource: string }): boolean => resource === 'jobs';
  lab.api.faults.inject({ kind: 'status', status: 403, reason: 'Forbidden' }, { when: isJobs });
  for (let time = 0; time < 5 && counts.length === 0; time += 1) await scan.step(signal);
  const names = scanned.map(({ subject }) => subject.name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, pods.length);
  assert.deepEqual(counts[0]?.failing, new Map([['a', pods.length]]));
  assert.deepEqual(scanned[0]?.asked, ['a']);
  assert.ok(warnings.includes('A kind of objects cannot be looked over'));
  await scan.step(signal);
  assert.equal(scanned.length, pods.length);
  clock.set(clock.now() + backgroundLimits.interval * 1.1);
  await scan.step(signal);
  assert.equal(scanned.length, 2 * pods.length);
  scan.policiesChanged();
  await scan.step(signal);
  assert.equal(scanned.length, 3 * pods.length);
});
