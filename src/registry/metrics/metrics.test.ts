import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import { StoreError } from '../../store/error.ts';
import { RegistryAuthError } from '../auth/error.ts';
import { RegistryError } from '../error.ts';
import { RegistryMetrics } from './registry-metrics.ts';
import {
  addSnapshots,
  type GaugeSource,
  readGauges,
  renderMetrics,
  renderSnapshots,
  snapshotMetrics,
} from './render-metrics.ts';
import { type MeasuredRequest, RequestMetrics } from './request-metrics.ts';
import { metricTable, type MetricName } from './table.ts';

function open(): RegistryMetrics {
  return new RegistryMetrics(new Registry());
}

/** The lines of one metric, without what its name begins with. */
async function lines(metrics: RegistryMetrics, name: MetricName): Promise<string[]> {
  const { body } = await renderMetrics(metrics);
  const full = metricTable[name].name;
  return body.split('\n').flatMap((line) => (line.startsWith(full) ? [line.slice(full.length)] : []));
}

const served: MeasuredRequest = {
  method: 'GET',
  route: 'blob',
  status: 200,
  seconds: 0.02,
  receivedBytes: 0,
  sentBytes: 1000,
  error: undefined,
  hadCredentials: true,
};

test('RequestMetrics counts requests, their time and their bytes', async () => {
  const metrics = open();
  const requests = new RequestMetrics(metrics);
  for (let count = 0; count < 3; count += 1) requests.begin();
  requests.end(served);
  requests.end({ ...served, sentBytes: 24 });
  assert.deepEqual(await lines(metrics, 'requests'), ['{route="blob",method="GET",status="200"} 2']);
  assert.deepEqual(await lines(metrics, 'requestsOpen'), [' 1']);
  const seconds = await lines(metrics, 'requestSeconds');
  assert.ok(seconds.includes('_bucket{le="0.01",route="blob",method="GET"} 0'), seconds.join('\n'));
  assert.ok(seconds.includes('_bucket{le="0.025",route="blob",method="GET"} 2'));
  assert.ok((await lines(metrics, 'sentBytes')).includes('{route="blob"} 1024'));
  assert.ok((await lines(metrics, 'receivedBytes')).includes('{route="blob"} 0'));
});

test('no client can make series: what the table does not know is one label', async () => {
  const metrics = open();
  const requests = new RequestMetrics(metrics);
  const before = (await renderMetrics(metrics)).body.length;
  for (let index = 0; index < 10_000; index += 1) {
    requests.end({ ...served, method: `M${index}`, route: `team/${index}`, status: 600 + index });
  }
  assert.deepEqual(await lines(metrics, 'requests'), ['{route="other",method="other",status="other"} 10000']);
  assert.ok((await renderMetrics(metrics)).body.length - before < 10_000);
});

const refused = new RegistryError('UNAUTHORIZED', 'no');
const failures: readonly (readonly [error: unknown, hadCredentials: boolean, reason: string | undefined])[] = [
  [undefined, true, undefined],
  [refused, true, 'credentials'],
  [refused, false, undefined],
  [new RegistryError('DENIED', 'no'), true, 'denied'],
  [new RegistryError('MANIFEST_UNKNOWN', 'no'), true, undefined],
  [new RegistryAuthError('TOO_MANY_ATTEMPTS', 'wait'), true, 'throttled'],
  [
    new RegistryError('TOOMANYREQUESTS', 'wait', { cause: new RegistryAuthError('TOO_MANY_ATTEMPTS', 'wait') }),
    true,
    'throttled',
  ],
  [new RegistryAuthError('AUTH_UNAVAILABLE', 'down'), true, 'unavailable'],
];

for (const [error, hadCredentials, reason] of failures) {
  test(`RequestMetrics counts ${String(error)} ${hadCredentials ? 'with' : 'without'} credentials as ${reason}`, async () => {
    const metrics = open();
    new RequestMetrics(metrics).end({ ...served, error, hadCredentials });
    const counted = (await lines(metrics, 'authFailures')).filter((line) => !line.endsWith(' 0'));
    assert.deepEqual(counted, reason === undefined ? [] : [`{reason="${reason}"} 1`]);
  });
}

test('RequestMetrics counts errors of stores, also behind an answer', async () => {
  const metrics = open();
  const requests = new RequestMetrics(metrics);
  const fault = new StoreError('STORE_FULL', 'full');
  for (const error of [fault, new RegistryError('UNAVAILABLE', 'x', { cause: fault }), new Error('other')]) {
    requests.end({ ...served, error });
  }
  assert.ok((await lines(metrics, 'storeErrors')).includes('{code="STORE_FULL"} 2'));
  assert.ok((await lines(metrics, 'storeErrors')).includes('{code="STORE_BUSY"} 0'));
});

