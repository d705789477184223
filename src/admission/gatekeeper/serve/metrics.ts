import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type ImageOutcome, imageOutcomes, type ProviderQuestion, providerQuestions } from '../answer.ts';

/** Why a request of Gatekeeper was not answered: `client` where its certificate does not count any more. */
export const providerRefusals = [
  'malformed',
  'unsupported',
  'too-large',
  'too-slow',
  'overloaded',
  'no-such-path',
  'method',
  'media-type',
  'client',
  'handshake',
] as const;

/** One of {@link providerRefusals}. */
export type ProviderRefusal = (typeof providerRefusals)[number];

/** How a request ended that could be read: `late` where its time was over, `failed` where that was not foreseen. */
export const requestOutcomes = ['answered', 'late', 'failed', 'abandoned'] as const;

/** One of {@link requestOutcomes}. */
export type RequestOutcome = (typeof requestOutcomes)[number];

/** One metric, as documents list it. Labels have a closed list of values: no client can make series. */
interface ProviderMetric {
  readonly name: `seaworthy_gatekeeper_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** All metrics of what Gatekeeper asks, in the order of the documents. */
export const providerMetricTable: Readonly<
  Record<'requests' | 'images' | 'seconds' | 'refused' | 'connections', ProviderMetric>
> = {
  requests: {
    name: 'seaworthy_gatekeeper_requests_total',
    kind: 'counter',
    help: 'Requests of Gatekeeper that could be read',
    labels: ['question', 'outcome'],
  },
  images: {
    name: 'seaworthy_gatekeeper_images_total',
    kind: 'counter',
    help: 'Images that Gatekeeper was told of, or that could not be told of at that time',
    labels: ['question', 'outcome'],
  },
  seconds: {
    name: 'seaworthy_gatekeeper_request_duration_seconds',
    kind: 'histogram',
    help: 'From the head of a request of Gatekeeper to its answer',
    labels: [],
  },
  refused: {
    name: 'seaworthy_gatekeeper_refused_total',
    kind: 'counter',
    help: 'Requests to the listener for Gatekeeper that could not be read, and handshakes that failed',
    labels: ['reason'],
  },
  connections: {
    name: 'seaworthy_gatekeeper_connections_open',
    kind: 'gauge',
    help: 'Connections of Gatekeeper',
    labels: [],
  },
};

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted of what Gatekeeper asks, in a registry of prom-client that its owner hands in. */
export class ProviderMetrics {
  readonly #requests: Counter;
  readonly #images: Counter;
  readonly #seconds: Histogram;
  readonly #refused: Counter;
  readonly #connections: Gauge;

  constructor(registry: Registry) {
    this.#requests = new Counter(optionsOf(providerMetricTable.requests, registry));
    this.#images = new Counter(optionsOf(providerMetricTable.images, registry));
    this.#seconds = new Histogram({ ...optionsOf(providerMetricTable.seconds, registry), buckets });
    this.#refused = new Counter(optionsOf(providerMetricTable.refused, registry));
    this.#connections = new Gauge(optionsOf(providerMetricTable.connections, registry));
    // A counter that is not there until it is one hides its first step from whoever looks at rates.
    for (const question of providerQuestions) {
      for (const outcome of requestOutcomes) this.#requests.inc({ question, outcome }, 0);
      for (const outcome of imageOutcomes) this.#images.inc({ question, outcome }, 0);
    }
    for (const reason of providerRefusals) this.#refused.inc({ reason }, 0);
  }

  /** A request that could be read is done with, after so many seconds. */
  done(question: ProviderQuestion, outcome: RequestOutcome, seconds: number): void {
    this.#requests.inc({ question, outcome });
    this.#seconds.observe(seconds);
  }

  /** Images were told of. */
  told(question: ProviderQuestion, outcomes: readonly ImageOutcome[]): void {
    for (const outcome of outcomes) this.#images.inc({ question, outcome });
  }

  /** Something could not be read. */
  refused(reason: ProviderRefusal): void {
    this.#refused.inc({ reason });
  }

  /** So many connections are open. */
  connected(open: number): void {
    this.#connections.set(open);
  }
}

function optionsOf(
  { name, help, labels }: ProviderMetric,
  registry: Registry,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
