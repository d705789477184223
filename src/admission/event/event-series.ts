import { eventLimits as limits } from './limits.ts';
import type { PolicyEvent } from './model.ts';

/** One thing that happens, once or again and again. */
export interface EventSeries {
  readonly event: PolicyEvent;
  readonly firstAt: number;
  lastAt: number;
  count: number;
  /** How often it had happened when that was written; 0 while nothing was. */
  written: number;
  writtenAt: number;
  tries: number;
  /** Of the event, once it is there. */
  place?: { readonly name: string; readonly namespace: string };
}

/** What happened of late, each thing once, however often; bounded. Times in milliseconds since 1970. */
export class HeldSeries {
  readonly #held = new Map<string, EventSeries>();

  get size(): number {
    return this.#held.size;
  }

  /** Takes what happened; false where there is no room for it. */
  put(event: PolicyEvent, now: number): boolean {
    const held = this.#held.get(event.key);
    if (held !== undefined && now - held.lastAt < limits.seriesEnd) {
      held.count += 1;
      held.lastAt = now;
      return true;
    }
    if (this.#held.size >= limits.series) this.#forget(now);
    if (held === undefined && this.#held.size >= limits.series) return false;
    const fresh = { event, firstAt: now, lastAt: now, count: 1, written: 0, writtenAt: 0, tries: 0 };
    this.#held.set(event.key, fresh);
    return true;
  }

  /** What is to be written now: what is new, and what happened again since it was last written, after a while or at its end. */
  due(now: number): readonly EventSeries[] {
    this.#forget(now);
    return [...this.#held.values()].filter(
      ({ written, count, writtenAt, lastAt }) =>
        written === 0 ||
        (count > written && (now - writtenAt >= limits.seriesPause || now - lastAt >= limits.seriesEnd)),
    );
  }

  /** Gives one up. */
  drop({ event }: EventSeries): void {
    this.#held.delete(event.key);
  }

  /** Lets go of what is over and told. */
  #forget(now: number): void {
    for (const [key, { lastAt, count, written }] of this.#held) {
      if (now - lastAt >= limits.seriesEnd && written === count) this.#held.delete(key);
    }
  }
}
