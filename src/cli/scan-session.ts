import { join } from 'node:path';
import type { Logger } from '../base/logger.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { catalogers } from '../catalog/list.ts';
import { catalogersSignature } from '../catalog/signature.ts';
import type { Artifact } from '../finding/scan-report.ts';
import type { Network } from '../net/network.ts';
import type { Keychain } from '../oci/client/credential.ts';
import { RegistryClient } from '../oci/client/registry-client.ts';
import type { RemoteRepository } from '../oci/client/remote-repository.ts';
import type { Image } from '../oci/image.ts';
import { OciError } from '../oci/error.ts';
import { hostPlatform } from '../oci/platform.ts';
import type { Reference } from '../oci/reference.ts';
import { parseSource, type ImageSource } from '../oci/source.ts';
import type { Inventory } from '../package/inventory.ts';
import { ScanCache } from '../scan/cache/scan-cache.ts';
import { readDirectoryInventory } from '../scan/directory-inventory.ts';
import { type InventoryContext, readImageInventory, recallInventory } from '../scan/image-inventory.ts';
import { LayerPool } from '../scan/layer-pool.ts';
import { openImageSource } from '../scan/open-image-source.ts';
import { artifactOfImage, keptImageOf } from '../scan/scan-target.ts';
import { cleanText } from '../report/text/clean-text.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { keychainOf } from './keychain.ts';
import { loggerOf, since } from './logger.ts';
import { networkOf } from './network.ts';
import { progressOf } from './progress.ts';
import type { StoredSboms } from './stored-sboms.ts';
import { timeLimited } from './time-limit.ts';
import type { TerminalProgress } from './terminal/progress.ts';

/** Something that was read, before anything was looked up. */
export interface ReadTarget {
  readonly artifact: Artifact;
  readonly inventory: Inventory;
}

