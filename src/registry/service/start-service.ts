import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { CloudDeps } from '../../cloud/cloud-deps.ts';
import { CloudKeychains } from '../../cloud/keychains.ts';
import { machineDeps } from '../../cloud/machine-deps.ts';
import type { Network } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import { openSqlJobQueue } from '../../store/job/sql/open.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { entryOfApi, entryOfChange, entryOfSettings } from '../audit/entry-of.ts';
import { formatIdentity } from '../auth/identity.ts';
import type { RegistryConfig } from '../config/model.ts';
import { adoptAgain } from './adopt-again.ts';
import { sharing } from './sharing.ts';
import { applyConfig } from '../config/reload.ts';
import { compileProxies } from '../http/client-origin.ts';
import { addHealth } from '../http/health.ts';
import { listenAt } from '../../net/listen.ts';
import { createMetricsServer } from '../http/metrics-server.ts';
import { loadTls } from '../http/tls.ts';
import { openRegistry, type Registry } from '../open-registry.ts';
import { chainGates } from '../pipeline/chain-gates.ts';
import { closedAccess } from '../pipeline/closed-access.ts';
import { PullTimes } from '../pulls/pull-times.ts';
import { watchedRoute } from '../http/watched-route.ts';
import { openEndpoints } from '../webhook/endpoint.ts';
import { observeOutcomes } from './observe-outcomes.ts';
import { observeRefusals } from './observe-refusals.ts';
import { observeRoutes } from './observe-routes.ts';
import { type Access, makeAccess } from './open-access.ts';
import { openOutbox } from './open-outbox.ts';
import type { LoginSurroundings } from './open-login.ts';
import { openStores } from './open-stores.ts';
import { openTracing } from './open-tracing.ts';
import { ownUrl } from './own-url.ts';
import { reschedule, runJobs } from './run-jobs.ts';
import type { Content, PushLimit } from '../content/content.ts';
import { pushLimitOf, uploadBytesOf } from './push-limits.ts';
import { openImages } from './open-images.ts';
import { gateOf } from './service-gate.ts';
import { clientCertificates, ServedTls } from './served-tls.ts';
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
  /** Folder of the vulnerability database, where the settings name none; by default one in the registry's own. */
  readonly vulnerabilityDatabase?: string;
  /** Whether it is one of several processes at one address, of which another answers for their metrics. */
  readonly isWorker?: boolean;
  /** Opens a network like `network` with changes; with nothing else where nothing is said. */
  readonly openNetwork?: CloudDeps['openNetwork'];
  /** Hosts that need not prove by TLS who they are, and are shown nothing of what this process is at clouds. */
  readonly unprovenHosts?: readonly string[];
  /** A network like `network` that trusts one authority more; without proxies where nothing is said. */
  readonly networkTrusting?: LoginSurroundings['networkTrusting'];
}

const trustingNetwork: LoginSurroundings['networkTrusting'] = (authority) =>
  openNetwork({ tls: { authorities: [authority] } });

