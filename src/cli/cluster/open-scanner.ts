import { join } from 'node:path';
import type { ImageScanner, ImageTarget, ImageWay } from '../../cluster/scan/model.ts';
import { Repositories } from '../../evidence/reach/repositories.ts';
import type { Artifact } from '../../finding/scan-report.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { openRegistryImage } from '../../oci/client/open-registry-image.ts';
import { RegistryClient, registryHost } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { formatPlatform, parsePlatform, platformDistance } from '../../oci/platform.ts';
import { familiarReference } from '../../oci/reference.ts';
import { registryRates } from '../admission/flags.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { networkOptionsOf } from '../network.ts';
import { type ReadTarget, ScanSession } from '../scan-session.ts';
import { storedSbomsOf } from '../stored-sboms.ts';
import { KnownImages } from './known-images.ts';
import { pullKeychains } from './pull-keychain.ts';
import { RetryNotes } from './retry-notes.ts';

/** What reads the images of a cluster. */
export interface OpenedScanner<Report> extends AsyncDisposable {
  readonly scanner: ImageScanner<Report>;
  /** Until when a registry wants to be left alone. */
  readonly heldUntil: (registry: string) => number | undefined;
  /** The registries, as workloads may ask them. */
  readonly repositories: Repositories;
  /** Reads one image of a repository, whatever asks for it. @throws as `ImageScanner` */
  read(remote: RemoteRepository, digest: Digest): Promise<ReadTarget>;
}

/** How the images of a cluster are read. */
export interface ScannerOptions<Report> {
  /** Reads pull secrets; undefined where none are to be read. */
  readonly secrets: Pick<KubernetesClient, 'get'> | undefined;
  /** `[host=]number`, as admission has it. */
  readonly registryRate: readonly string[];
  /** The platform that is meant where no node tells one: `linux/amd64`. */
  readonly platform: string;
  /** Makes of what was read what is held of it. */
  readonly reduce: (read: ReadTarget, what: { readonly digest: Digest; readonly platform: string }) => Promise<Report>;
  readonly clock?: Clock;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** Opens it. @throws ConfigError SETTING_INVALID; SigningError for a key of SBOMs that cannot be loaded */
export async function openScanner<Report>(
  options: ScannerOptions<Report>,
  settings: Settings,
  host: Host,
): Promise<OpenedScanner<Report>> {
  const { clock = systemClock, signal, secrets, reduce } = options;
  await using opened = new AsyncDisposableStack();
  const rateOf = registryRates(options);
  const network = opened.use(
    openNetwork({ ...(await networkOptionsOf(settings, host)), clock, ...(rateOf === undefined ? {} : { rateOf }) }),
  );
  const notes = new RetryNotes(network);
  const keychainOf = pullKeychains(secrets, settings, host, clock);
  const logger = loggerOf(settings, host);
  const repositories = new Repositories(
    (registry, access) => new RegistryClient(notes, registry, { keychain: keychainOf(access), logger }),
    clock,
  );
  // Its time is that of the whole scan, and tells nobody of each image.
  const limited = { ...settings, timeout: 0, noProgress: true };
  const sboms = storedSbomsOf(settings, host);
  await sboms?.requireKeys();
  const session = opened.use(new ScanSession(limited, { ...host, signal }, sboms));
  const known = settings.noCache
    ? undefined
    : new KnownImages(join(settings.cacheDir, 'scans'), () => host.now().getTime());
  if (known !== undefined) opened.defer(() => known.trim());
  const remoteOf = ({ reference, pullSecrets }: ImageWay): RemoteRepository =>
    repositories.of(reference, { plainHttp: false, secrets: [], providers: [], podSecrets: pullSecrets });

  async function read(remote: RemoteRepository, digest: Digest, wanted: string, name: string): Promise<ReadTarget> {
    const remembered = await known?.get(digest, wanted);
    const recalled = remembered === undefined ? undefined : await session.recall({ ...remembered, name });
    if (recalled !== undefined) return recalled;
    const { client, repository } = remote;
    const image = await openRegistryImage(
      notes,
      { registry: client.registry, repository, digest },
      { client, name, defaultPlatform: parsePlatform(wanted) },
      signal,
    );
    const found = await session.readOpened(name, image, remote);
    await known?.put(digest, wanted, found.artifact);
    return found;
  }

  const scanner: ImageScanner<Report> = {
    async resolve(way, stop) {
      const { client, repository } = remoteOf(way);
      const root = await fetchManifest(client, repository, way.reference.tag ?? 'latest', stop);
      return root.descriptor.digest;
    },
    async scan(target) {
      const wanted = target.platform ?? options.platform;
      const found = await read(remoteOf(target), target.digest, wanted, nameOf(target));
      const { manifest, platform } = placeOf(found.artifact, target, wanted);
      return { report: await reduce(found, { digest: target.digest, platform: wanted }), manifest, platform };
    },
  };
  const kept = opened.move();
  return {
    scanner,
    heldUntil: (registry) => notes.until(registryHost(registry)),
    repositories,
    read: (remote, digest) =>
      read(
        remote,
        digest,
        options.platform,
        familiarReference({ registry: remote.client.registry, repository: remote.repository, digest }),
      ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** An image by itself is what it is, whatever the nodes are; of an index, nothing but what runs will do. */
function placeOf(
  { image, name }: Artifact,
  { digest }: ImageTarget,
  wanted: string,
): { readonly manifest: Digest; readonly platform: string } {
  if (image?.manifestDigest === undefined) throw new TypeError('an image of a registry has a manifest');
  const { manifestDigest: manifest, platform } = image;
  if (manifest !== digest && platformDistance(parsePlatform(wanted), platform) === undefined) {
    const sentence = `${name} has no image for ${wanted}, on which it runs, but for ${formatPlatform(platform)}; look at its nodes`;
    throw new OciError('PLATFORM_UNAVAILABLE', sentence);
  }
  return { manifest, platform: formatPlatform(platform) };
}

function nameOf({ reference: { registry, repository, tag }, digest }: ImageTarget): string {
  return tag === undefined
    ? familiarReference({ registry, repository, digest })
    : familiarReference({ registry, repository, tag });
}