/** What a command that reads images holds open: threads, the cache, the network, the time limit. */
export class ScanSession implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly #shown: TerminalProgress | undefined;
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #pool: LayerPool;
  readonly #cache: ScanCache | undefined;
  readonly #sboms: StoredSboms | undefined;
  #network: Promise<Network> | undefined;
  #keychain: Promise<Keychain> | undefined;

  /** @param sboms what may be taken in the place of layers */
  constructor(settings: Settings, host: Host, sboms?: StoredSboms) {
    this.#settings = settings;
    this.#sboms = sboms;
    this.#host = host;
    this.#logger = loggerOf(settings, host);
    this.signal = timeLimited(host.signal, settings.timeout);
    this.#shown = progressOf(settings, host);
    this.progress = this.#shown ?? silentProgress;
    this.#pool = new LayerPool(settings.parallel === 0 ? host.cores : settings.parallel);
    this.#cache = settings.noCache
      ? undefined
      : new ScanCache(join(settings.cacheDir, 'scans'), settings.cacheSize, catalogersSignature(catalogers), () =>
          host.now().getTime(),
        );
  }

  /**
   * Reads what a user named: an image at any source, or a folder.
   *
   * @throws OciError, NetError, RootfsError, ScanError TIMEOUT or INTERRUPTED
   */
  async read(name: string, source: ImageSource = parseSource(name)): Promise<ReadTarget> {
    if (source.kind === 'dir') return this.readFolder(source.path, name);
    if (source.kind === 'fs') return this.readSource(source.path, name);
    const { image, remote } = await this.#open(name, source);
    return await this.readOpened(name, image, remote);
  }

  /**
   * Reads an image that was opened already, and closes it.
   *
   * @param remote where it lies; undefined where that is no registry
   * @throws as `read`
   */
  async readOpened(name: string, opened: Image, remote: RemoteRepository | undefined): Promise<ReadTarget> {
    await using image = opened;
    const { os, architecture, variant } = image.platform;
    const platform = [os, architecture, variant].filter((part) => part !== undefined).join('/');
    this.#logger.debug('opened', { name, image: image.imageId, platform, layers: image.layers.length });
    const start = performance.now();
    const inventory = await this.#inventoryOf(image, remote);
    this.#logRead(name, inventory, start);
    return { artifact: artifactOfImage(image), inventory };
  }

  /** What the cache has of an image of which it is known what its layers are; undefined when it must be read. */
  async recall(artifact: Artifact): Promise<ReadTarget | undefined> {
    const { image } = artifact;
    if (image === undefined || this.#cache === undefined) return undefined;
    const { skipDirs: directories, skipFiles: files } = this.#settings;
    const inventory = await recallInventory(keptImageOf(image), { cache: this.#cache, skip: { directories, files } });
    return inventory === undefined ? undefined : { artifact, inventory };
  }

  /**
   * Opens an image at any source and says what it is, without reading its layers.
   *
   * @throws as `read`
   */
  async describe(name: string, source: ImageSource = parseSource(name)): Promise<Artifact> {
    const { image: opened } = await this.#open(name, source);
    await using image = opened;
    return artifactOfImage(image);
  }

  async #open(
    name: string,
    source: ImageSource,
  ): Promise<{ readonly image: Image; readonly remote: RemoteRepository | undefined }> {
    if (source.kind === 'dir' || source.kind === 'fs')
      throw new OciError('IMAGE_NOT_FOUND', `${name} is a folder, and no image`);
    const { settings, host } = { settings: this.#settings, host: this.#host };
    const { env, home } = host;
    this.#network ??= networkOf(settings, host);
    // Once for all images: standard input can be read only once.
    this.#keychain ??= keychainOf(settings, host);
    const [network, keychain] = await Promise.all([this.#network, this.#keychain]);
    const hints = {
      ...(env['XDG_RUNTIME_DIR'] === undefined ? {} : { runtimeDirectory: env['XDG_RUNTIME_DIR'] }),
      home,
    };
    const dockerHost = settings.dockerHost ?? env['DOCKER_HOST'];
    const podmanHost = settings.podmanHost ?? env['CONTAINER_HOST'];
    const remote = source.kind === 'registry' ? remoteOf(source.reference, network, keychain) : undefined;
    const image = await openImageSource(
      source,
      name,
      {
        network,
        keychain,
        ...(remote === undefined ? {} : { registryClient: remote.client }),
        ...(settings.platform === undefined ? {} : { platform: settings.platform }),
        defaultPlatform: { ...hostPlatform(host.arch), os: 'linux' },
        docker: { ...hints, ...(dockerHost === undefined ? {} : { host: dockerHost }) },
        podman: { ...hints, ...(podmanHost === undefined ? {} : { host: podmanHost }) },
        spoolDirectory: join(settings.cacheDir, 'spool'),
      },
      this.signal,
    );
    return { image, remote };
  }

  /** What this machine read itself comes before what others say. */
  async #inventoryOf(image: Image, remote: RemoteRepository | undefined): Promise<Inventory> {
    const { skipDirs, skipFiles } = this.#settings;
    const context: InventoryContext = {
      runner: this.#pool,
      ...(this.#cache === undefined ? {} : { cache: this.#cache }),
      skip: { directories: skipDirs, files: skipFiles },
      progress: this.progress,
      signal: this.signal,
    };
    if (this.#sboms !== undefined) {
      const known = await recallInventory(image, context);
      const stored = known ?? (await this.#sboms.find(image, remote, (text) => this.tell(text), this.signal));
      if (stored !== undefined) return stored;
    }
    return await readImageInventory(image, context);
  }

  /** Reads an unpacked file system. */
  async readFolder(path: string, name: string = path): Promise<ReadTarget> {
    const start = performance.now();
    const inventory = await readDirectoryInventory(path, {
      skip: { directories: this.#settings.skipDirs, files: this.#settings.skipFiles },
      progress: this.progress,
      signal: this.signal,
    });
    this.#logRead(name, inventory, start);
    return { artifact: { name, type: 'filesystem' }, inventory };
  }

  /**
   * Reads the lock files of source code, and tells how much was left out.
   *
   * @throws ScanError TARGET_INVALID; RootfsError
   */
  async readSource(path: string, name: string = path): Promise<ReadTarget> {
    const start = performance.now();
    const { skipDirs: directories, skipFiles: files, includeDevDeps } = this.#settings;
    const { readSourceInventory } = await import('../scan/source-inventory.ts');
    const { folder, inventory, leftOut } = await readSourceInventory(path, {
      skip: { directories, files },
      includeDevelopment: includeDevDeps,
      progress: this.progress,
      signal: this.signal,
    });
    this.#logRead(name, inventory, start);
    if (leftOut > 0) {
      const what =
        leftOut === 1 ? 'package that only development needs is' : 'packages that only development needs are';
      await this.tell(`${cleanText(name)}: ${leftOut} ${what} left out; --include-dev-deps looks at them too`);
    }
    return { artifact: { name, type: 'filesystem', folder }, inventory };
  }

  #logRead(name: string, { packages, problems }: Inventory, start: number): void {
    const milliseconds = since(start);
    this.#logger.debug('read', { name, packages: packages.length, problems: problems.length, milliseconds });
  }

  /** Says something on stderr while other images are still being read. */
  async tell(text: string): Promise<void> {
    this.#shown?.clear();
    await this.#host.stderr.write(`${text}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    const network = await this.#network?.catch(() => undefined);
    await network?.[Symbol.asyncDispose]();
    await this.#cache?.trim();
  }
}

function remoteOf({ registry, repository }: Reference, network: Network, keychain: Keychain): RemoteRepository {
  return { client: new RegistryClient(network, registry, { keychain }), repository };
}
