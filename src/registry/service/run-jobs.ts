import type { JobData, JobQueue, QueueOptions } from '../../store/job/job-queue.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { JobParts } from './job-parts.ts';
import { runAuditExpiry } from './job/run-audit-expiry.ts';
import { runGarbage } from './job/run-garbage.ts';
import { runRetention } from './job/run-retention.ts';
import { runUpstreamEviction, runUpstreamPrefetch } from './job/run-upstreams.ts';
import { runScrub } from './job/run-scrub.ts';

/** Work that is done by a schedule, by one process however many there are. */
interface ScheduledJob {
  readonly queue: string;
  readonly run: (parts: JobParts, signal: AbortSignal, data: JobData, queue: JobQueue) => Promise<void>;
  /** When; undefined when it is not to be done. */
  readonly schedule: (config: RegistryConfig) => string | undefined;
}

const jobs: readonly ScheduledJob[] = [
  { queue: 'gc', run: runGarbage, schedule: ({ gc }) => (gc.enabled ? gc.schedule : undefined) },
  {
    queue: 'retention',
    run: runRetention,
    schedule: ({ retention }) => (retention.rules.length > 0 ? retention.schedule : undefined),
  },
  {
    queue: 'audit-expiry',
    run: runAuditExpiry,
    schedule: ({ audit }) => (audit.keepForMs === undefined ? undefined : '40 2 * * *'),
  },
  {
    queue: 'scrub',
    run: (parts, signal, data, queue) => runScrub(parts, queue, data, signal),
    schedule: ({ scrub }) => (scrub.enabled ? scrub.schedule : undefined),
  },
  {
    queue: 'upstream-prefetch',
    run: runUpstreamPrefetch,
    schedule: ({ upstreams: { prefetch } }) => (prefetch.images.length > 0 ? prefetch.schedule : undefined),
  },
  {
    queue: 'upstream-evict',
    run: runUpstreamEviction,
    schedule: ({ upstreams: { registries, evict } }) => (registries.length > 0 ? evict.schedule : undefined),
  },
];

/** Long work, which the next schedule does again when it failed. */
const daily: QueueOptions = { retries: 1, retryDelay: 60_000, expiresAfter: 6 * 3_600_000 };

/** Begins the background work. */
export async function runJobs(queue: JobQueue, parts: JobParts): Promise<void> {
  for (const { queue: name, run } of jobs) {
    await queue.declare(name, daily);
    await queue.work(name, 1, ({ data }, signal) => run(parts, signal, data, queue));
  }
  await reschedule(queue, parts.config());
}

/** Follows a changed configuration. */
export async function reschedule(queue: JobQueue, config: RegistryConfig): Promise<void> {
  for (const { queue: name, schedule } of jobs) {
    const cron = schedule(config);
    await (cron === undefined ? queue.unschedule(name) : queue.schedule(name, cron, {}));
  }
}
