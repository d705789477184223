import { unscannableCodes } from '../../scan/process/error.ts';
import { advices } from '../scrub/finding.ts';

/** What a metric is: a number that only grows, one that is what it is, or many that are put into buckets. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** One metric. Labels have a closed list of values, so that no client can make series: names of repositories are never one. */
export interface MetricDefinition {
  readonly name: `seaworthy_registry_${string}`;
  readonly kind: MetricKind;
  /** One line; stands in the answer and in the documents. */
  readonly help: string;
  /** By label, its values; what is none of them becomes `other`. Those of `configured` stand in the settings, and are as few. */
  readonly labels: Readonly<Record<string, readonly string[] | 'configured'>>;
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
  /** What workers' numbers are together; their sum unless said otherwise. */
  readonly together?: 'sum' | 'max' | 'min';
}

const routes: readonly string[] = [
  'base',
  'catalog',
  'tags',
  'manifest',
  'blob',
  'referrers',
  'uploads',
  'upload',
  'token',
  'api',
];
const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const statuses: readonly string[] =
  '200 201 202 204 206 304 307 400 401 403 404 405 408 409 412 413 414 416 429 431 499 500 501 502 503 507'.split(' ');

/** Queues of jobs, as they are declared. */
export const queueNames = [
  'gc',
  'retention',
  'webhook',
  'scrub',
  'audit-expiry',
  'scan',
  'scan-attach',
  'scan-upkeep',
  'upstream-prefetch',
  'upstream-evict',
] as const;

/** How scans end: `done`, or the code of what went wrong. */
const scanOutcomes: readonly string[] = ['done', ...unscannableCodes];

/** Names of {@link metricTable}. */
export type MetricName =
  | 'requests'
  | 'requestSeconds'
  | 'requestsOpen'
  | 'receivedBytes'
  | 'sentBytes'
  | 'connectionsOpen'
  | 'connectionsEnded'
  | 'authFailures'
  | 'uploadsOpen'
  | 'blobs'
  | 'blobBytes'
  | 'gcBlobs'
  | 'gcBytes'
  | 'retentionDeletes'
  | 'webhookDeliveries'
  | 'webhookDropped'
  | 'auditExpired'
  | 'scrubFindings'
  | 'scrubbedBytes'
  | 'traceSpans'
  | 'gateEvents'
  | 'trustRefreshes'
  | 'trustExpires'
  | 'upstreamEvents'
  | 'upstreamRequests'
  | 'upstreamFound'
  | 'upstreamBytes'
  | 'upstreamBroken'
  | 'upstreamLimit'
  | 'upstreamRemaining'
  | 'upstreamSpoolBytes'
  | 'upstreamEvicted'
  | 'scans'
  | 'scanSeconds'
  | 'scanImages'
  | 'scanDatabaseBuilt'
  | 'degraded'
  | 'rejudgeLeft'
  | 'rejudged'
  | 'jobs'
  | 'storeErrors'
  | 'configChanges'
  | 'certificateExpires'
  | 'scrapeErrors';

