import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { reviewOperations, type ReviewOperation } from './review/model.ts';

/**
 * What came of a review. Those that were not judged count apart: `error-deny` and `error-allow` are answers by the failure policy, and
 * `abandoned` are those that nobody waited for any more.
 */
export type ReviewDecision = 'allow' | 'deny' | 'error-deny' | 'error-allow' | 'abandoned';

/** Why something was no review that could be judged, so that its request has another status than 200. */
export type ReviewRefusal =
  | 'malformed'
  | 'unsupported'
  | 'too-large'
  | 'too-slow'
  | 'overloaded'
  | 'no-such-path'
  | 'method'
  | 'media-type'
  | 'handshake';

/** What became of a look at certificates. */
export type CertificateOutcome = 'served' | 'refused';

const decisions: readonly ReviewDecision[] = ['allow', 'deny', 'error-deny', 'error-allow', 'abandoned'];
const refusals: readonly ReviewRefusal[] = [
  'malformed',
  'unsupported',
  'too-large',
  'too-slow',
  'overloaded',
  'no-such-path',
  'method',
  'media-type',
  'handshake',
];
const outcomes: readonly CertificateOutcome[] = ['served', 'refused'];

/** One metric, as documents list it. Labels have a closed list of values: no client can make series. */
export interface AdmissionMetric {
  readonly name: `seaworthy_admission_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Names of {@link admissionMetricTable}. */
export type AdmissionMetricName =
  | 'reviews'
  | 'seconds'
  | 'open'
  | 'deadline'
  | 'refused'
  | 'connections'
  | 'certificates'
  | 'expires';

/** All metrics of the webhook, in the order of the documents. */
export const admissionMetricTable: Readonly<Record<AdmissionMetricName, AdmissionMetric>> = {
  reviews: {
    name: 'seaworthy_admission_reviews_total',
    kind: 'counter',
    help: 'Reviews that were answered, or that nobody waited for any more',
    labels: ['operation', 'decision'],
  },
  seconds: {
    name: 'seaworthy_admission_review_duration_seconds',
    kind: 'histogram',
    help: 'From the head of a request to its answer',
    labels: [],
  },
  open: {
    name: 'seaworthy_admission_reviews_open',
    kind: 'gauge',
    help: 'Reviews that are being answered',
    labels: [],
  },
  deadline: {
    name: 'seaworthy_admission_deadline_total',
    kind: 'counter',
    help: 'Reviews that were answered because their time was over',
    labels: [],
  },
  refused: {
    name: 'seaworthy_admission_refused_total',
    kind: 'counter',
    help: 'Requests that were no review that could be judged, and handshakes that failed',
    labels: ['reason'],
  },
  connections: {
    name: 'seaworthy_admission_connections_open',
    kind: 'gauge',
    help: 'Connections of clients',
    labels: [],
  },
  certificates: {
    name: 'seaworthy_admission_certificate_changes_total',
    kind: 'counter',
    help: 'Certificates that were found in the place of others',
    labels: ['outcome'],
  },
  expires: {
    name: 'seaworthy_admission_certificate_expires_timestamp_seconds',
    kind: 'gauge',
    help: 'When the certificate that is served is over, in seconds since 1970',
    labels: [],
  },
};

/** Where a warm decision takes less than a millisecond, and a cold one seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of one webhook, kept in a registry of prom-client that its owner hands in: there is no global one. */
export class AdmissionMetrics {
  readonly registry: Registry;
  /** By operation and decision: looking a child up for each review costs more than counting. */
  readonly #reviews: ReadonlyMap<string, Counter.Internal>;
  readonly #seconds: Histogram;
  readonly #open: Gauge;
  readonly #deadline: Counter;
  readonly #refused: Counter;
  readonly #connections: Gauge;
  readonly #certificates: Counter;
  readonly #expires: Gauge;

  constructor(registry: Registry) {
    this.registry = registry;
    const reviews = new Counter(metricOptions(admissionMetricTable.reviews, registry));
    this.#reviews = new Map(
      reviewOperations.flatMap((operation) =>
        decisions.map((decision) => [`${operation} ${decision}`, reviews.labels({ operation, decision })] as const),
      ),
    );
    this.#seconds = new Histogram({ ...metricOptions(admissionMetricTable.seconds, registry), buckets });
    this.#open = new Gauge(metricOptions(admissionMetricTable.open, registry));
    this.#deadline = new Counter(metricOptions(admissionMetricTable.deadline, registry));
    this.#refused = new Counter(metricOptions(admissionMetricTable.refused, registry));
    this.#connections = new Gauge(metricOptions(admissionMetricTable.connections, registry));
    this.#certificates = new Counter(metricOptions(admissionMetricTable.certificates, registry));
    this.#expires = new Gauge(metricOptions(admissionMetricTable.expires, registry));
    // A counter that is not there until it is one hides its first step from whoever looks at rates.
    for (const review of this.#reviews.values()) review.inc(0);
    for (const reason of refusals) this.#refused.inc({ reason }, 0);
    for (const outcome of outcomes) this.#certificates.inc({ outcome }, 0);
    // Until there is a certificate, nothing is said of when it ends.
    this.#expires.remove();
  }

  /** A request for a review came. */
  began(): void {
    this.#open.inc();
  }

  /** It is done with, however that was. */
  ended(): void {
    this.#open.dec();
  }

  /** A review was decided, after so many seconds. */
  reviewed(operation: ReviewOperation, decision: ReviewDecision, seconds: number): void {
    this.#reviews.get(`${operation} ${decision}`)?.inc();
    this.#seconds.observe(seconds);
  }

  /** A review was answered because its time was over. */
  late(): void {
    this.#deadline.inc();
  }

  /** Something was no review. */
  refused(reason: ReviewRefusal): void {
    this.#refused.inc({ reason });
  }

  /** So many connections are open. */
  connected(open: number): void {
    this.#connections.set(open);
  }

  /** There was another certificate. */
  certificate(outcome: CertificateOutcome): void {
    this.#certificates.inc({ outcome });
  }

  /** A certificate is served. @param expires milliseconds since 1970 */
  serving(expires: number): void {
    this.#expires.set(Math.floor(expires / 1000));
  }

  /** Prometheus' text. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }
}

/** What prom-client wants to know of a metric. */
export function metricOptions(
  { name, help, labels }: AdmissionMetric,
  registry: Registry,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
