import type { Logger } from '../../base/logger.ts';
import type { TransactionalJobQueue } from '../../store/job/job-queue.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import type { ContentEvent } from '../content/content.ts';
import { queueEvent, webhookQueue } from './delivery-queue.ts';
import { type Endpoints, noEndpoints } from './endpoint.ts';
import type { EventActor, RegistryEvent } from './event.ts';
import type { EventName } from './event-name.ts';
import { type EventBody, eventsOfChange } from './events-of-change.ts';
import { webhookLimits } from './limits.ts';

/** What an outbox needs. */
export interface OutboxOptions {
  /** In whose tables the jobs lie. */
  readonly database: SqlDatabase;
  /** With the queue of deliveries declared. */
  readonly jobs: TransactionalJobQueue;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A UUID for each event. */
  readonly newId: () => string;
  /** The registry's address, for `source`. */
  readonly source: () => string;
  /** Is told of events that were dropped, since too many wait. */
  readonly onDropped: (events: number) => void;
}

/**
 * Puts what happens into the queue of deliveries. What changes something is queued in the transaction that changes it: whatever
 * moment a process is killed at, there is neither the change without the event nor the event without the change. Pulls and
 * denials are queued some tenths of a second later, many at once and up to a bound. What no endpoint wants costs nothing.
 */
export class EventOutbox implements AsyncDisposable {
  readonly #options: OutboxOptions;
  #endpoints: Endpoints = noEndpoints;
  #held: RegistryEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasQueued = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Those that are told from now on. */
  get endpoints(): Endpoints {
    return this.#endpoints;
  }

  set endpoints(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  /** Whether somebody wants events of a name. */
  wants(name: EventName): boolean {
    return this.#endpoints.want(name);
  }

  /** Queues what a change is told as, in its transaction. */
  async record(queries: SqlQueries, change: ContentEvent, actor: EventActor): Promise<void> {
    if (this.#endpoints === noEndpoints) return;
    for (const body of eventsOfChange(change, actor)) {
      if (!this.wants(body.name)) continue;
      await this.#queue(queries, this.#eventOf(body));
      this.#hasQueued = true;
    }
  }

  /** Lets deliveries begin of what was recorded, where that was committed; they begin a second later by themselves. */
  release(): void {
    if (!this.#hasQueued) return;
    this.#hasQueued = false;
    this.#options.jobs.wake(webhookQueue);
  }

  /** Queues an event now, durably. */
  async tell(body: EventBody): Promise<void> {
    if (this.wants(body.name)) await queueEvent(this.#options.jobs, this.#endpoints, this.#eventOf(body));
  }

  /** Queues an event soon; it may be lost with the process, and is dropped when too many wait. */
  note(body: EventBody): void {
    if (!this.wants(body.name)) return;
    if (this.#held.length >= webhookLimits.heldEvents) return this.#options.onDropped(1);
    this.#held.push(this.#eventOf(body));
    this.#timer ??= setTimeout(() => void this.flush(), webhookLimits.holdMs).unref();
  }

  /** Queues what is held. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#held;
    this.#held = [];
    if (events.length > 0) this.#working = this.#working.then(() => this.#work(events));
    return this.#working;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.flush();
  }

  async #work(events: readonly RegistryEvent[]): Promise<void> {
    const { database, jobs, logger, onDropped } = this.#options;
    let queued = 0;
    try {
      const { waiting } = await jobs.counts(webhookQueue);
      const room = events.slice(0, Math.max(0, webhookLimits.waiting - waiting));
      for (; queued < room.length; queued = Math.min(room.length, queued + webhookLimits.batch)) {
        const batch = room.slice(queued, queued + webhookLimits.batch);
        await database.transaction(
          async (queries) => {
            for (const event of batch) await this.#queue(queries, event);
          },
          { durable: false },
        );
      }
      jobs.wake(webhookQueue);
    } catch (error) {
      // Nobody waits for them, and holding them back would only pile them up.
      logger.error('Events of pulls and denials could not be queued', { events: events.length - queued, error });
    }
    if (queued < events.length) onDropped(events.length - queued);
  }

  #queue(queries: SqlQueries, event: RegistryEvent): Promise<void> {
    const { jobs } = this.#options;
    const within = {
      add: (...job: Parameters<TransactionalJobQueue['add']>) => jobs.addWithin(queries, ...job),
    };
    return queueEvent(within, this.#endpoints, event);
  }

  #eventOf(body: EventBody): RegistryEvent {
    const { now, newId, source } = this.#options;
    return { ...body, id: newId(), time: now(), source: source() };
  }
}