/** All metrics of a registry, in the order of the documents. */
export const metricTable: Readonly<Record<MetricName, MetricDefinition>> = {
  requests: {
    name: 'seaworthy_registry_requests_total',
    kind: 'counter',
    help: 'Requests that were answered; 499 is a client that went before that',
    labels: { route: routes, method: methods, status: statuses },
  },
  requestSeconds: {
    name: 'seaworthy_registry_request_duration_seconds',
    kind: 'histogram',
    help: 'From the head of a request to the end of its answer',
    labels: { route: routes, method: methods },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
  },
  requestsOpen: {
    name: 'seaworthy_registry_requests_open',
    kind: 'gauge',
    help: 'Requests that are being answered',
    labels: {},
  },
  receivedBytes: {
    name: 'seaworthy_registry_received_bytes_total',
    kind: 'counter',
    help: 'Bytes of bodies that clients sent',
    labels: { route: routes },
  },
  sentBytes: {
    name: 'seaworthy_registry_sent_bytes_total',
    kind: 'counter',
    help: 'Bytes of bodies that were sent to clients',
    labels: { route: routes },
  },
  connectionsOpen: {
    name: 'seaworthy_registry_connections_open',
    kind: 'gauge',
    help: 'Connections of clients',
    labels: {},
  },
  connectionsEnded: {
    name: 'seaworthy_registry_connections_ended_total',
    kind: 'counter',
    help: 'Connections that were ended early: silent or slow in the middle of a request, for room, or one too many',
    labels: { reason: ['silent', 'slow', 'crowded-out', 'refused'] },
  },
  authFailures: {
    name: 'seaworthy_registry_auth_failures_total',
    kind: 'counter',
    help: 'Requests that were refused for who sent them',
    labels: { reason: ['credentials', 'denied', 'throttled', 'unavailable'] },
  },
  uploadsOpen: {
    name: 'seaworthy_registry_uploads_open',
    kind: 'gauge',
    help: 'Uploads that were begun and neither ended nor expired',
    labels: {},
    together: 'max',
  },
  blobs: {
    name: 'seaworthy_registry_blobs',
    kind: 'gauge',
    help: 'Blobs and manifests that are stored, each once',
    labels: {},
    together: 'max',
  },
  blobBytes: {
    name: 'seaworthy_registry_blob_bytes',
    kind: 'gauge',
    help: 'Their bytes',
    labels: {},
    together: 'max',
  },
  gcBlobs: {
    name: 'seaworthy_registry_gc_removed_blobs_total',
    kind: 'counter',
    help: 'Blobs that garbage collection removed',
    labels: {},
  },
  gcBytes: {
    name: 'seaworthy_registry_gc_freed_bytes_total',
    kind: 'counter',
    help: 'Bytes that it freed',
    labels: {},
  },
  retentionDeletes: {
    name: 'seaworthy_registry_retention_deletes_total',
    kind: 'counter',
    help: 'What rules of retention deleted',
    labels: { what: ['tag', 'manifest'] },
  },
  webhookDeliveries: {
    name: 'seaworthy_registry_webhook_deliveries_total',
    kind: 'counter',
    help: 'Attempts to deliver an event, by what came of them',
    labels: { outcome: ['done', 'retry', 'gone'] },
  },
  webhookDropped: {
    name: 'seaworthy_registry_webhook_dropped_total',
    kind: 'counter',
    help: 'Events of pulls and denials that were dropped, since too many waited',
    labels: {},
  },
  auditExpired: {
    name: 'seaworthy_registry_audit_expired_entries_total',
    kind: 'counter',
    help: 'Entries of the audit trail that were let go for their age',
    labels: {},
  },
  scrubFindings: {
    name: 'seaworthy_registry_scrub_findings_total',
    kind: 'counter',
    help: 'What scheduled scrubs found wrong; what stays wrong is counted each time',
    labels: { kind: Object.keys(advices) },
  },
  scrubbedBytes: {
    name: 'seaworthy_registry_scrub_read_bytes_total',
    kind: 'counter',
    help: 'Bytes that scheduled scrubs read',
    labels: {},
  },
  traceSpans: {
    name: 'seaworthy_registry_trace_spans_total',
    kind: 'counter',
    help: 'Spans of requests, by what became of them',
    labels: { outcome: ['exported', 'dropped'] },
  },
  gateEvents: {
    name: 'seaworthy_registry_gate_events_total',
    kind: 'counter',
    help: 'What the gate let pass by choice or with a warning, refused, or sent away to try again',
    labels: { kind: ['opened', 'excepted', 'exempt', 'warned', 'audited', 'denied', 'held'] },
  },
  trustRefreshes: {
    name: 'seaworthy_registry_trust_refreshes_total',
    kind: 'counter',
    help: 'Times that the TUF repository was asked whom to trust, by what came of it',
    labels: { outcome: ['done', 'unreachable', 'refused'] },
  },
  trustExpires: {
    name: 'seaworthy_registry_trust_expires_seconds',
    kind: 'gauge',
    help: 'When the word of the TUF repository ends that signatures are trusted by, in seconds since 1970; 0 while it was never asked',
    labels: {},
    together: 'min',
  },
  upstreamEvents: {
    name: 'seaworthy_registry_upstream_events_total',
    kind: 'counter',
    help: 'What was served out of date, thrown away, held back or taken away since an upstream has it no more',
    labels: { kind: ['stale', 'broken', 'held', 'gone'] },
  },
  upstreamRequests: {
    name: 'seaworthy_registry_upstream_requests_total',
    kind: 'counter',
    help: 'Requests to upstreams and their token services, by what came of them',
    labels: {
      upstream: 'configured',
      kind: ['manifest', 'head', 'blob', 'list', 'token'],
      outcome: ['ok', 'absent', 'refused', 'limited', 'failed'],
    },
  },
  upstreamFound: {
    name: 'seaworthy_registry_upstream_found_total',
    kind: 'counter',
    help: 'What clients asked for of upstreams, by where it was found',
    labels: {
      kind: ['manifest', 'blob', 'list'],
      result: ['hit', 'revalidated', 'miss', 'joined', 'shared', 'stale', 'absent'],
    },
  },
  upstreamBytes: {
    name: 'seaworthy_registry_upstream_received_bytes_total',
    kind: 'counter',
    help: 'Bytes of blobs that came from upstreams',
    labels: { upstream: 'configured' },
  },
  upstreamBroken: {
    name: 'seaworthy_registry_upstream_broken_total',
    kind: 'counter',
    help: 'What upstreams sent and was thrown away: it had another digest or size, ended early, or was no manifest',
    labels: { reason: ['digest', 'size', 'cut', 'manifest'] },
  },
  upstreamLimit: {
    name: 'seaworthy_registry_upstream_ratelimit_limit',
    kind: 'gauge',
    help: 'Requests that an upstream allows, as it said last',
    labels: { upstream: 'configured' },
    together: 'min',
  },
  upstreamRemaining: {
    name: 'seaworthy_registry_upstream_ratelimit_remaining',
    kind: 'gauge',
    help: 'Requests that an upstream has left for this registry, as it said last',
    labels: { upstream: 'configured' },
    together: 'min',
  },
  upstreamSpoolBytes: {
    name: 'seaworthy_registry_upstream_spool_bytes',
    kind: 'gauge',
    help: 'Bytes of blobs that are on their way from upstreams',
    labels: {},
  },
  upstreamEvicted: {
    name: 'seaworthy_registry_upstream_evicted_total',
    kind: 'counter',
    help: 'What was taken from the cache for room or for its age',
    labels: { what: ['manifest', 'tag'] },
  },
  scans: {
    name: 'seaworthy_registry_scans_total',
    kind: 'counter',
    help: 'Scans of images, by how they ended',
    labels: { outcome: scanOutcomes },
  },
  scanSeconds: {
    name: 'seaworthy_registry_scan_duration_seconds',
    kind: 'histogram',
    help: 'From the start of a scan until its evidence is kept',
    labels: {},
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  },
  scanImages: {
    name: 'seaworthy_registry_scan_images',
    kind: 'gauge',
    help: 'Images whose scan waits, runs, is done, or failed for good',
    labels: { state: ['waiting', 'running', 'done', 'failed'] },
    together: 'max',
  },
  scanDatabaseBuilt: {
    name: 'seaworthy_registry_scan_database_built_seconds',
    kind: 'gauge',
    help: 'When the vulnerability database was built that scans ask, in seconds since 1970; 0 while there is none that can be used',
    labels: {},
    together: 'min',
  },
  degraded: {
    name: 'seaworthy_registry_degraded',
    kind: 'gauge',
    help: 'Whether the registry serves without something that it is set up for, as /readyz tells it',
    labels: { missing: ['vulnerability-database'] },
    together: 'max',
  },
  rejudgeLeft: {
    name: 'seaworthy_registry_rejudge_images_left',
    kind: 'gauge',
    help: 'Stored images that are still to be judged with new advisories',
    labels: {},
    together: 'max',
  },
  rejudged: {
    name: 'seaworthy_registry_rejudged_images_total',
    kind: 'counter',
    help: 'Stored images that were judged anew with new advisories',
    labels: {},
  },
  jobs: {
    name: 'seaworthy_registry_jobs',
    kind: 'gauge',
    help: 'Jobs that wait, run, or failed for good',
    labels: { queue: queueNames, state: ['waiting', 'running', 'failed'] },
    together: 'max',
  },
  storeErrors: {
    name: 'seaworthy_registry_store_errors_total',
    kind: 'counter',
    help: 'Times that a database or store could not do what it was asked',
    labels: {
      code: ['STORE_UNAVAILABLE', 'STORE_FULL', 'STORE_DAMAGED', 'STORE_BUSY', 'CONTENT_MISMATCH', 'LIMIT_EXCEEDED'],
    },
  },
  configChanges: {
    name: 'seaworthy_registry_config_changes_total',
    kind: 'counter',
    help: 'Changes of the settings file or of certificates, by what became of them',
    labels: { outcome: ['taken', 'refused'] },
  },
  certificateExpires: {
    name: 'seaworthy_registry_certificate_expires_seconds',
    kind: 'gauge',
    help: 'When the certificate that is served ends, in seconds since 1970',
    labels: {},
    together: 'min',
  },
  scrapeErrors: {
    name: 'seaworthy_registry_scrape_errors_total',
    kind: 'counter',
    help: 'Times that a number could not be looked up for an answer, which then lacks it',
    labels: { metric: ['uploadsOpen', 'blobs', 'jobs', 'scanImages'] },
  },
};
