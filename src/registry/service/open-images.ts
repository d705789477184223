import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { CloudKeychains } from '../../cloud/keychains.ts';
import type { Network } from '../../net/network.ts';
import { imageManifestMediaTypes } from '../../oci/media-type.ts';
import type { Digest } from '../../oci/digest.ts';
import type { TransactionalJobQueue } from '../../store/job/job-queue.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { entryOfGate, entryOfSystem, entryOfUpstream } from '../audit/entry-of.ts';
import { isAllowed, compileGrants } from '../auth/permission.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { Content, ContentEvent } from '../content/content.ts';
import { refuseByName } from '../gate/enter-by-name.ts';
import { GateFiles } from '../gate/gate-files.ts';
import type { TrustOutcome } from '../../evidence/trust/followed-trust.ts';
import type { GateEvent, ImageScans } from '../gate/model.ts';
import { openPolicyGate } from '../gate/open-gate.ts';
import type { GateParts } from '../gate/parts.ts';
import { noScans, scansOf } from '../gate/scans-of.ts';
import type { Degradation } from '../http/health.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import type { Registry } from '../open-registry.ts';
import type { Call } from '../pipeline/call.ts';
import { chainGates } from '../pipeline/chain-gates.ts';
import type { Gate } from '../pipeline/gate.ts';
import type { Origin } from '../pipeline/origin.ts';
import type { Outcome, PipelineParts } from '../pipeline/pipeline.ts';
import { openScanning, type Scanning, upkeepJobs } from '../scanning/open-scanning.ts';
import { isOfUpstream, repositoryOf, sourceOf } from '../upstream/names.ts';
import { openUpstreams, type UpstreamJobs } from '../upstream/open-upstreams.ts';

/** How often the files of the policy are looked at, in milliseconds. */
const policyEvery = 10_000;

/** What images are fetched, scanned and judged with. */
export interface ImageSurroundings {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What this process is at clouds. */
  readonly clouds: Pick<CloudKeychains, 'of'>;
  readonly cores: number;
  /** Of this program. */
  readonly version: string;
  readonly metrics: RegistryMetrics;
  readonly trail: AuditTrail;
  readonly jobs: TransactionalJobQueue;
  /** How clients reach the registry. */
  readonly url: () => string;
  /** Of the vulnerability database, where the settings name none. */
  readonly vulnerabilityDatabase: string;
}

/** The parts of a registry that know of images: the cache of upstreams, scans, and the gate. */
export interface ImageService extends AsyncDisposable {
  readonly rename: PipelineParts['rename'];
  readonly origin: (content: Content) => Origin;
  readonly gate: (content: Content, origin: Origin) => Gate;
  readonly upstreamJobs: UpstreamJobs;
  /** Begins to scan. */
  begin(registry: Pick<Registry, 'content' | 'origin'>): Promise<void>;
  /** Has an image scanned that is pushed, in the transaction that keeps it. */
  record(queries: SqlQueries, event: ContentEvent): Promise<void>;
  /** Begins with what was pushed, and has scanned what came from an upstream. */
  observe(outcome: Outcome): void;
  /** What is missing without which no image can be judged that comes. */
  degraded(): readonly Degradation[];
  /** Reads what a changed configuration names, to be taken over or let go. @throws GateError */
  prepare(config: RegistryConfig): Promise<PreparedImages>;
}

/** A changed configuration whose files were read. */
export interface PreparedImages extends AsyncDisposable {
  /** Takes it over, which cannot fail; then there is nothing to let go. */
  adopt(): void;
}

