import { AggregatorRegistry } from 'prom-client';
import type { RegistryMetrics } from './registry-metrics.ts';
import type { MetricLabels } from './registry-metrics.ts';
import type { MetricName } from './table.ts';

/** Numbers that are looked up when somebody asks, because counting along would not survive a restart. */
export interface GaugeSource {
  /** For `seaworthy_registry_scrape_errors_total`. */
  readonly metric: 'uploadsOpen' | 'blobs' | 'jobs' | 'scanImages';
  /** All gauges that it gives, so that they are left out when it fails. */
  readonly gives: readonly MetricName[];
  readonly read: (signal: AbortSignal) => Promise<readonly GaugeValue[]>;
}

/** One number. */
export interface GaugeValue {
  readonly name: MetricName;
  readonly labels?: MetricLabels;
  readonly value: number;
}

/** An answer to `GET /metrics`. */
export interface MetricsAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** How long an answer waits for numbers, in milliseconds: Prometheus itself gives up after 10 s. */
const sourceTimeout = 5000;

/**
 * Looks up what is looked up, into the metrics. A source that fails or is slow leaves its numbers out, and is counted: an old
 * number, or none, would pass for the present one.
 */
export async function readGauges(metrics: RegistryMetrics, sources: readonly GaugeSource[]): Promise<void> {
  await Promise.all(sources.map((source) => readSource(metrics, source)));
}

async function readSource(metrics: RegistryMetrics, { metric, gives, read }: GaugeSource): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let values: readonly GaugeValue[] | undefined;
  try {
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), sourceTimeout);
    });
    values = await Promise.race([read(controller.signal), late]);
  } catch {
    // Whatever it was, the number is not there; the store logs and counts its own errors.
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
  for (const name of gives) metrics.forget(name);
  if (values === undefined) metrics.add('scrapeErrors', { metric });
  else for (const { name, labels, value } of values) metrics.set(name, value, labels);
}

/** The text of one process's metrics (Prometheus exposition format 0.0.4). */
export async function renderMetrics({ registry }: RegistryMetrics): Promise<MetricsAnswer> {
  return { contentType: registry.contentType, body: await registry.metrics() };
}

/** The metrics of one process as plain data, for the process that answers for all. */
export async function snapshotMetrics({ registry }: RegistryMetrics): Promise<readonly object[]> {
  return await registry.getMetricsAsJSON();
}

/** The text of several processes' metrics together, each joined as its row in the table says. */
export async function renderSnapshots(snapshots: readonly (readonly object[])[]): Promise<MetricsAnswer> {
  const registry = AggregatorRegistry.aggregate([...snapshots]);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

/**
 * Snapshots of processes that are gone, as one: what they counted. What a number was at the moment, such as of requests under way, is
 * left out.
 */
export async function addSnapshots(snapshots: readonly (readonly object[])[]): Promise<readonly object[]> {
  const registry = AggregatorRegistry.aggregate(
    snapshots.map((metrics) => metrics.filter((metric) => !('type' in metric) || metric.type !== 'gauge')),
  );
  return await registry.getMetricsAsJSON();
}
