import type { Logger } from '../../base/logger.ts';
import type { JobQueue, QueueOptions } from '../../store/job/job-queue.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { entryOfSystem } from '../audit/entry-of.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { Content } from '../content/content.ts';
import { collectGarbage } from '../garbage/collect.ts';
import { carryOut, planAll } from '../retention/run-retention.ts';
import { compileImmutableRules } from '../rule/immutable/compile.ts';
import { compileRetentionRules } from '../rule/retention/rules/compile.ts';

/** What the background work of a registry needs. */
export interface JobParts {
  readonly content: Content;
  readonly trail: AuditTrail;
  readonly logger: Logger;
  /** As it is now: rules may change while the registry runs. */
  readonly config: () => RegistryConfig;
}

/** Long work, which the next schedule does again when it failed. */
const daily: QueueOptions = { retries: 1, retryDelay: 60_000, expiresAfter: 6 * 3_600_000 };

/** Begins the background work: garbage collection and retention, each by its schedule, by one process however many there are. */
export async function runJobs(queue: JobQueue, parts: JobParts): Promise<void> {
  const { gc, retention } = parts.config();
  await queue.declare('gc', daily);
  await queue.declare('retention', daily);
  await queue.work('gc', 1, (_, signal) => runGarbage(parts, signal));
  await queue.work('retention', 1, (_, signal) => runRetention(parts, signal));
  await setSchedule(queue, 'gc', gc.enabled ? gc.schedule : undefined);
  await setSchedule(queue, 'retention', retention.rules.length > 0 ? retention.schedule : undefined);
}

/** Follows a changed configuration. */
export async function reschedule(queue: JobQueue, { gc, retention }: RegistryConfig): Promise<void> {
  await setSchedule(queue, 'gc', gc.enabled ? gc.schedule : undefined);
  await setSchedule(queue, 'retention', retention.rules.length > 0 ? retention.schedule : undefined);
}

async function setSchedule(queue: JobQueue, name: string, cron: string | undefined): Promise<void> {
  await (cron === undefined ? queue.unschedule(name) : queue.schedule(name, cron, {}));
}

async function runGarbage({ content, config, logger }: JobParts, signal: AbortSignal): Promise<void> {
  const { gc, uploads } = config();
  const options = { grace: gc.graceMs, uploadAge: uploads.expireAfterMs, signal, logger };
  const { lost, ...report } = await collectGarbage(content, options);
  logger.info('Garbage was collected', { ...report, lost: lost.length });
}

async function runRetention({ content, config, trail, logger }: JobParts, signal: AbortSignal): Promise<void> {
  const { retention, tags } = config();
  const policy = compileRetentionRules(retention.rules);
  const immutable = compileImmutableRules(tags.immutable);
  const total = { tags: 0, manifests: 0, bytes: 0 };
  for await (const plan of planAll(content, { policy, immutable, signal })) {
    const done = await carryOut(content, plan, content.now(), (queries, event) =>
      trail.record(queries, entryOfSystem('retention', event, content.now())),
    );
    total.tags += done.tags;
    total.manifests += done.manifests;
    total.bytes += done.bytes;
  }
  logger.info('Retention was carried out', total);
}
