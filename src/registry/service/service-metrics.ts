import type { IncomingMessage } from 'node:http';
import { Registry } from 'prom-client';
import { countScans } from '../../store/metadata/scans.ts';
import { openUploads } from '../../store/metadata/uploads.ts';
import { storeTotals } from '../../store/metadata/overview.ts';
import type { JobQueue } from '../../store/job/job-queue.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { EndedRequest } from '../http/watched-route.ts';
import type { ConnectionObserver } from '../http/connections.ts';
import { RegistryMetrics } from '../metrics/registry-metrics.ts';
import {
  type GaugeSource,
  type MetricsAnswer,
  readGauges,
  renderMetrics,
  snapshotMetrics,
} from '../metrics/render-metrics.ts';
import { RequestMetrics } from '../metrics/request-metrics.ts';
import { queueNames } from '../metrics/table.ts';
import type { Outcome } from '../pipeline/pipeline.ts';

/** What a service counts. */
export interface ServiceMetrics {
  readonly metrics: RegistryMetrics;
  readonly begin: () => void;
  readonly observe: (outcome: Outcome) => void;
  /** The same for routes beside the distribution API. */
  readonly observeRoute: (ended: EndedRequest) => void;
  readonly connections: ConnectionObserver;
  /** Counts an answer of the token service that refuses a login. */
  readonly login: (request: IncomingMessage, status: number) => void;
  /** The text for Prometheus, with what is looked up for it. */
  readonly render: (jobs: Pick<JobQueue, 'counts'>) => Promise<MetricsAnswer>;
  /** The same as data, where another process answers for all. @param lookUp whether with what is looked up */
  readonly measure: (jobs: Pick<JobQueue, 'counts'>, lookUp: boolean) => Promise<readonly object[]>;
}

/** Makes the metrics of a service. */
export function makeMetrics(database: SqlDatabase): ServiceMetrics {
  const metrics = new RegistryMetrics(new Registry());
  const requests = new RequestMetrics(metrics);
  return {
    metrics,
    begin: () => requests.begin(),
    login({ method = '', headers }, status) {
      // Of a form, whoever fails has shown something.
      const shown = headers.authorization !== undefined || method === 'POST';
      const reason = status === 429 ? 'throttled' : status === 503 ? 'unavailable' : 'credentials';
      if (reason !== 'credentials' || (status === 401 && shown)) metrics.add('authFailures', { reason });
    },
    connections: {
      count: (open) => metrics.set('connectionsOpen', open),
      ended: (reason) => metrics.add('connectionsEnded', { reason }),
    },
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
    observeRoute: ({ request, kind, ...ended }) =>
      requests.end({
        ...ended,
        method: request.method ?? '',
        route: kind,
        error: undefined,
        hadCredentials: request.headers.authorization !== undefined,
      }),
    async render(jobs) {
      await readGauges(metrics, gaugesOf(database, jobs));
      return renderMetrics(metrics);
    },
    async measure(jobs, lookUp) {
      await readGauges(metrics, lookUp ? gaugesOf(database, jobs) : []);
      return snapshotMetrics(metrics);
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
      metric: 'scanImages',
      gives: ['scanImages'],
      async read() {
        const scans = Object.entries(await countScans(database));
        return scans.map(([state, value]) => ({ name: 'scanImages' as const, labels: { state }, value }));
      },
    },
    {
      metric: 'jobs',
      gives: ['jobs'],
      async read() {
        const counted = await Promise.all(
          queueNames.map(async (queue) => ({ queue, counts: await jobs.counts(queue) })),
        );
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
