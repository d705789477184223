import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, podOf } from '../../../testing/kubernetes/cluster/objects.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { openOperatorWorld } from '../../../testing/operator/operator-world.ts';
import { vulnerabilityReports } from './report/report-types.ts';

const { pods } = builtInTypes;

test('however much came and went, nothing is held of it', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'stays' }, { app: 'web' });
  const one = await world.start({ sboms: false });
  await world.until('it is reported', () => world.reports().has('default/pod-stays-app'));
  const { api, client } = world.lab;
  const most: Record<string, number> = {};
  for (let round = 0; round < 2; round += 1) {
    // Each is like no other: its template, its image, its names. Most have not started, one in ten has a report, one in ten an image that is nowhere.
    const names = Array.from({ length: 600 }, (_, at) => `pod-${round}-${at}`);
    for (const [at, name] of names.entries()) {
      const metadata = { labels: { 'pod-template-hash': `hash${round}x${at}` } };
      if (at % 10 === 0) world.run({ name, metadata }, { app: 'web' });
      else {
        const lost = at % 10 === 1 ? { imageId: `r@${digestOf(round * 1000 + at)}` } : {};
        const container = { name: 'app', image: `${world.registry.host}/team/lost-${at}:v1`, ...lost };
        api.seed(pods, podOf({ name, metadata, containers: [container] }));
      }
    }
    await world.until(
      'all is known, and reported',
      () => one.operator.held.pods === 601 && world.reports().size === 61,
    );
    for (const [kind, count] of Object.entries(one.operator.held)) most[kind] = Math.max(most[kind] ?? 0, count);
    // Some reports are removed by somebody else, at once with what they are about.
    for (const name of names) {
      await client.remove(pods, name, { namespace: 'default' });
      if (name.endsWith('50')) {
        await client.remove(vulnerabilityReports, `pod-${name}-app`, { namespace: 'default' });
      }
    }
    await world.until('all reports of it are removed', () => world.reports().size === 1);
  }
  assert.ok(
    (most['pods'] ?? 0) >= 601 && (most['images'] ?? 0) >= 61 && (most['pod forms'] ?? 0) >= 601,
    JSON.stringify(most),
  );
  await world.until('all is forgotten', () => {
    const { images, 'failed writes': failed, 'reports to remove': gone } = one.operator.held;
    return images === 1 && failed === 0 && gone === 0;
  });
  const { 'pod forms': forms, ...held } = one.operator.held;
  assert.deepEqual(held, {
    pods: 1,
    jobs: 0,
    nodes: 0,
    reports: 1,
    'reports unseen': 0,
    'reports to remove': 0,
    writes: 0,
    'failed writes': 0,
    images: 1,
  });
  // They are tidied up when there are a thousand, of 1,201 that there were.
  assert.ok(forms <= 1000, String(forms));
});

test('a watch that is told the same again and again holds no more than once', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  const one = await world.start({ sboms: false });
  await world.until('it is reported', () => world.reports().has('default/pod-one-app'));
  const before = one.operator.held;
  for (let change = 0; change < 1000; change += 1) {
    world.run({ name: 'one', metadata: { annotations: { change: String(change) } } }, { app: 'web' });
  }
  world.run({ name: 'two' }, { app: 'web' });
  await world.until('the last is reported', () => world.reports().has('default/pod-two-app'));
  await world.until('it rests', () => one.operator.held['reports unseen'] === 0 && one.operator.held.writes === 0);
  assert.deepEqual(one.operator.held, {
    ...before,
    pods: 2,
    reports: 2,
    'reports unseen': 0,
    writes: 0,
    'pod forms': 1,
  });
  assert.deepEqual(one.looks, ['layers']);
});

test('a leader that loses its place while it scans writes nothing any more, and the next one does that work once', async () => {
  await using world = await openOperatorWorld();
  await world.know(['CVE-2026-1']);
  const release = Promise.withResolvers<void>();
  world.run({ name: 'one' }, { app: 'web' });
  // The first to read the layer of this image gets it when the other leads.
  const path = /\/team\/web\/blobs\//;
  world.registry.faults.add({ method: 'GET', path, kind: 'until', after: 1, event: release.promise, times: 1 });
  const [first, second] = [await world.start(), await world.start({}, { folder: 'other' })];
  second.leads = false;
  const isRead = (): boolean => world.registry.requests.some((request) => path.test(request.path));
  await world.until('the first scans', isRead);
  first.leads = false;
  second.leads = true;
  await world.until(
    'it is reported',
    () => world.reports().has('default/pod-one-app') && world.reports('sbomreports').has('default/pod-one-app'),
  );
  release.resolve();
  // Time for the first to write what it must not.
  const then = world.clock.monotonic();
  await world.until('a while is gone', () => world.clock.monotonic() - then > 60_000);
  assert.deepEqual([first.outcomes, first.looks], [[], []]);
  assert.deepEqual(
    [second.outcomes.toSorted(), second.looks],
    [['SbomReport written', 'VulnerabilityReport written'], ['layers']],
  );
  assert.deepEqual([...world.written.values()], [1, 1]);
  // It would go on if it led again, with what is there.
  second.leads = false;
  first.leads = true;
  world.run({ name: 'two' }, { app: 'web' });
  await world.until('the next is reported', () => world.reports().has('default/pod-two-app'));
  assert.deepEqual(
    [...world.written.entries()].filter(([, count]) => count > 1),
    [],
  );
});