test('readGauges() leaves out what cannot be looked up, and counts that', async (t: TestContext) => {
  const metrics = open();
  let works = true;
  const source: GaugeSource = {
    metric: 'blobs',
    gives: ['blobs', 'blobBytes'],
    read: () =>
      works
        ? Promise.resolve([
            { name: 'blobs', value: 3 },
            { name: 'blobBytes', value: 99 },
          ])
        : Promise.reject(new Error('down')),
  };
  assert.deepEqual(await lines(metrics, 'blobs'), [], 'nothing is claimed before it was looked up');
  await readGauges(metrics, [source]);
  assert.deepEqual([await lines(metrics, 'blobs'), await lines(metrics, 'blobBytes')], [[' 3'], [' 99']]);
  works = false;
  await readGauges(metrics, [source]);
  assert.deepEqual([await lines(metrics, 'blobs'), await lines(metrics, 'blobBytes')], [[], []]);
  assert.ok((await lines(metrics, 'scrapeErrors')).includes('{metric="blobs"} 1'));

  t.mock.timers.enable({ apis: ['setTimeout'] });
  let aborted = false;
  const slow: GaugeSource = {
    metric: 'jobs',
    gives: ['jobs'],
    read: (signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    },
  };
  const reading = readGauges(metrics, [slow]);
  t.mock.timers.tick(5000);
  await reading;
  assert.ok(aborted);
  assert.ok((await lines(metrics, 'scrapeErrors')).includes('{metric="jobs"} 1'));
});

test('renderSnapshots() joins what several processes counted', async () => {
  const [one, two] = [open(), open()];
  one.add('gcBytes', {}, 5);
  two.add('gcBytes', {}, 7);
  one.set('jobs', 4, { queue: 'gc', state: 'waiting' });
  two.set('jobs', 4, { queue: 'gc', state: 'waiting' });
  one.set('certificateExpires', 20);
  two.set('certificateExpires', 10);
  const { body, contentType } = await renderSnapshots([await snapshotMetrics(one), await snapshotMetrics(two)]);
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^seaworthy_registry_gc_freed_bytes_total 12$/m);
  assert.match(body, /^seaworthy_registry_jobs\{queue="gc",state="waiting"\} 4$/m);
  assert.match(body, /^seaworthy_registry_certificate_expires_seconds 10$/m);
});

test('addSnapshots() keeps what processes counted that are gone, and forgets what was so at the moment', async () => {
  const gone = open();
  gone.add('requests', { route: 'base', method: 'GET', status: '200' }, 2);
  gone.observe('requestSeconds', 0.3, { route: 'base', method: 'GET' });
  gone.add('requestsOpen', {}, 1);
  const live = open();
  live.add('requests', { route: 'base', method: 'GET', status: '200' }, 1);
  live.add('requestsOpen', {}, 1);
  const kept = await addSnapshots([await addSnapshots([[], await snapshotMetrics(gone)]), []]);
  const { body } = await renderSnapshots([await snapshotMetrics(live), kept]);
  assert.match(body, /^seaworthy_registry_requests_total\{[^}]+\} 3$/m);
  assert.match(body, /^seaworthy_registry_request_duration_seconds_count\{[^}]+\} 1$/m);
  assert.match(body, /^seaworthy_registry_requests_open 1$/m);
});

test('metricTable follows the conventions of Prometheus', () => {
  for (const { name, kind, help, labels, buckets } of Object.values(metricTable)) {
    assert.match(name, /^seaworthy_registry_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), kind === 'counter', name);
    assert.equal(buckets !== undefined, kind === 'histogram', name);
    assert.ok(!help.endsWith('.') && !help.includes('\n'), name);
    assert.ok(
      Object.keys(labels).every((label) => !/repository|tag|digest|user/.test(label)),
      name,
    );
    const series = Object.values(labels).reduce((product, values) => product * (values.length + 1), 1);
    assert.ok(series < 2500, `${name}: ${series}`);
  }
});

test('docs/registry.md lists every metric', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'registry.md'), 'utf8');
  const row = /^\| `(seaworthy_registry_[a-z_]+)` *\| (counter|gauge|histogram) *\| (.*?) *\| (.+?) *\|$/gm;
  assert.deepEqual(
    [...page.matchAll(row)].map(([, ...cells]) => cells),
    Object.values(metricTable).map(({ name, kind, labels, help }) => [
      name,
      kind,
      Object.keys(labels)
        .map((label) => `\`${label}\``)
        .join(', '),
      help,
    ]),
  );
});
