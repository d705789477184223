import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownedBy } from '../../../testing/kubernetes/cluster/objects.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import {
  openOperatorWorld,
  type OperatorWorld,
  type RunningOperator,
} from '../../../testing/operator/operator-world.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { vulnerabilityReports } from './report/report-types.ts';

interface ToldReport {
  readonly updateTimestamp: string;
  readonly summary: Readonly<Record<string, number>>;
  readonly vulnerabilities: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

function told(object: KubernetesObject | undefined): ToldReport {
  assert.ok(object !== undefined, 'there is no such report');
  return object['report'] as ToldReport;
}

function flaws(object: KubernetesObject | undefined): readonly unknown[] {
  return told(object).vulnerabilities.map(({ vulnerabilityID }) => vulnerabilityID);
}

const ofSet = { metadata: ownedBy('apps/v1', 'ReplicaSet', 'web-1') };
const webReport = 'default/replicaset-web-1-web';

async function reported(world: OperatorWorld, keys: readonly string[]): Promise<void> {
  await world.until(`reports about ${keys.join()}`, () =>
    ['vulnerabilityreports', 'sbomreports'].every((type) => keys.every((key) => world.reports(type).has(key))),
  );
}

/** Waits until nothing is asked of the cluster for a while. */
async function settled(world: OperatorWorld, { outcomes, looks }: RunningOperator): Promise<void> {
  const sum = (): number => outcomes.length + looks.length;
  for (let before = -1; before !== sum();) {
    before = sum();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

test('what runs is reported as trivy-operator reports it, each image looked at once', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  for (const name of ['web-1-a', 'web-1-b']) world.run({ name, ...ofSet }, { web: 'web' });
  world.run({ name: 'lone' }, { app: 'web' });
  const one = await world.start();
  await reported(world, [webReport, 'default/pod-lone-app']);
  await settled(world, one);
  assert.deepEqual(one.looks, ['layers']);
  assert.deepEqual([...world.reports().keys()].sort(), ['default/pod-lone-app', webReport]);
  const report = world.reports().get(webReport);
  const { name, labels, ownerReferences } = report?.metadata ?? { name: '' };
  assert.equal(name, 'replicaset-web-1-web');
  assert.deepEqual(ownerReferences, [
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'web-1',
      uid: 'uid-web-1',
      controller: true,
      blockOwnerDeletion: false,
    },
  ]);
  assert.deepEqual(
    { ...labels, 'resource-spec-hash': '' },
    {
      'app.kubernetes.io/managed-by': 'seaworthy-operator',
      'resource-spec-hash': '',
      'trivy-operator.container.name': 'web',
      'trivy-operator.resource.kind': 'ReplicaSet',
      'trivy-operator.resource.name': 'web-1',
      'trivy-operator.resource.namespace': 'default',
    },
  );
  const { updateTimestamp, ...rest } = told(report);
  assert.match(updateTimestamp, /^2026-11-28T\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(rest, {
    scanner: { name: 'Seaworthy', vendor: 'Seaworthy', version: '1.0.0' },
    registry: { server: world.registry.host },
    artifact: { repository: 'team/web', digest: world.image('web'), tag: 'v1' },
    os: { family: 'alpine', name: '3.19.1', eosl: true },
    summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 1, noneCount: 0 },
    vulnerabilities: [
      {
        vulnerabilityID: 'CVE-2026-1',
        resource: 'musl',
        installedVersion: '1.2.4-r2',
        fixedVersion: '1.2.4-r3',
        publishedDate: '',
        lastModifiedDate: '',
        severity: 'UNKNOWN',
        title: 'flaw CVE-2026-1',
        primaryLink: 'https://avd.aquasec.com/nvd/cve-2026-1',
        links: [],
        target: '',
        class: 'os-pkgs',
        packageType: 'alpine',
        packagePURL: 'pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1',
      },
    ],
  });
  const bill = told(world.reports('sbomreports').get(webReport))['components'] as {
    readonly bomFormat: string;
    readonly components: readonly { readonly name: string; readonly purl?: string }[];
  };
  assert.equal(bill.bomFormat, 'CycloneDX');
  assert.ok(bill.components.some(({ purl }) => purl?.startsWith('pkg:apk/alpine/musl@1.2.4-r2') === true));
});

test('a new database has reports written anew where they differ, and no layer read', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'lone' }, { app: 'web' });
  const one = await world.start();
  await reported(world, ['default/pod-lone-app']);
  await settled(world, one);
  const blobs = (): number => world.registry.requests.filter(({ path }) => path.includes('/blobs/')).length;
  const before = blobs();
  await world.know(['CVE-2026-1', 'CVE-2026-2'], '2026-11-27T08:00:00Z');
  await world.until('both flaws are reported', () => flaws(world.reports().get('default/pod-lone-app')).length === 2);
  assert.deepEqual([one.looks, blobs()], [['layers', 'inventory'], before]);
  // Of one that says the same, nothing is written.
  await settled(world, one);
  const { length } = one.outcomes;
  await world.know(['CVE-2026-1', 'CVE-2026-2'], '2026-11-27T09:00:00Z');
  await world.until('it was looked up', () => one.looks.length === 3);
  await settled(world, one);
  assert.equal(one.outcomes.length, length);
});

