import type { RouteObserver } from '../http/watched-route.ts';
import type { Tracing } from '../tracing/request-traces.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** Makes what tells the metrics and the traces of requests beside the distribution API. */
export function observeRoutes({ begin, observeRoute }: ServiceMetrics, tracing: Tracing): RouteObserver {
  return {
    begin,
    end(ended) {
      observeRoute(ended);
      const { request, template, ...rest } = ended;
      tracing.observe?.({ ...rest, request, route: template, method: request.method ?? '', errorType: undefined });
    },
  };
}
