import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import type { Advisory } from '../../src/finding/advisory.ts';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { localOrigin } from '../../src/registry/content/local-origin.ts';
import type { Content, Journal } from '../../src/registry/content/content.ts';
import { pushManifest } from '../../src/registry/content/push-manifest.ts';
import type { ScanStatus } from '../../src/registry/scanning/scan-queue.ts';
import type { Origin } from '../../src/registry/pipeline/origin.ts';
import type { ScanningConfig } from '../../src/registry/config/scanning/model.ts';
import { openScanning, type Scanning, type ScanningSurroundings } from '../../src/registry/scanning/open-scanning.ts';
import { RegistryMetrics } from '../../src/registry/metrics/registry-metrics.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { openSqlJobQueue } from '../../src/store/job/sql/open.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { buildDatabase } from '../../src/vulndb/build.ts';
import { Registry } from 'prom-client';
import { type BuiltImage, buildImage } from '../image/image-builder.ts';
import type { TarEntry } from '../image/tar-writer.ts';
import { noJournal, pushBlob } from '../registry/push-content.ts';
import { openTestContent } from '../registry/test-content.ts';
import type { SharedWorkers } from './shared-workers.ts';
import { advisoryUpdate, temporaryFolder } from '../vulnerability-database.ts';

/** How a world is made. */
export interface ScanWorldOptions {
  /** Where its stores are; a new folder by default. */
  readonly folder?: string;
  readonly openDatabase?: (folder: string) => Promise<SqlDatabase>;
  readonly config?: Partial<ScanningConfig>;
  readonly clock?: Clock;
  readonly program?: ScanningSurroundings['program'];
  readonly origin?: (content: Content) => Origin;
  readonly logger?: ScanningSurroundings['logger'];
  readonly host?: () => string;
  readonly isCached?: (repository: string) => boolean;
  /** Processors that it may use: with two, its workers read layers without threads. */
  readonly cores?: number;
  /** Where its workers come from; its own by default. */
  readonly workers?: SharedWorkers;
}

/** A registry's content whose images are scanned, without its server. */
export interface ScanWorld extends AsyncDisposable {
  readonly folder: string;
  readonly content: Content;
  readonly scanning: Scanning;
  readonly metrics: RegistryMetrics;
  /** Folder of its vulnerability database. */
  readonly vulndb: string;
  /** Pushes an image of these layers, and gives its manifest's digest. */
  push(repository: string, layers: readonly (readonly TarEntry[])[], tags?: readonly string[]): Promise<Digest>;
  /** Builds the vulnerability database. */
  know(advisories: readonly Advisory[], builtAt?: string): Promise<void>;
}

/** What scans are given where a test says nothing. */
const scanConfig: ScanningConfig = {
  enabled: true,
  workers: 1,
  memoryBytes: 2 ** 30,
  timeMs: 60_000,
  imageBytes: 2 ** 30,
  cacheBytes: 0,
  attach: false,
};

/** Opens one. The same folder again is what another process would see. */
export async function openScanWorld(options: ScanWorldOptions = {}): Promise<ScanWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = options.folder ?? opened.use(temporaryFolder()).path;
  const { clock = systemClock, logger = silentLogger, openDatabase } = options;
  const { content } = opened.use(
    await openTestContent({
      folder,
      clock: { now: 0 },
      ...(openDatabase === undefined ? {} : { openDatabase }),
    }),
  );
  const timed: Content = { ...content, now: () => clock.now() };
  const jobs = opened.use(await openSqlJobQueue({ database: content.database, clock, pollTime: 50 }));
  const network = opened.use(openNetwork());
  const metrics = new RegistryMetrics(new Registry());
  const vulndb = join(folder, 'vulndb');
  const scanning = await openScanning(
    { ...scanConfig, ...options.config },
    {
      content: timed,
      origin: (options.origin ?? localOrigin)(timed),
      jobs,
      metrics,
      logger,
      clock,
      cores: options.cores ?? 2,
      database: vulndb,
      filesFolder: join(folder, 'scan-files'),
      cacheFolder: join(folder, 'scan-cache'),
      env: {},
      network,
      version: '1.2.3',
      host: () => options.host?.() ?? 'registry.example',
      ...(options.isCached === undefined ? {} : { isCached: options.isCached }),
      ...(options.program === undefined ? {} : { program: options.program }),
      ...(options.workers === undefined ? {} : { openPool: options.workers }),
    },
  );
  opened.use(scanning);
  const kept = opened.move();
  return {
    folder,
    content: timed,
    scanning,
    metrics,
    vulndb,
    push: (repository, layers, tags = []) =>
      pushImage(timed, repository, buildImage({ layers: layers.map((tar) => ({ tar })) }), tags),
    async know(advisories, builtAt = '2026-01-02T03:04:05Z') {
      await buildDatabase(vulndb, [advisoryUpdate(advisories)], { clock: () => new Date(builtAt) });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Pushes an image that was built. */
export async function pushImage(
  content: Content,
  repository: string,
  image: BuiltImage,
  tags: readonly string[] = [],
  journal: Journal = noJournal,
): Promise<Digest> {
  const { digest, mediaType } = image.descriptor;
  for (const [name, bytes] of image.blobs) if (name !== digest) await pushBlob(content, repository, bytes);
  const bytes = image.blobs.get(digest) as Buffer;
  await pushManifest(content, { repository, digest, tags, contentType: mediaType, bytes }, journal);
  return digest;
}

/** Waits for the evidence of an image, which must come. */
export async function scanned(world: ScanWorld, digest: Digest, repository: string = 'app'): Promise<ScanStatus> {
  await world.scanning.queue.request(digest, repository, 'client');
  return await world.scanning.queue.wait(digest, AbortSignal.timeout(30_000));
}
