import { type Logger, silentLogger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import type { JobData, JobHandler, JobQueue, QueueOptions } from '../../store/job/job-queue.ts';
import { deliver, type DeliveryOutcome } from './deliver.ts';
import type { Endpoints } from './endpoint.ts';
import { EndpointPauses } from './endpoint-pauses.ts';
import { WebhookError } from './error.ts';
import type { RegistryEvent } from './event.ts';
import { webhookLimits } from './limits.ts';

/** The queue of deliveries. */
export const webhookQueue = 'webhook';

/**
 * Waits grow from 5 s to an hour and then stay: about three days in all (Standard Webhooks asks for "multiple days"). A delivery takes
 * 30 s at most; what takes longer was left behind by a process that was killed.
 */
export const webhookQueueOptions: QueueOptions = { retries: 80, retryDelay: 5000, expiresAfter: 45_000 };

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly jobs: Pick<JobQueue, 'add'>;
  /** Of the configuration as it is now. */
  readonly endpoints: () => Endpoints;
  readonly network: Network;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger?: Logger;
  /** Is told what came of each attempt. */
  readonly observe?: (outcome: DeliveryOutcome['kind']) => void;
}

/** Adds a job for each endpoint that wants an event. The job names the endpoint, so that it holds no secret. */
export async function queueEvent(
  jobs: Pick<JobQueue, 'add'>,
  endpoints: Endpoints,
  event: RegistryEvent,
): Promise<void> {
  for (const name of endpoints.wanting(event)) {
    await jobs.add(webhookQueue, { event, endpoint: name, putOffs: 0 }, { key: `${event.id} ${name}` });
  }
}

/**
 * Makes the worker of the queue. A delivery that fails throws, so that the queue tries it again; one whose receiver asked to
 * be left alone for a while is added anew for then. An endpoint that answered 410 gets nothing more from this process until
 * its address is another. One that is not reached is left alone for a moment: its other events fail without being tried, so that
 * they do not keep all places while events for others wait.
 */
export function deliveryHandler(options: DeliveryOptions): JobHandler {
  const { jobs, endpoints, network, clock, logger = silentLogger, observe } = options;
  const gone = new Set<string>();
  const pauses = new EndpointPauses(clock);
  return async ({ data }, signal) => {
    const { event, endpoint: name, putOffs } = readJob(data);
    const endpoint = await endpoints().open(name);
    const key = `${name} ${endpoint?.url}`;
    if (endpoint === undefined || gone.has(key)) return;
    if (pauses.has(key)) throw new WebhookError('DELIVERY_FAILED', `The webhook ${name} was not reached just now`);
    const outcome = await deliver(event, endpoint, network, clock, signal);
    observe?.(outcome.kind);
    pauses.note(key, outcome.kind === 'retry');
    if (outcome.kind === 'done') return;
    if (outcome.kind === 'gone') {
      gone.add(key);
      logger.warn('a webhook gets no more events', { webhook: name, reason: outcome.reason });
      return;
    }
    logger.info('an event was not delivered', { webhook: name, event: event.id, reason: outcome.reason });
    if (outcome.afterMs !== undefined && outcome.afterMs > 0 && putOffs < webhookLimits.putOffs) {
      await jobs.add(
        webhookQueue,
        { event, endpoint: name, putOffs: putOffs + 1 },
        { key: `${event.id} ${name} ${putOffs + 1}`, runAt: clock.now() + outcome.afterMs },
      );
      return;
    }
    throw new WebhookError('DELIVERY_FAILED', `The webhook ${name} was not reached: ${outcome.reason}`);
  };
}

interface DeliveryJob {
  readonly event: RegistryEvent;
  readonly endpoint: string;
  readonly putOffs: number;
}

/** Jobs come from the registry's own database, in the form that {@link queueEvent} gave them. */
function readJob(data: JobData): DeliveryJob {
  return data as unknown as DeliveryJob;
}
