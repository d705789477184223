import { Counter, Gauge, type Registry } from 'prom-client';
import type { Verdict } from '../../policy/verdict.ts';
import type { ScanCounts } from '../background/background-scan.ts';
import type { EventWritten } from '../event/event-writer.ts';
import type { JudgedBy } from '../image/image-judge.ts';
import { type AdmissionMetric, metricOptions } from '../metrics.ts';
import type { ReportWritten } from '../report/report-writer.ts';
import type { ClusterStoreCounts } from '../verdict-cache/cluster-store.ts';

/** What came of looking for what is wrong with an image. */
export type LookOutcome = 'sbom' | 'layers' | 'failed';

const ways: readonly JudgedBy[] = ['kept', 'stale', 'anew'];
const decisions: readonly Verdict['decision'][] = ['allow', 'deny', 'undecided'];
const looks: readonly LookOutcome[] = ['sbom', 'layers', 'failed'];
const events: readonly EventWritten[] = ['created', 'counted', 'dropped', 'failed'];
const reports: readonly ReportWritten[] = ['created', 'replaced', 'removed', 'unchanged', 'dropped', 'failed'];
const shared = ['written', 'dropped', 'refused'] as const;
const seen = ['passing', 'failing', 'unreadable'] as const;

/** Names of {@link upkeepMetricTable}. */
export type UpkeepMetricName =
  | 'images'
  | 'verdicts'
  | 'shared'
  | 'looks'
  | 'reports'
  | 'events'
  | 'objects'
  | 'lookedAt';

/** Metrics of what is done beside answers, in the order of the documents. */
export const upkeepMetricTable: Readonly<Record<UpkeepMetricName, AdmissionMetric>> = {
  images: {
    name: 'seaworthy_admission_images_total',
    kind: 'counter',
    help: 'Images that were judged: by what was known, by what was known long ago, or anew',
    labels: ['how', 'decision'],
  },
  verdicts: {
    name: 'seaworthy_admission_verdicts',
    kind: 'gauge',
    help: 'Verdicts in memory',
    labels: [],
  },
  shared: {
    name: 'seaworthy_admission_shared_verdicts_total',
    kind: 'counter',
    help: 'Verdicts that were written for other replicas, that never were, and those of others that were not sealed',
    labels: ['outcome'],
  },
  looks: {
    name: 'seaworthy_admission_image_scans_total',
    kind: 'counter',
    help: 'Images in which was looked for flaws: by a signed list of packages, or in their layers',
    labels: ['outcome'],
  },
  reports: {
    name: 'seaworthy_admission_reports_total',
    kind: 'counter',
    help: 'Reports that were written, or were not',
    labels: ['outcome'],
  },
  events: {
    name: 'seaworthy_admission_events_total',
    kind: 'counter',
    help: 'Events that were told, or were not',
    labels: ['outcome'],
  },
  objects: {
    name: 'seaworthy_admission_background_objects',
    kind: 'gauge',
    help: 'Objects at the last look over what runs',
    labels: ['state'],
  },
  lookedAt: {
    name: 'seaworthy_admission_background_ended_timestamp_seconds',
    kind: 'gauge',
    help: 'When the last look over what runs ended, in seconds since 1970',
    labels: [],
  },
};

/** Counts what is done beside answers, in a registry that its owner hands in. */
export class UpkeepMetrics {
  readonly #registry: Registry;
  readonly #images: ReadonlyMap<string, Counter.Internal>;
  readonly #looks: Counter;
  readonly #reports: Counter;
  readonly #events: Counter;
  readonly #objects: Gauge;
  readonly #lookedAt: Gauge;

  constructor(registry: Registry) {
    const table = upkeepMetricTable;
    this.#registry = registry;
    const images = new Counter(metricOptions(table.images, registry));
    this.#images = new Map(
      ways.flatMap((how) =>
        decisions.map((decision) => [`${how} ${decision}`, images.labels({ how, decision })] as const),
      ),
    );
    this.#looks = new Counter(metricOptions(table.looks, registry));
    this.#reports = new Counter(metricOptions(table.reports, registry));
    this.#events = new Counter(metricOptions(table.events, registry));
    this.#objects = new Gauge(metricOptions(table.objects, registry));
    this.#lookedAt = new Gauge(metricOptions(table.lookedAt, registry));
    // A counter that is not there until it is one hides its first step from whoever looks at rates.
    for (const each of this.#images.values()) each.inc(0);
    for (const outcome of looks) this.#looks.inc({ outcome }, 0);
    for (const outcome of reports) this.#reports.inc({ outcome }, 0);
    for (const outcome of events) this.#events.inc({ outcome }, 0);
    // Before the first look there is nothing to tell of it.
    this.#lookedAt.remove();
  }

  /** An image was judged. */
  readonly judged = (how: JudgedBy, decision: Verdict['decision']): void => {
    this.#images.get(`${how} ${decision}`)?.inc();
  };

  /** It was looked for flaws of an image: `sbom`, `layers`, or the code of a failure. */
  readonly looked = (outcome: string): void => {
    this.#looks.inc({ outcome: outcome === 'sbom' || outcome === 'layers' ? outcome : 'failed' });
  };

  /** A report was written, or was not. */
  readonly reported = (outcome: ReportWritten): void => this.#reports.inc({ outcome });

  /** An event was told, or was not. */
  readonly told = (outcome: EventWritten): void => this.#events.inc({ outcome });

  /** All that runs was looked over. @param now milliseconds since 1970 */
  lookedOver({ seen: all, failures, failingObjects }: ScanCounts, now: number): void {
    const counts = { passing: all - failingObjects, failing: failingObjects, unreadable: failures };
    for (const state of seen) this.#objects.set({ state }, counts[state]);
    this.#lookedAt.set(Math.floor(now / 1000));
  }

  /** Tells how many verdicts are in memory, whenever it is asked. */
  held(size: () => number): void {
    const gauge: Gauge = new Gauge({
      ...metricOptions(upkeepMetricTable.verdicts, this.#registry),
      collect: (): void => gauge.set(size()),
    });
  }

  /** Tells what went through the store of verdicts, whenever it is asked. */
  sharing(counts: () => Pick<ClusterStoreCounts, (typeof shared)[number]>): void {
    const counter: Counter = new Counter({
      ...metricOptions(upkeepMetricTable.shared, this.#registry),
      collect(): void {
        const now = counts();
        counter.reset();
        for (const outcome of shared) counter.inc({ outcome }, now[outcome]);
      },
    });
  }
}