test('after a kill, a start writes nothing that is there, looks at nothing that is known, and loses nothing', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  world.run({ name: 'two' }, { app: 'db' });
  const first = await world.start();
  await world.until('something is written', () => first.outcomes.length > 0);
  await first.stop();
  const second = await world.start();
  const all = ['default/pod-one-app', 'default/pod-two-app'];
  await reported(world, all);
  await settled(world, second);
  // One that was under way when it ended may have been done: it is not done again.
  assert.deepEqual([...world.written.values()], [1, 1, 1, 1]);
  await second.stop();
  // Not even where what was kept on disk is lost.
  const third = await world.start({}, { folder: 'another' });
  world.run({ name: 'three' }, { app: 'web' });
  await reported(world, [...all, 'default/pod-three-app']);
  await settled(world, third);
  assert.deepEqual(third.looks, ['layers']);
  assert.deepEqual(third.outcomes.sort(), ['SbomReport written', 'VulnerabilityReport written']);
});

test('what somebody else reports is left alone, and what was taken away is written again', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  world.run({ name: 'two' }, { app: 'web' });
  const foreign = { metadata: { name: 'pod-one-app' }, report: { by: 'another' } };
  world.lab.api.seed({ ...vulnerabilityReports, shortNames: [], subresources: [] }, foreign);
  const one = await world.start({ sboms: false });
  await world.until('the other is reported', () => world.reports().has('default/pod-two-app'));
  await settled(world, one);
  assert.deepEqual(world.reports().get('default/pod-one-app')?.['report'], { by: 'another' });
  assert.deepEqual(one.operator.state.foreign, { reports: 1, sboms: 0 });
  await world.lab.client.remove(vulnerabilityReports, 'pod-two-app', { namespace: 'default' });
  await world.until('it is there again', () => world.reports().has('default/pod-two-app'));
  assert.deepEqual(one.looks, ['layers']);
});

test('reports of what runs nowhere any more are removed after a while, but those of Jobs', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'web-1-a', ...ofSet }, { web: 'web' });
  world.run({ name: 'once-a', phase: 'Succeeded', metadata: ownedBy('batch/v1', 'Job', 'once') }, { app: 'web' });
  const one = await world.start();
  await reported(world, [webReport, 'default/job-once-app']);
  const began = world.clock.monotonic();
  for (const name of ['web-1-a', 'once-a']) await world.lab.client.remove(builtInTypes.pods, name);
  await world.until(
    'it is removed',
    () => !world.reports().has(webReport) && !world.reports('sbomreports').has(webReport),
  );
  assert.ok(world.clock.monotonic() - began >= 600_000);
  await settled(world, one);
  assert.ok(world.reports().has('default/job-once-app'));
});

test('who does not lead does nothing, and goes on where the other ended', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  const [leader, other] = [await world.start(), await world.start({}, { folder: 'other' })];
  other.leads = false;
  await reported(world, ['default/pod-one-app']);
  await settled(world, leader);
  leader.leads = false;
  other.leads = true;
  world.run({ name: 'two' }, { app: 'db' });
  await reported(world, ['default/pod-two-app']);
  await settled(world, other);
  assert.deepEqual([leader.looks, other.looks], [['layers'], ['layers']]);
  assert.equal([...leader.outcomes, ...other.outcomes].filter((each) => each.endsWith('written')).length, 4);
});

test('an image that cannot be had is told of, costs no other, and is tried again', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.registry.faults.add({
    method: 'GET',
    path: /\/team\/web\/manifests\//,
    kind: 'status',
    status: 503,
    times: 8,
  });
  world.run({ name: 'one' }, { app: 'web' });
  world.run({ name: 'two' }, { app: 'db' });
  const one = await world.start({ sboms: false });
  await world.until('both are reported', () => world.reports().size === 2);
  assert.ok(
    one.looks.some((look) => look !== 'layers'),
    one.looks.join(),
  );
});
