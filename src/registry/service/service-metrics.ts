import { Registry } from 'prom-client';
import { openUploads } from '../../store/metadata/uploads.ts';
import { storeTotals } from '../../store/metadata/overview.ts';
import type { JobQueue } from '../../store/job/job-queue.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { RegistryMetrics } from '../metrics/registry-metrics.ts';
import { type GaugeSource, type MetricsAnswer, readGauges, renderMetrics } from '../metrics/render-metrics.ts';
import { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Outcome } from '../pipeline/pipeline.ts';

/** Queues whose jobs are counted. */
const queues = ['gc', 'retention'] as const;

/** What a service counts. */
export interface ServiceMetrics {
  readonly metrics: RegistryMetrics;
  readonly begin: () => void;
  readonly observe: (outcome: Outcome) => void;
  /** The text for Prometheus, with what is looked up for it. */
  readonly render: (jobs: Pick<JobQueue, 'counts'>) => Promise<MetricsAnswer>;
}

/** Makes the metrics of a service. */
export function makeMetrics(database: SqlDatabase): ServiceMetrics {
  const metrics = new RegistryMetrics(new Registry());
  const requests = new RequestMetrics(metrics);
  return {
    metrics,
    begin: () => requests.begin(),
    observe: ({ method, route, status, seconds, receivedBytes, bytes, error, request }) =>
      requests.end({
        method,
        route: route?.kind,
        status,
        seconds,
        receivedBytes,
        sentBytes: bytes,
        error,
        hadCredentials: request.headers.authorization !== undefined,
      }),
    async render(jobs) {
      await readGauges(metrics, gaugesOf(database, jobs));
      return renderMetrics(metrics);
    },
  };
}

function gaugesOf(database: SqlDatabase, jobs: Pick<JobQueue, 'counts'>): readonly GaugeSource[] {
  return [
    {
      metric: 'uploadsOpen',
      gives: ['uploadsOpen'],
      read: async () => [{ name: 'uploadsOpen', value: await openUploads(database) }],
    },
    {
      metric: 'blobs',
      gives: ['blobs', 'blobBytes'],
      async read() {
        const { blobs, bytes } = await storeTotals(database);
        return [
          { name: 'blobs', value: blobs },
          { name: 'blobBytes', value: bytes },
        ];
      },
    },
    {
      metric: 'jobs',
      gives: ['jobs'],
      async read() {
        const counted = await Promise.all(queues.map(async (queue) => ({ queue, counts: await jobs.counts(queue) })));
        return counted.flatMap(({ queue, counts }) =>
          (['waiting', 'running', 'failed'] as const).map((state) => ({
            name: 'jobs' as const,
            labels: { queue, state },
            value: counts[state],
          })),
        );
      },
    },
  ];
}
