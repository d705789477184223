import { entryOfOutcome, entryOfRefusedPart } from '../audit/entry-of.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { Outcome } from '../pipeline/pipeline.ts';
import type { PullTimes } from '../pulls/pull-times.ts';
import { tracedOutcome } from '../tracing/traced-outcome.ts';
import type { Tracing } from '../tracing/request-traces.ts';
import { eventOfEntry } from '../webhook/event-of-entry.ts';
import type { EventOutbox } from '../webhook/outbox.ts';
import type { RefusalObserver } from './observe-refusals.ts';

/** Who is told what came of requests. */
export interface OutcomeObservers {
  readonly count: (outcome: Outcome) => void;
  readonly images: { observe(outcome: Outcome): void };
  readonly pulls: PullTimes;
  readonly trail: AuditTrail;
  readonly refusals: Pick<RefusalObserver, 'denied'>;
  readonly outbox: EventOutbox;
  readonly tracing: Tracing;
  readonly now: () => number;
  readonly config: () => Pick<RegistryConfig, 'audit'>;
}

/** Makes what tells the metrics, the trail, the traces and the webhooks what came of a request. */
export function observeOutcomes(observers: OutcomeObservers): (outcome: Outcome) => void {
  const { count, images, pulls, outbox, tracing, now } = observers;
  return (outcome) => {
    count(outcome);
    recordPull(pulls, outcome, now());
    images.observe(outcome);
    tracing.observe?.(tracedOutcome(outcome));
    // What it changed was committed by now.
    outbox.release();
    tell(observers, outcome);
  };
}

/** Notes a pull or a denial in the trail, and tells webhooks of it; neither waits for the other's setting. */
function tell({ trail, refusals, outbox, tracing, now, config }: OutcomeObservers, outcome: Outcome): void {
  const inTrail = config().audit.pulls;
  const found =
    entryOfRefusedPart(outcome, now()) ?? entryOfOutcome(outcome, now(), inTrail || outbox.wants('image.pulled'));
  if (found === undefined) return;
  const traceId = tracing.idOf(outcome.request);
  const entry = traceId === undefined ? found : { ...found, traceId };
  if (entry.outcome === 'denied') {
    refusals.denied(entry);
    return;
  }
  if (inTrail) trail.note(entry);
  if (!outbox.wants('image.pulled')) return;
  const event = eventOfEntry(entry);
  if (event !== undefined) outbox.note(event);
}

function recordPull(pulls: PullTimes, { method, route, status, digest }: Outcome, at: number): void {
  if (method !== 'GET' || route?.kind !== 'manifest' || status !== 200 || digest === undefined) return;
  const tag = 'tag' in route ? route.tag : undefined;
  pulls.add({ repository: route.repository, digest: digest as never, tag, at });
}
