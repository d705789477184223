import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import type { Digest } from '../../oci/digest.ts';
import { scanSignature } from '../../scan/scan-signature.ts';
import type { TransactionalJobQueue } from '../../store/job/job-queue.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { countToJudge } from '../../store/metadata/scan-packages.ts';
import { removeStrays } from '../../scan/cache/remove-strays.ts';
import type { ScanningConfig } from '../config/scanning/model.ts';
import { claimsAttachment } from '../content/claims-attachment.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes, requireManifest } from '../content/read-manifest.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import type { Origin } from '../pipeline/origin.ts';
import { attachEvidence, attachToAll } from './attach/attach-evidence.ts';
import { openReportSigner } from './attach/report-signer.ts';
import { DatabaseWatch } from '../../scan/process/database-watch.ts';
import { EvidenceCache } from './evidence-cache.ts';
import { scanningLimits } from './limits.ts';
import { removeLeftBehind } from '../../scan/process/pool/lent-files.ts';
import { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import type { WorkerOptions } from '../../scan/process/pool/worker-process.ts';
import { type WorkerProgram, workerProgram } from '../../scan/process/pool/worker-program.ts';
import { rejudge } from './rejudge.ts';
import { runScan } from './run-scan.ts';
import { scanJobs, ScanQueue } from './scan-queue.ts';
import { removeUnused } from './upkeep/remove-unused.ts';
import { requestMissing } from './upkeep/request-missing.ts';
import { requestOutdated } from './upkeep/request-outdated.ts';
import { resumeLost } from './upkeep/resume-lost.ts';

/** What scanning needs of the registry. */
export interface ScanningSurroundings {
  readonly content: Content;
  /** Where content of images comes from; that of a layer which is still on its way is read as it comes. */
  readonly origin: Origin;
  readonly jobs: TransactionalJobQueue;
  readonly metrics: Pick<RegistryMetrics, 'add' | 'set' | 'observe'>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Processors for one scan. */
  readonly cores: number;
  /** Folder of the vulnerability database where the settings name none. */
  readonly database: string;
  /** Where layers are remembered. */
  readonly cacheFolder: string;
  /** Where processes that scan are lent files of the image; on the disk of what is stored, since they are links. */
  readonly filesFolder: string;
  /** For the name of the key's password. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  /** Of this program. */
  readonly version: string;
  /** `host:port` as clients know the registry: what is signed names it. */
  readonly host: () => string;
  /** Whether images of a repository are scanned only when they are pulled; by default those of none are. */
  readonly isCached?: (repository: string) => boolean;
  /** What scans are run by; another one in tests. */
  readonly program?: WorkerProgram;
  /** Where worker processes come from; tests lend those of one pool to many registries. */
  readonly openPool?: (width: number, options: WorkerOptions) => ScanPool;
}

/** The scanning of a registry's images. */
export interface Scanning extends AsyncDisposable {
  readonly queue: ScanQueue;
  /** Says that a scan will soon be asked for, so that its process begins meanwhile. */
  prepare(): void;
  /**
   * Asks for the scan of an image that is pushed, in the transaction that keeps it; what is known of it already is attached to it in its
   * new repository. It begins when that is committed and `wake()` was called, or a little later.
   */
  record(queries: SqlQueries, image: { readonly digest: Digest; readonly repository: string }): Promise<void>;
  wake(): void;
  /**
   * Attaches what is known of an image to it in all repositories that have it, later: for an image that was scanned before and is
   * pushed to another repository.
   */
  attach(digest: Digest): Promise<void>;
  /**
   * When the vulnerability database was built that was there at the last look, some seconds ago, in milliseconds since 1970; undefined
   * while there is none that can be used.
   */
  databaseBuiltAt(): number | undefined;
}

/** Jobs that judge anew, and that look for what has no scan, an outdated one, or one that nobody needs any more. */
export const upkeepJobs = 'scan-upkeep';

/** When it is looked for, besides at each start: five fields of cron, in UTC. */
const upkeepSchedule = '50 * * * *';

/** Jobs that attach what is known of images to them. */
const attachJobs = 'scan-attach';

/** Begins to scan what is asked for. Closing it leaves what is under way for the next start. */
export async function openScanning(config: ScanningConfig, surroundings: ScanningSurroundings): Promise<Scanning> {
  const { content, origin, jobs, metrics, logger, clock, cores, cacheFolder, filesFolder } = surroundings;
  const { database } = content;
  const folder = config.database ?? surroundings.database;
  await using opened = new AsyncDisposableStack();
  // What workers were writing when they were killed with the registry.
  await removeStrays(cacheFolder);
  const removeLinks = (): Promise<void> =>
    removeLeftBehind(filesFolder, clock.now() - config.timeMs - scanningLimits.linksAge, (error) => {
      logger.warn('A folder of a process that scanned, and was killed, could not be removed', { error });
    });
  await removeLinks();
  const options = {
    program: surroundings.program ?? workerProgram(),
    memoryBytes: config.memoryBytes,
    cores,
    readable: [folder],
    writable: config.cacheBytes > 0 ? [cacheFolder] : [],
    files: filesFolder,
    clock,
    logger,
  };
  const { openPool = (width, given) => new ScanPool(width, given) } = surroundings;
  const pool = opened.use(openPool(config.workers, options));
  // Judging anew takes long, and no image waits for it.
  const background = opened.use(openPool(1, options));
  const evidence = new EvidenceCache(database);
  const queue = new ScanQueue({ database, jobs, evidence, clock });
  const watch = new DatabaseWatch(folder, logger);
  const parts = {
    content,
    origin,
    pool,
    queue,
    clock,
    logger,
    newId: content.newId,
    time: config.timeMs,
    imageBytes: config.imageBytes,
    task: {
      database: folder,
      reading:
        cores > scanningLimits.fewProcessors
          ? { width: scanningLimits.layers, onThreads: true }
          : { width: scanningLimits.layersHere, onThreads: false },
      ...(config.cacheBytes > 0 ? { cache: { folder: cacheFolder, maxBytes: config.cacheBytes } } : {}),
    },
    observe(outcome: string, seconds: number) {
      metrics.add('scans', { outcome });
      if (outcome === 'done') metrics.observe('scanSeconds', seconds);
    },
    onScanned: attachLater,
  };
  const signer = await openReportSigner(config.attach ? config.key : undefined, surroundings.env, surroundings.network);
  const attaching = { content, evidence, pool: background, signer, version: surroundings.version };
  if (config.attach) {
    await jobs.declare(attachJobs, { retries: 3, retryDelay: 30_000, expiresAfter: 3_600_000 });
    await jobs.work(attachJobs, 1, async ({ data }, signal) => {
      const given = { ...attaching, host: surroundings.host() };
      if (typeof data['digest'] === 'string') return attachEvidence(given, data['digest'] as Digest, signal);
      const last = await attachToAll(given, Number(data['after']), signal);
      if (last !== undefined) await attachAllLater(last);
    });
  }
  await jobs.declare(scanJobs, { retries: 5, retryDelay: 10_000, expiresAfter: config.timeMs + 120_000 });
  await jobs.work(scanJobs, config.workers, ({ data }, signal) => runScan(parts, data['digest'] as Digest, signal));
  await jobs.declare(upkeepJobs, { retries: 2, retryDelay: 60_000, expiresAfter: 3_600_000 });
  await jobs.work(upkeepJobs, 1, async ({ data }, signal) => {
    if (data['kind'] === 'outdated') return requestOutdated(queue, database, signal);
    if (data['kind'] === 'sweep') return sweep(signal);
    const judged = { database, pool: background, folder, clock, logger };
    const report = await rejudge({ ...judged, observe: (left) => metrics.set('rejudgeLeft', left) }, signal);
    metrics.add('rejudged', {}, report.images);
    if (report.images > 0 && config.attach) await attachAllLater(0);
    if (report.images > 0) logger.info('Stored images were judged with new advisories', { ...report });
  });
  await jobs.add(upkeepJobs, { kind: 'outdated' }, { key: `outdated ${scanSignature()}` });
  await jobs.add(upkeepJobs, { kind: 'sweep' }, { key: 'sweep' });
  await jobs.schedule(upkeepJobs, upkeepSchedule, { kind: 'sweep' });
  const over = new AbortController();
  const beats = [
    repeat(scanningLimits.sweepTime, () => resumeLost(queue, database, clock)),
    repeat(scanningLimits.databaseTime, () => lookAtDatabase()),
  ];
  opened.defer(async () => {
    over.abort();
    await Promise.all(beats);
  });

  async function sweep(signal: AbortSignal): Promise<void> {
    await removeLinks();
    const asked = await requestMissing(
      { database, queue, isCached: surroundings.isCached ?? (() => false), isAttachment },
      { clock, signal },
    );
    if (asked > 0) logger.info('Images without a scan are scanned', { images: asked });
    const removed = await removeUnused(database, { clock, signal });
    if (removed.images + removed.packages + removed.attachments > 0) {
      logger.info('What was known of images that are in no repository was removed', { ...removed });
    }
  }

  /** What is gone, or cannot be read, is none. */
  async function isAttachment(repository: string, digest: Digest): Promise<boolean> {
    try {
      const { mediaType } = await requireManifest(content, { repository, digest });
      return claimsAttachment(await manifestBytes(content, repository, digest), mediaType);
    } catch (error) {
      logger.debug('A manifest could not be looked at', { repository, digest, error: errorMessage(error) });
      return false;
    }
  }

  async function attachLater(digest: Digest): Promise<void> {
    if (config.attach) await jobs.add(attachJobs, { digest }, { key: digest });
  }

  async function attachAllLater(after: number): Promise<void> {
    await jobs.add(attachJobs, { after }, { key: `all after ${after}` });
  }

  async function repeat(time: number, act: () => Promise<void>): Promise<void> {
    while (!over.signal.aborted) {
      try {
        await act();
      } catch (error) {
        logger.warn('Scanning could not look for what there is to do', { error: errorMessage(error) });
      }
      await clock.sleep(time, over.signal).catch(() => undefined);
    }
  }

  async function lookAtDatabase(): Promise<void> {
    const builtAt = watch.look();
    metrics.set('scanDatabaseBuilt', Math.floor((builtAt ?? 0) / 1000));
    metrics.set('degraded', builtAt === undefined ? 1 : 0, { missing: 'vulnerability-database' });
    if (builtAt === undefined || (await countToJudge(database, builtAt)) === 0) return;
    await jobs.add(upkeepJobs, { kind: 'rejudge' }, { key: `rejudge ${builtAt}` });
  }

  const kept = opened.move();
  return {
    queue,
    prepare: () => pool.prepare(),
    async record(queries, { digest, repository }) {
      const isKnown = await queue.requestWithin(queries, digest, repository, 'push');
      if (isKnown && config.attach) await jobs.addWithin(queries, attachJobs, { digest }, { key: digest });
    },
    wake() {
      jobs.wake(scanJobs);
      jobs.wake(attachJobs);
    },
    attach: attachLater,
    databaseBuiltAt: () => watch.builtAt,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
