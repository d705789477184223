import { randomUUID } from 'node:crypto';
import type { RegistryConfig } from '../config/model.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import { exportedTraces, headerTraces, type Tracing } from '../tracing/request-traces.ts';
import { SpanExporter, type SpanExporterOptions } from '../tracing/span-exporter.ts';

/** What traces are exported with. */
export interface TracingSurroundings extends Pick<SpanExporterOptions, 'network' | 'clock' | 'logger'> {
  readonly version: string;
  readonly metrics: RegistryMetrics;
}

/** Traces, and the way to their collector. */
export interface OpenedTracing extends Tracing, AsyncDisposable {}

/** Opens the way to the collector that a configuration names; without one, traces of clients are named and none is exported. */
export function openTracing(
  { tracing }: Pick<RegistryConfig, 'tracing'>,
  surroundings: TracingSurroundings,
): OpenedTracing {
  if (tracing === undefined) return { ...headerTraces, [Symbol.asyncDispose]: () => Promise.resolve() };
  const { network, clock, logger, version, metrics } = surroundings;
  const exporter = new SpanExporter({
    url: exportUrl(tracing.endpoint),
    network,
    clock,
    logger,
    resource: { version, instance: randomUUID() },
    observe: (outcome, spans) => metrics.add('traceSpans', { outcome }, spans),
  });
  const traces = exportedTraces(exporter, () => clock.now());
  return { ...traces, [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose]() };
}

/** An address without a path gets the one that collectors usually have (OTLP 1.10, "OTLP/HTTP Request"). */
function exportUrl(endpoint: string): URL {
  const url = new URL(endpoint);
  return url.pathname === '/' && url.search === '' ? new URL('/v1/traces', url) : url;
}
