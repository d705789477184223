import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { metricTable, type MetricDefinition, type MetricName } from './table.ts';

/** Labels and their values. Absent ones, and values that the table does not know, become `other`. */
export type MetricLabels = Readonly<Record<string, string>>;

type Metric = Counter | Gauge | Histogram;

/** The metrics of one process, kept in a registry of prom-client that its owner hands in: there is no global one. */
export class RegistryMetrics {
  readonly registry: Registry;
  readonly #metrics = new Map<MetricName, Metric>();

  constructor(registry: Registry) {
    this.registry = registry;
    for (const [name, definition] of Object.entries(metricTable) as [MetricName, MetricDefinition][]) {
      const metric = makeMetric(definition, registry);
      this.#metrics.set(name, metric);
      if (metric instanceof Gauge && name !== 'requestsOpen') this.forget(name);
      if (metric instanceof Counter) beginAtZero(metric, definition);
    }
  }

  /** Adds to a counter, or to a gauge that is counted up and down. */
  add(name: MetricName, labels: MetricLabels = {}, amount = 1): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Histogram) throw new TypeError(`${name} is observed, not counted`);
    metric?.inc(knownLabels(metricTable[name], labels), amount);
  }

  /** Sets a gauge. */
  set(name: MetricName, value: number, labels: MetricLabels = {}): void {
    const metric = this.#metrics.get(name);
    if (!(metric instanceof Gauge)) throw new TypeError(`${name} is no gauge`);
    metric.set(knownLabels(metricTable[name], labels), value);
  }

  /** Forgets what a gauge was set to, so that an old number does not stand for a new one that cannot be had. */
  forget(name: MetricName): void {
    const metric = this.#metrics.get(name);
    if (!(metric instanceof Gauge)) throw new TypeError(`${name} is no gauge`);
    metric.reset();
    // Without labels, a reset leaves a zero behind.
    if (Object.keys(metricTable[name].labels).length === 0) metric.remove();
  }

  /** Adds one value to a histogram. */
  observe(name: MetricName, value: number, labels: MetricLabels = {}): void {
    const metric = this.#metrics.get(name);
    if (!(metric instanceof Histogram)) throw new TypeError(`${name} is no histogram`);
    metric.observe(knownLabels(metricTable[name], labels), value);
  }

  /** A counter or histogram for labels that are asked for again and again: looking them up costs more than counting. */
  bind(name: MetricName, labels: MetricLabels): { count(amount?: number): void } {
    const metric = this.#metrics.get(name);
    const known = knownLabels(metricTable[name], labels);
    if (metric instanceof Histogram) {
      const child = metric.labels(known);
      return { count: (amount = 1) => child.observe(amount) };
    }
    const child = metric?.labels(known);
    return { count: (amount = 1) => child?.inc(amount) };
  }
}

function makeMetric(
  { name, kind, help, labels, buckets, together = 'sum' }: MetricDefinition,
  registry: Registry,
): Metric {
  const options = { name, help, labelNames: Object.keys(labels), registers: [registry], aggregator: together };
  if (kind === 'counter') return new Counter(options);
  if (kind === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
}

/** A counter that is not there until it is one hides its first step from whoever looks at rates. */
function beginAtZero(metric: Counter, { labels }: MetricDefinition): void {
  const [only, ...others] = Object.entries(labels);
  if (only === undefined || others.length > 0) return;
  const [label, values] = only;
  if (values === 'configured') return;
  for (const value of values) metric.inc({ [label]: value }, 0);
}

/** Exactly the labels of the metric, with values of its table alone. */
function knownLabels({ labels }: MetricDefinition, given: MetricLabels): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [name, values] of Object.entries(labels)) {
    const value = given[name];
    const isKnown = value !== undefined && (values === 'configured' || values.includes(value));
    known[name] = isKnown ? value : 'other';
  }
  return known;
}
