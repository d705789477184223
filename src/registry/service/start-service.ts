import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import { openSqlJobQueue } from '../../store/job/sql/open.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { entryOfChange, entryOfOutcome } from '../audit/entry-of.ts';
import type { RegistryConfig } from '../config/model.ts';
import { formatListenAddress } from '../config/value/host-port.ts';
import { addHealth } from '../http/health.ts';
import { createMetricsServer } from '../http/metrics-server.ts';
import { loadTls } from '../http/tls.ts';
import { watchTls } from '../http/watch-tls.ts';
import { openRegistry, type Registry } from '../open-registry.ts';
import { type Outcome } from '../pipeline/pipeline.ts';
import { PullTimes } from '../pulls/pull-times.ts';
import { type Access, makeAccess } from './open-access.ts';
import { openStores } from './open-stores.ts';
import { reschedule, runJobs } from './run-jobs.ts';
import type { PushLimit } from '../content/content.ts';
import { pushLimitOf } from './push-limits.ts';
import { gateOf } from './service-gate.ts';
import { makeMetrics } from './service-metrics.ts';
import { tagGuardOf } from './tag-guard.ts';

/** What a registry is started with besides its configuration. */
export interface ServiceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly cores: number;
}

/** A registry that listens. */
export interface RegistryService extends AsyncDisposable {
  /** How it is reached. */
  readonly url: string;
  /** Where metrics are read; undefined where they are not served. */
  readonly metricsUrl: string | undefined;
  readonly registry: Registry;
  /** Takes over what can change while it runs; requests that are under way end as they began. */
  apply(config: RegistryConfig): Promise<void>;
}

/**
 * Starts the registry that a configuration describes. Closing it lets running requests end, writes what is still held, and closes
 * the stores, in that order.
 */
export async function startService(config: RegistryConfig, options: ServiceOptions): Promise<RegistryService> {
  const { clock, logger } = options;
  await using opened = new AsyncDisposableStack();
  const { database, blobs } = opened.use(await openStores(config, options));
  const pulls = opened.use(new PullTimes({ database, logger }));
  const now = (): number => clock.now();
  const metrics = makeMetrics(database);
  const trail = opened.use(new AuditTrail({ database, logger, now, chain: `p-${randomUUID()}` }));
  const tls = config.tls === undefined ? undefined : await loadTls(config.tls, clock.now());
  const live: {
    limit: PushLimit;
    config: RegistryConfig;
    access: Access | undefined;
    guard: ReturnType<typeof tagGuardOf>;
  } = {
    config,
    access: undefined,
    guard: tagGuardOf(config),
    limit: pushLimitOf(config.quotas),
  };
  const registry = await openRegistry({
    database,
    blobs,
    logger,
    version: options.version,
    now: () => clock.now(),
    wait: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    redirects: config.storage.kind === 's3' && config.storage.redirect,
    blobBytes: config.uploads.maxBytes,
    guard: { refusal: (write) => live.guard.refusal(write), isHeld: (write) => live.guard.isHeld(write) },
    limit: (queries, push) => live.limit(queries, push),
    journalFor: (request, identity) => (queries, event) =>
      trail.record(queries, entryOfChange(event, request, identity, now())),
    gate: gateOf(() => live.config),
    begin: metrics.begin,
    observe(outcome) {
      metrics.observe(outcome);
      recordPull(pulls, outcome, clock);
      const entry = entryOfOutcome(outcome, now(), live.config.audit.pulls);
      if (entry !== undefined) trail.note(entry);
    },
    ...(tls === undefined ? {} : { tls: { ...tls.options, ...clientCertificates(config) } }),
  });
  await trail.adopt();
  const jobs = opened.use(await openSqlJobQueue({ database, logger, clock }));
  await runJobs(jobs, { content: registry.content, trail, logger, config: () => live.config });
  const { server } = registry;
  addHealth(server, database);
  let metricsUrl: string | undefined;
  if (config.metrics !== undefined) {
    const metricsServer = createMetricsServer(() => metrics.render(jobs));
    metricsUrl = await metricsServer.listen({ ...config.metrics.listen });
    opened.defer(() => metricsServer.close());
  }
  server.all('/token', async (request, reply) => {
    reply.hijack();
    const token = live.access?.token;
    if (token === undefined) reply.raw.writeHead(404).end();
    else await token(request.raw, reply.raw);
  });
  await server.listen({ ...config.listen });
  opened.defer(() => server.close());
  const url = urlOf(config, server.server.address() as AddressInfo);
  const useAccess = async (next: RegistryConfig): Promise<void> => {
    const surroundings = { ...options, database, url: next.url ?? url, observeLogin: () => undefined };
    const access = await makeAccess(next, surroundings);
    const before = live.access;
    live.access = access;
    registry.use(access.control);
    await before?.[Symbol.asyncDispose]();
  };
  await useAccess(config);
  opened.defer(async () => live.access?.[Symbol.asyncDispose]());
  if (config.tls !== undefined && tls !== undefined) {
    const controller = new AbortController();
    opened.defer(() => controller.abort());
    const watch = watchTls(config.tls, {
      current: tls,
      everyMs: config.tls.reloadMs,
      clock,
      onLoad: (loaded) => registry.setTls(loaded.options),
      onFailure: (error) => logger.error('The new certificate is not served', { error }),
    });
    void watch.run(controller.signal);
  }
  const kept = opened.move();
  return {
    url,
    metricsUrl,
    registry,
    async apply(next) {
      live.guard = tagGuardOf(next);
      live.limit = pushLimitOf(next.quotas);
      await useAccess(next);
      live.config = next;
      await reschedule(jobs, next);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function recordPull(pulls: PullTimes, { method, route, status, digest }: Outcome, clock: Clock): void {
  if (method !== 'GET' || route?.kind !== 'manifest' || status !== 200 || digest === undefined) return;
  const tag = 'tag' in route ? route.tag : undefined;
  pulls.add({ repository: route.repository, digest: digest as never, tag, at: clock.now() });
}

function clientCertificates({ tls }: RegistryConfig): { requestCert?: boolean; rejectUnauthorized?: boolean } {
  return tls?.clientCaFile === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
}

function urlOf(config: RegistryConfig, { port }: AddressInfo): string {
  if (config.url !== undefined) return config.url;
  const { host } = config.listen;
  const named = host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `${config.tls === undefined ? 'http' : 'https'}://${formatListenAddress({ host: named, port })}`;
}
