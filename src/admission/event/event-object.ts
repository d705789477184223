import { createHash } from 'node:crypto';
import type { NewObject } from '../../kubernetes/client.ts';
import { microTime } from '../../kubernetes/micro-time.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import type { PolicyEvent } from './model.ts';

/** Events (Kubernetes API, events.k8s.io/v1). */
export const eventType: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
};

/** Who tells of events: a qualified name. */
const reportingController = 'seaworthy.dev/admission';

/** An event as it is first told. @param at when it happened first, in milliseconds since 1970 */
export function eventObject(
  event: PolicyEvent,
  at: number,
  instance: string,
): NewObject & { readonly metadata: { readonly name: string; readonly namespace: string } } {
  const { key, reason, action, regarding, related, note } = event;
  const hash = createHash('sha256')
    .update(JSON.stringify([key, at, instance]))
    .digest('hex');
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // What is in no namespace has its events in this one.
    metadata: { name: `seaworthy-${hash.slice(0, 32)}`, namespace: regarding.namespace ?? 'default' },
    type: 'Warning',
    reason,
    action,
    note,
    regarding,
    ...(related === undefined ? {} : { related }),
    eventTime: microTime(at),
    reportingController,
    reportingInstance: instance,
  };
}

/** How often it happened, and when at last: what may be changed of an event (Kubernetes API, EventSeries). */
export function seriesOf(count: number, at: number): Readonly<Record<string, unknown>> {
  return { series: { count, lastObservedTime: microTime(at) } };
}
