import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/net/clock.ts';
import type { Network } from '../../src/net/network.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import type { UpstreamsConfig } from '../../src/registry/config/upstreams/model.ts';
import { upstreamsSchema } from '../../src/registry/config/upstreams/schema.ts';
import { RegistryMetrics } from '../../src/registry/metrics/registry-metrics.ts';
import type { RegistryOptions } from '../../src/registry/open-registry.ts';
import { openUpstreams, type Upstreams } from '../../src/registry/upstream/open-upstreams.ts';
import type { UpstreamEvent, UpstreamSurroundings } from '../../src/registry/upstream/surroundings.ts';
import { Registry } from 'prom-client';
import { noClouds } from '../no-clouds.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { type ForwardClock, forwardClock } from './forward-clock.ts';
import { type OwnRegistry, startOwnRegistry } from './own-registry.ts';
import { RegistryStore } from './store.ts';

/** A clock that can be put forward, and whose short pauses take a moment. */
export function impatientClock(): ForwardClock {
  return forwardClock((milliseconds, signal) =>
    systemClock.sleep(milliseconds > 4000 ? milliseconds : Math.min(milliseconds, 5), signal),
  );
}

/** How a cache is started for a test. */
export interface OwnCacheOptions {
  /** Of the upstream, whose repositories are under `hub.test/`. */
  readonly url: string;
  /** Settings of the upstream as they stand in a file. */
  readonly settings?: object;
  /** Other settings of the section. */
  readonly section?: object;
  readonly folder?: string;
  readonly clock?: ForwardClock;
  readonly network?: Network;
  readonly env?: UpstreamSurroundings['env'];
  readonly clouds?: UpstreamSurroundings['clouds'];
  readonly logger?: Logger;
  readonly registry?: Partial<RegistryOptions>;
}

/** The program's own registry before an upstream. */
export interface OwnCache extends AsyncDisposable {
  readonly own: OwnRegistry;
  readonly upstreams: Upstreams;
  readonly clock: ForwardClock;
  readonly folder: string;
  readonly events: readonly UpstreamEvent[];
  /** Waits until no blob is on its way, for a second. */
  settled(): Promise<void>;
  /** The value of a line of its metrics; 0 when there is none. */
  metric(line: string): Promise<number>;
}

/** The settings of a file, read. */
export function upstreamsConfig(section: object): UpstreamsConfig {
  return upstreamsSchema({ folder: '/' }).parse(section);
}

/** The cache itself, without the registry before it. */
export interface CacheParts {
  readonly upstreams: Upstreams;
  readonly clock: ForwardClock;
  readonly metrics: RegistryMetrics;
  readonly events: readonly UpstreamEvent[];
}

/** Opens the cache over the folder of a registry. What it opens besides is closed with `opened`. */
export function openCache(options: OwnCacheOptions, folder: string, opened: AsyncDisposableStack): CacheParts {
  const clock = options.clock ?? impatientClock();
  const metrics = new RegistryMetrics(new Registry());
  const events: UpstreamEvent[] = [];
  const registries = [{ host: 'hub.test', url: options.url, allowPrivate: 'true', ...options.settings }];
  const upstreams = openUpstreams(upstreamsConfig({ registries, ...options.section }), {
    network: options.network ?? opened.use(openNetwork({ widthPerHost: 256 })),
    clock,
    logger: options.logger ?? silentLogger,
    env: options.env ?? {},
    clouds: options.clouds ?? noClouds,
    folder: join(folder, 'data'),
    metrics,
    observe: (event) => events.push(event),
  });
  return { upstreams, clock, metrics, events };
}

/** Starts one. */
export async function startOwnCache(options: OwnCacheOptions): Promise<OwnCache> {
  await using opened = new AsyncDisposableStack();
  const folder = options.folder ?? opened.use(temporaryDirectory()).path;
  const parts = openCache(options, folder, opened);
  const { rename, origin, gate } = parts.upstreams;
  const own = await startOwnRegistry({
    folder,
    now: () => parts.clock.now(),
    rename,
    origin,
    gate: () => gate,
    ...options.registry,
  });
  opened.use(own);
  // Before the stores of the registry are closed.
  opened.use(parts.upstreams);
  return ownCache(own, parts, folder, opened.move());
}

/** Puts a registry and its cache together. @param opened what is closed with it */
export function ownCache(own: OwnRegistry, parts: CacheParts, folder: string, opened: AsyncDisposableStack): OwnCache {
  const { upstreams, clock, metrics, events } = parts;
  return {
    own,
    upstreams,
    clock,
    folder,
    events,
    async settled() {
      for (let left = 1000; left > 0; left -= 1) {
        const names = await readdir(join(folder, 'data', 'spool')).catch(() => []);
        if (!names.some((name) => name.endsWith('.part'))) return;
        await systemClock.sleep(1);
      }
    },
    async metric(line) {
      const text = await metrics.registry.metrics();
      const found = text.split('\n').find((one) => one.startsWith(`seaworthy_registry_${line} `));
      return Number(found?.slice(found.lastIndexOf(' ')) ?? 0);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** An image at an upstream. */
export interface UpstreamImage {
  readonly manifest: Buffer;
  readonly digest: string;
  readonly config: { readonly bytes: Buffer; readonly digest: string };
  readonly layers: readonly { readonly bytes: Buffer; readonly digest: string }[];
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Puts an image with layers of so many random bytes into the store of an upstream. */
export function putImage(
  store: RegistryStore,
  repository: string,
  tag: string,
  sizes: readonly number[],
): UpstreamImage {
  const put = (bytes: Buffer): { readonly bytes: Buffer; readonly digest: string } => {
    return { bytes, digest: store.putBlob(repository, bytes) };
  };
  const config = put(
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', seed: randomBytes(8).toString('hex') })),
  );
  const layers = sizes.map((size) => put(randomBytes(size)));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: config.digest,
        size: config.bytes.length,
      },
      layers: layers.map(({ bytes, digest }) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        digest,
        size: bytes.length,
      })),
    }),
  );
  const digest = store.putManifest(repository, tag, manifestType, manifest);
  return { manifest, digest, config, layers };
}

/** Puts an image that names given layers into a repository, which has those of them that are told. */
export function putSharing(
  store: RegistryStore,
  repository: string,
  layers: UpstreamImage['layers'],
  has: UpstreamImage['layers'] = layers,
): UpstreamImage {
  const from = new RegistryStore();
  const image = putImage(from, repository, 'v1', []);
  const manifest = JSON.parse(image.manifest.toString()) as { layers: object[] };
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  manifest.layers = layers.map(({ bytes, digest }) => ({ mediaType, digest, size: bytes.length }));
  for (const { bytes } of [image.config, ...has]) store.putBlob(repository, bytes);
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { ...image, layers, manifest: bytes, digest: store.putManifest(repository, 'v1', manifestType, bytes) };
}