/** A registry that listens. */
export interface RegistryService extends AsyncDisposable {
  /** How it is reached. */
  readonly url: string;
  /** Where metrics are read; undefined where they are not served. */
  readonly metricsUrl: string | undefined;
  readonly registry: Registry;
  /**
   * Takes over what can change while it runs; requests that are under way end as they began.
   *
   * @param isFirst false for all but one of several processes, so that the audit trail tells of it once
   */
  apply(config: RegistryConfig, isFirst?: boolean): Promise<void>;
  /** Is told that a changed configuration was refused, which metrics count. */
  refused(): void;
  /** What it counted, for the process that answers for all. @param lookUp whether with what is the same for all */
  measure(lookUp: boolean): Promise<readonly object[]>;
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
  let url = config.url ?? '';
  const tracing = opened.use(openTracing(config, { ...options, metrics: metrics.metrics }));
  const jobs = opened.use(await openSqlJobQueue({ database, logger, clock }));
  const outbox = opened.use(
    await openOutbox(config, {
      ...options,
      database,
      jobs,
      metrics: metrics.metrics,
      newId: randomUUID,
      source: () => live.config.url ?? url,
    }),
  );
  const refusals = opened.use(observeRefusals({ trail, outbox, tracing, now }));
  const images = opened.use(
    await openImages(config, {
      ...options,
      clouds: new CloudKeychains(machineDeps({ openNetwork, ...options, now: () => new Date(now()) })),
      metrics: metrics.metrics,
      trail,
      jobs,
      url: () => live.config.url ?? url,
      vulnerabilityDatabase: options.vulnerabilityDatabase ?? join(config.data, 'vulndb'),
    }),
  );
  const tls = config.tls === undefined ? undefined : await loadTls(config.tls, clock.now());
  const live: {
    limit: PushLimit;
    uploadBytes: Content['uploadBytes'];
    config: RegistryConfig;
    access: Access | undefined;
    guard: ReturnType<typeof tagGuardOf>;
    proxies: ReturnType<typeof compileProxies>;
  } = {
    config,
    access: undefined,
    guard: tagGuardOf(config),
    proxies: compileProxies(config.proxies),
    limit: pushLimitOf(config.quotas),
    uploadBytes: uploadBytesOf(config.quotas),
  };
  const routes = observeRoutes(metrics, tracing);
  const registry = await openRegistry({
    database,
    blobs,
    logger,
    // It listens before access is made, which depends on the address.
    access: closedAccess,
    version: options.version,
    now: () => clock.now(),
    wait: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    redirects: config.storage.kind === 's3' && config.storage.redirect,
    get blobBytes() {
      return live.config.uploads.maxBytes;
    },
    manifestBytes: config.limits.manifestBytes,
    pageEntries: config.limits.pageEntries,
    timeouts: { idle: config.limits.idleMs },
    connections: {
      most: config.limits.connections,
      leastSpeed: config.limits.leastSpeed,
      observe: metrics.connections,
      monotonic: () => clock.monotonic(),
    },
    proxies: () => live.proxies,
    guard: { refusal: (write) => live.guard.refusal(write), isHeld: (write) => live.guard.isHeld(write) },
    limit: (queries, push) => live.limit(queries, push),
    uploadBytes: (repository) => live.uploadBytes(repository),
    journalFor: (request, identity) => {
      const actor = formatIdentity(identity);
      return async (queries, event) => {
        await trail.record(queries, entryOfChange(event, request, identity, now(), tracing.idOf(request)));
        await outbox.record(queries, event, actor);
        await images.record(queries, event);
      };
    },
    rename: images.rename,
    origin: images.origin,
    gate: (content, origin) => chainGates([gateOf(() => live.config), images.gate(content, origin)]),
    begin: metrics.begin,
    observe: observeOutcomes({
      count: metrics.observe,
      images,
      pulls,
      trail,
      refusals,
      outbox,
      tracing,
      now,
      config: () => live.config,
    }),
    traceIdOf: tracing.idOf,
    routes,
    refused(refusal) {
      const entry = entryOfApi(refusal, now());
      if (entry !== undefined) refusals.denied(entry);
    },
    ...(tls === undefined ? {} : { tls: { ...tls.options, ...clientCertificates(config.tls) } }),
  });
  await trail.adopt();
  opened.defer(adoptAgain(trail, logger));
  const { content } = registry;
  await images.begin(registry);
  await runJobs(jobs, {
    content,
    upstreams: images.upstreamJobs,
    trail,
    outbox,
    metrics: metrics.metrics,
    logger,
    config: () => live.config,
  });
  const { server } = registry;
  addHealth(server, database, clock, () => images.degraded());
  let metricsUrl: string | undefined;
  if (config.metrics !== undefined && options.isWorker !== true) {
    const metricsServer = createMetricsServer(() => metrics.render(jobs));
    const { listen } = config.metrics;
    metricsUrl = await listenAt(listen, () => metricsServer.listen({ ...listen }));
    opened.defer(() => metricsServer.close());
  }
  server.all('/token', watchedRoute(routes, 'token', '/token'), async (request, reply) => {
    reply.hijack();
    const token = live.access?.token;
    if (token === undefined) reply.raw.writeHead(404).end();
    else await token(request.raw, reply.raw);
  });
  const shared = options.isWorker === true ? sharing() : {};
  await listenAt(config.listen, () => server.listen({ ...config.listen, ...shared }));
  opened.defer(() => server.close());
  url = ownUrl(config, (server.server.address() as AddressInfo).port);
  const accessOf = (next: RegistryConfig): Promise<Access> =>
    makeAccess(next, {
      networkTrusting: trustingNetwork,
      ...options,
      database,
      url: next.url ?? url,
      observeLogin: metrics.login,
      onRefused: refusals.login,
    });
  const useAccess = async (access: Access): Promise<void> => {
    const before = live.access;
    live.access = access;
    registry.use(access.control);
    await before?.[Symbol.asyncDispose]();
  };
  await useAccess(await accessOf(config));
  opened.defer(async () => live.access?.[Symbol.asyncDispose]());
  const servedTls =
    tls === undefined
      ? undefined
      : opened.use(new ServedTls(tls, { registry, clock, logger, metrics: metrics.metrics }));
  await servedTls?.use(config);
  const kept = opened.move();
  return {
    url,
    metricsUrl,
    registry,
    async apply(next, isFirst = true) {
      // All that may fail comes first, so that nothing is taken over by halves.
      const { quotas } = next;
      const rules = {
        guard: tagGuardOf(next),
        limit: pushLimitOf(quotas),
        uploadBytes: uploadBytesOf(quotas),
        proxies: compileProxies(next.proxies),
      };
      const endpoints = await openEndpoints(next.webhooks, options.env);
      await using prepared = new AsyncDisposableStack();
      const changedImages = prepared.use(await images.prepare(next));
      const access = prepared.use(await accessOf(next));
      const { live: changed } = applyConfig(live.config, next).change;
      if (changed.length > 0 && isFirst) {
        await database.transaction((queries) => trail.record(queries, entryOfSettings(changed, now())));
      }
      await servedTls?.use(next);
      prepared.move();
      Object.assign(live, { ...rules, config: next });
      changedImages.adopt();
      outbox.endpoints = endpoints;
      await useAccess(access);
      await reschedule(jobs, next);
      if (isFirst) metrics.metrics.add('configChanges', { outcome: 'taken' });
    },
    refused: () => metrics.metrics.add('configChanges', { outcome: 'refused' }),
    measure: (lookUp) => metrics.measure(jobs, lookUp),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
