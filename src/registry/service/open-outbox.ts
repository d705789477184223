import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import type { TransactionalJobQueue } from '../../store/job/job-queue.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import { deliveryHandler, webhookQueue, webhookQueueOptions } from '../webhook/delivery-queue.ts';
import { openEndpoints } from '../webhook/endpoint.ts';
import { webhookLimits } from '../webhook/limits.ts';
import { EventOutbox } from '../webhook/outbox.ts';

/** What events are told with. */
export interface OutboxSurroundings {
  readonly database: SqlDatabase;
  readonly jobs: TransactionalJobQueue;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly metrics: RegistryMetrics;
  /** The registry's address. */
  readonly source: () => string;
}

/**
 * Opens the way of events to the endpoints of a configuration, and begins to deliver what was queued before.
 *
 * @throws WebhookError WEBHOOK_SECRET_INVALID, RegistryConfigError SECRET_UNREADABLE
 */
export async function openOutbox(
  { webhooks }: Pick<RegistryConfig, 'webhooks'>,
  surroundings: OutboxSurroundings,
): Promise<EventOutbox> {
  const { jobs, env, network, clock, logger, metrics } = surroundings;
  const outbox = new EventOutbox({
    ...surroundings,
    now: () => clock.now(),
    onDropped: (events) => metrics.add('webhookDropped', {}, events),
  });
  outbox.endpoints = await openEndpoints(webhooks, env);
  await jobs.declare(webhookQueue, webhookQueueOptions);
  const deliver = deliveryHandler({
    jobs,
    endpoints: () => outbox.endpoints,
    network,
    clock,
    logger,
    observe: (outcome) => metrics.add('webhookDeliveries', { outcome }),
  });
  await jobs.work(webhookQueue, webhookLimits.width, deliver);
  return outbox;
}