/** Opens them. @throws GateError */
export async function openImages(config: RegistryConfig, surroundings: ImageSurroundings): Promise<ImageService> {
  const { network, clock, logger, env, clouds, metrics, trail } = surroundings;
  await using opened = new AsyncDisposableStack();
  const hostOf = (): string => new URL(surroundings.url()).host;
  const isCached = (repository: string): boolean => isOfUpstream(repository, live.config.upstreams.registries);
  const watching = {
    everyMs: policyEvery,
    clock,
    logger,
    network,
    cacheFolder: config.data,
    observe: (outcome: TrustOutcome) => metrics.add('trustRefreshes', { outcome }),
    expires: (at: number | undefined) =>
      at === undefined ? metrics.forget('trustExpires') : metrics.set('trustExpires', at / 1000),
  };
  const live: {
    config: RegistryConfig;
    files: GateFiles;
    exempt: ReturnType<typeof exemptOf>;
    scans: ImageScans;
    scanning: Scanning | undefined;
  } = {
    config,
    files: await GateFiles.open(config.gate, watching),
    exempt: exemptOf(config),
    scans: noScans,
    scanning: undefined,
  };
  opened.defer(() => live.files[Symbol.asyncDispose]());
  const upstreams = opened.use(
    openUpstreams(config.upstreams, {
      network,
      clock,
      logger,
      env,
      clouds,
      folder: config.data,
      metrics,
      ownHosts: () => [hostOf()],
      journal: async (queries, event) => {
        await trail.record(queries, entryOfSystem('upstream', event, clock.now(), 'upstream'));
      },
      observe: (event) => {
        metrics.add('upstreamEvents', { kind: event.kind });
        trail.note(entryOfUpstream(event, clock.now()));
      },
      // Nobody pulls what the gate itself fetches, and until it was read it counts as an image of which nothing is known.
      attached: async (queries, what) => {
        await live.scanning?.record(queries, what);
      },
    }),
  );
  const observe = (event: GateEvent, { identity, request }: Pick<Call, 'identity' | 'request'>): void => {
    metrics.add('gateEvents', { kind: event.kind });
    const entry = entryOfGate(event, request, identity, clock.now());
    if (entry !== undefined) trail.note(entry);
  };
  const scans: ImageScans = {
    find: (digest) => live.scans.find(digest),
    revision: (digest) => live.scans.revision(digest),
    prepare: () => live.scans.prepare(),
    request: (wish) => live.scans.request(wish),
    stalled: (digest) => live.scans.stalled(digest),
    settled: (digest, signal) => live.scans.settled(digest, signal),
  };
  const want = (repository: string, digest: Digest): void => {
    if (live.scanning === undefined) return;
    putDown(live.scanning, repository, digest).catch((error: unknown) => {
      logger.warn('An image could not be put down to be scanned', { repository, digest, error });
    });
  };
  const kept = opened.move();
  return {
    rename: upstreams.rename,
    upstreamJobs: upstreams.jobs,
    origin: upstreams.origin,
    gate(content, origin) {
      const parts: GateParts = {
        isCached,
        content,
        origin,
        scans,
        rules: () => live.files.rules,
        registry: hostOf,
        sourceOf: (repository) => sourceOf(repository, live.config.upstreams.registries) ?? `${hostOf()}/${repository}`,
        repositoryOf: (source) => repositoryOf(source, live.config.upstreams.registries),
        isExempt: (identity, repository) => isAllowed(live.exempt, identity, 'pull', repository),
        clock,
        observe,
      };
      return chainGates([upstreams.gate, { enter: refuseByName(parts), judge: openPolicyGate(parts) }]);
    },
    async begin({ content, origin }) {
      // A registry that scanned before has a schedule that nobody follows any more.
      if (!config.scanning.enabled) return surroundings.jobs.unschedule(upkeepJobs);
      const scanning = await openScanning(config.scanning, {
        content,
        origin,
        jobs: surroundings.jobs,
        metrics,
        logger,
        clock,
        cores: surroundings.cores,
        database: surroundings.vulnerabilityDatabase,
        cacheFolder: join(config.data, 'scan-cache'),
        filesFolder: join(config.data, 'scan-files'),
        env,
        network,
        version: surroundings.version,
        host: hostOf,
        isCached,
      });
      kept.use(scanning);
      live.scanning = scanning;
      live.scans = scansOf(
        scanning.queue,
        content.database,
        () => clock.now(),
        () => scanning.prepare(),
      );
    },
    async record(queries, { action, digest, repository, mediaType = '' }) {
      if (action !== 'push' || !imageManifestMediaTypes.includes(mediaType)) return;
      await live.scanning?.record(queries, { digest, repository });
    },
    observe({ method, route, status, digest }) {
      if (live.scanning === undefined || route?.kind !== 'manifest' || digest === undefined) return;
      if (method === 'PUT' && status === 201) live.scanning.wake();
      if (method === 'GET' && status === 200 && isCached(route.repository)) want(route.repository, digest as Digest);
    },
    degraded: () =>
      live.scanning === undefined || live.scanning.databaseBuiltAt() !== undefined ? [] : ['vulnerability-database'],
    async prepare(next) {
      const files = await GateFiles.open(next.gate, watching);
      return {
        adopt() {
          const before = live.files;
          Object.assign(live, { config: next, files, exempt: exemptOf(next) });
          upstreams.apply(next.upstreams);
          void before[Symbol.asyncDispose]();
        },
        [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function exemptOf({ gate }: RegistryConfig): ReturnType<typeof compileGrants> {
  return compileGrants(gate.exempt.map((one) => ({ ...one, actions: ['pull'] as const })));
}

/** An image that was scanned before gets what is known of it in this repository too. */
async function putDown(scanning: Scanning, repository: string, digest: Digest): Promise<void> {
  const { kind } = await scanning.queue.request(digest, repository, 'push');
  if (kind === 'known') await scanning.attach(digest);
}
