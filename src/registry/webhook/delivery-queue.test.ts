import assert from 'node:assert/strict';
import test from 'node:test';
import { startReceiver } from '../../../testing/registry/event-receiver.ts';
import type { Digest } from '../../oci/digest.ts';
import { openNetwork } from '../../net/open-network.ts';
import { jobLimits } from '../../store/job/limits.ts';
import type { AddJobOptions, Job, JobData, JobQueue } from '../../store/job/job-queue.ts';
import { webhookConfig } from '../../../testing/registry/webhook-config.ts';
import { deliveryHandler, queueEvent, webhookQueue, webhookQueueOptions } from './delivery-queue.ts';
import { openEndpoints } from './endpoint.ts';
import { EndpointPauses } from './endpoint-pauses.ts';
import type { RegistryEvent } from './event.ts';

const now = Date.UTC(2026, 2, 1, 12);
const secret = Buffer.alloc(32, 1);
const env = { S: `whsec_${secret.toString('base64')}` };

const deleted: RegistryEvent = {
  name: 'image.deleted',
  id: '5f2b6c0e-0000-4000-8000-000000000001',
  time: now - 5000,
  source: 'https://registry.example.org',
  data: { repository: 'team/app', digest: `sha256:${'a'.repeat(64)}` as Digest, actor: 'user:alice' },
};

interface Added {
  readonly data: JobData;
  readonly options: AddJobOptions | undefined;
}

interface MemoryJobs extends Pick<JobQueue, 'add'> {
  readonly added: readonly Added[];
  /** The job at a place, as a worker gets it. */
  readonly job: (index: number) => Job;
}

function memoryJobs(): MemoryJobs {
  const added: Added[] = [];
  const add = (queue: string, data: JobData, options?: AddJobOptions): Promise<string> => {
    assert.equal(queue, webhookQueue);
    // As it comes back from a database.
    added.push({ data: JSON.parse(JSON.stringify(data)) as JobData, options });
    return Promise.resolve(String(added.length));
  };
  const job = (index: number): Job => ({ id: '1', queue: webhookQueue, data: added[index]?.data ?? {}, attempts: 0 });
  return { added, add, job };
}

test('queueEvent() adds a job for each endpoint, without its secret', async () => {
  const jobs = memoryJobs();
  await queueEvent(jobs, await openEndpoints([webhookConfig('a', {}), webhookConfig('b', {})], env), deleted);
  assert.deepEqual(
    jobs.added.map(({ options }) => options),
    [{ key: `${deleted.id} a` }, { key: `${deleted.id} b` }],
  );
  assert.ok(!JSON.stringify(jobs.added).includes(secret.toString('base64')));
});

test('deliveryHandler() delivers, fails, puts off and gives up', async () => {
  let answer = { status: 200, headers: {} as Record<string, string> };
  await using receiver = await startReceiver((response) => response.writeHead(answer.status, answer.headers).end());
  await using network = openNetwork();
  const jobs = memoryJobs();
  const seen: string[] = [];
  let time = now;
  let endpoints = await openEndpoints([webhookConfig('a', { url: receiver.url, allowPrivate: true })], env);
  const handle = deliveryHandler({
    jobs,
    endpoints: () => endpoints,
    network,
    clock: { now: () => time },
    observe: (kind) => seen.push(kind),
  });
  const { signal } = new AbortController();
  await queueEvent(jobs, endpoints, deleted);
  await handle(jobs.job(0), signal);
  answer = { status: 500, headers: {} };
  await assert.rejects(handle(jobs.job(0), signal), { code: 'DELIVERY_FAILED' });
  assert.equal(receiver.received.length, 2);
  await assert.rejects(handle(jobs.job(0), signal), { code: 'DELIVERY_FAILED' });
  assert.equal(receiver.received.length, 2, 'it is left alone for a moment');

  time += 2001;
  answer = { status: 429, headers: { 'retry-after': '60' } };
  await handle(jobs.job(0), signal);
  assert.deepEqual(jobs.added[1]?.options, { key: `${deleted.id} a 1`, runAt: time + 60_000 });
  assert.deepEqual(jobs.added[1]?.data['event'], jobs.added[0]?.data['event']);
  time += 5000;
  const often = { ...jobs.job(0), data: { ...jobs.job(0).data, putOffs: 100 } };
  await assert.rejects(handle(often, signal), { code: 'DELIVERY_FAILED' });

  time += 60_000;
  answer = { status: 410, headers: {} };
  await handle(jobs.job(0), signal);
  answer = { status: 200, headers: {} };
  await handle(jobs.job(0), signal);
  assert.deepEqual(seen, ['done', 'retry', 'retry', 'retry', 'gone']);
  assert.equal(receiver.received.length, 5, 'an endpoint that is gone is not asked again');
  endpoints = await openEndpoints([webhookConfig('a', { url: `${receiver.url}/new`, allowPrivate: true })], env);
  await handle(jobs.job(0), signal);
  assert.equal(seen.at(-1), 'done', 'another address is another endpoint');
  endpoints = await openEndpoints([], env);
  await handle(jobs.job(0), signal);
  assert.equal(receiver.received.length, 6, 'an endpoint that was removed gets nothing');
});

test('EndpointPauses doubles the time, up to a bound, and forgets it after a success', () => {
  let time = 0;
  const pauses = new EndpointPauses({ now: () => time });
  const lengths: number[] = [];
  for (let failure = 0; failure < 8; failure += 1) {
    pauses.note('a', true);
    // Attempts that ran at the same time.
    pauses.note('a', true);
    const since = time;
    while (pauses.has('a')) time += 500;
    lengths.push(time - since);
  }
  assert.deepEqual(lengths, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(pauses.has('b'), false);
  pauses.note('a', true);
  pauses.note('a', false);
  assert.equal(pauses.has('a'), false);
  pauses.note('a', true);
  time += 2000;
  assert.equal(pauses.has('a'), false);
});

test('a delivery is tried for some days, at first soon', () => {
  const { retries, retryDelay } = webhookQueueOptions;
  const waits = Array.from({ length: retries }, (_, attempt) =>
    Math.min(jobLimits.longestDelay, retryDelay * 2 ** attempt),
  );
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  assert.ok(days > 2 && days < 5, `${days} days`);
  assert.ok((waits[0] as number) <= 10_000);
});
