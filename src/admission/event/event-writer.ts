import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError, type KubernetesError } from '../../kubernetes/error.ts';
import { RateLimit } from '../../net/rate-limit.ts';
import type { Clock } from '../../net/clock.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { eventObject, eventType, seriesOf } from './event-object.ts';
import { type EventSeries, HeldSeries } from './event-series.ts';
import { eventsOf } from './events-of.ts';
import { eventLimits as limits } from './limits.ts';
import type { FindPolicy } from './model.ts';

/** What became of an event: it was told, told again with how often, or was not, since there was no room or the cluster did not take it. */
export type EventWritten = 'created' | 'counted' | 'dropped' | 'failed';

/** What an {@link EventWriter} works with. */
export interface EventWriterParts {
  readonly client: Pick<KubernetesClient, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this process: the name of its Pod. */
  readonly identity: string;
  /** Where policies are objects; events about objects that never were are then told there. */
  readonly findPolicy?: FindPolicy;
  readonly observe?: (outcome: EventWritten) => void;
}

/**
 * Tells the cluster of objects that break policies, as events. What happens again and again is one event with a count, which is written
 * every few minutes, so that a controller that tries for ever does not fill the cluster's store.
 */
export class EventWriter {
  readonly #parts: EventWriterParts;
  readonly #held = new HeldSeries();
  readonly #rate: RateLimit;
  readonly #told = new Set<string>();

  constructor(parts: EventWriterParts) {
    this.#parts = parts;
    this.#rate = new RateLimit({ qps: limits.perSecond, burst: limits.burst }, parts.clock);
  }

  /** Things that are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Takes what came of a review (`ReviewJudgeParts.onJudged`). */
  judged(judged: JudgedReview): void {
    const { clock, findPolicy = () => undefined, observe, logger } = this.#parts;
    for (const event of eventsOf(judged, findPolicy)) {
      if (this.#held.put(event, clock.now())) continue;
      observe?.('dropped');
      if (!this.#told.has('full')) logger.warn('More happens than events can tell; some are left out');
      this.#told.add('full');
    }
  }

  /** Tells until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      await this.flush(signal);
      await clock.sleep(limits.look, signal).catch(() => undefined);
    }
  }

  /** Tells what is to be told now. What the cluster cannot take now waits for the next time. */
  async flush(signal: AbortSignal): Promise<void> {
    const { clock, observe } = this.#parts;
    for (const series of this.#held.due(clock.now())) {
      try {
        await this.#rate.take(signal);
        const outcome = await this.#write(series, signal);
        observe?.(outcome);
      } catch (error) {
        if (signal.aborted) return;
        if (!isKubernetesError(error)) throw error;
        if (this.#giveUp(series, error)) continue;
        // Others would not be taken either.
        return;
      }
    }
  }

  async #write(series: EventSeries, signal: AbortSignal): Promise<EventWritten> {
    const { client, clock, identity } = this.#parts;
    const { event, firstAt, place } = series;
    const { count, lastAt } = series;
    if (place !== undefined) {
      const body = seriesOf(count, lastAt);
      try {
        await client.patch(eventType, place.name, { kind: 'merge', body }, { namespace: place.namespace, signal });
        return written(series, count, clock.now(), 'counted');
      } catch (error) {
        // Events go by themselves after a while, an hour mostly: then it is told anew.
        if (!isKubernetesError(error, 'NOT_FOUND')) throw error;
      }
    }
    const at = place === undefined ? firstAt : lastAt;
    const object = eventObject(event, at, identity.slice(0, limits.instance));
    const whole = count > 1 ? { ...object, ...seriesOf(count, lastAt) } : object;
    try {
      await client.create(eventType, whole, { signal });
    } catch (error) {
      // It was done before its answer was lost.
      if (!isKubernetesError(error, 'ALREADY_EXISTS')) throw error;
    }
    series.place = object.metadata;
    return written(series, count, clock.now(), 'created');
  }

  /** @returns whether others may be told all the same */
  #giveUp(series: EventSeries, error: KubernetesError): boolean {
    const { observe, logger } = this.#parts;
    series.tries += 1;
    const mayPass = passing.has(error.code);
    if (!mayPass || series.tries >= limits.tries) {
      this.#held.drop(series);
      observe?.('failed');
    }
    // Once for each reason: what is wrong with one mostly is wrong with all.
    if (!this.#told.has(error.code)) logger.warn('An event cannot be told', { error });
    this.#told.add(error.code);
    return !mayPass;
  }
}

/** Failures after which the same may succeed. */
const passing: ReadonlySet<KubernetesError['code']> = new Set([
  'UNREACHABLE',
  'UNAUTHORIZED',
  'THROTTLED',
  'SERVER_FAILED',
  'CREDENTIAL_FAILED',
  'CONFLICT',
]);

function written(series: EventSeries, count: number, now: number, outcome: EventWritten): EventWritten {
  series.written = count;
  series.writtenAt = now;
  series.tries = 0;
  return outcome;
}
