import type { IncomingMessage } from 'node:http';
import type { SpanExporter } from './span-exporter.ts';
import { spanOf, type TracedRequest } from './span.ts';
import { beginTrace, type TraceContext, traceOf } from './trace-context.ts';

/** Which traces requests belong to, and what is told of them. */
export interface Tracing {
  /** The trace of a request, for log lines and audit entries; undefined when it belongs to none. */
  readonly idOf: (request: IncomingMessage) => string | undefined;
  /** Is told of each request that ended; undefined where nobody wants to know. */
  readonly observe: ((traced: TracedRequest) => void) | undefined;
}

/** Where nothing is exported: traces that clients began are named all the same. */
export const headerTraces: Tracing = {
  idOf: (request) => traceOf(request)?.traceId,
  observe: undefined,
};

/**
 * Gives each request a trace, its client's or one that begins here, and exports a span of each, unless who began the trace says that it is
 * not recorded.
 *
 * @param now milliseconds since 1970
 */
export function exportedTraces(exporter: Pick<SpanExporter, 'add'>, now: () => number): Tracing {
  const contexts = new WeakMap<IncomingMessage, TraceContext>();
  const contextOf = (request: IncomingMessage): TraceContext => {
    let context = contexts.get(request);
    if (context === undefined) {
      context = traceOf(request) ?? beginTrace();
      contexts.set(request, context);
    }
    return context;
  };
  return {
    idOf: (request) => contextOf(request).traceId,
    observe(traced) {
      const context = contextOf(traced.request);
      if (context.sampled) exporter.add(spanOf(traced, context, now()));
    },
  };
}
