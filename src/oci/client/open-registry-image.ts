import type { Network } from '../../net/network.ts';
import type { Image } from '../image.ts';
import { openImage } from '../open-image.ts';
import type { Platform } from '../platform.ts';
import { familiarReference, familiarRepository, type Reference } from '../reference.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { RegistryClient, type RegistryClientOptions } from './registry-client.ts';
import { RegistryContent } from './registry-content.ts';

/** What to take of what the reference names, and how. */
export interface OpenRegistryImageOptions extends RegistryClientOptions {
  /** What the user wrote; the reference's short form by default. */
  readonly name?: string;
  /** What speaks with the registry, where others ask it as well; one for this image alone by default. */
  readonly client?: RegistryClient;
  /** Asked for by name: nothing else will do. */
  readonly platform?: Platform;
  /** Preferred when none was asked for. */
  readonly defaultPlatform: Platform;
}

/**
 * Opens an image of a registry: fetches its manifest and config, no layer. Each layer is checked while it streams.
 *
 * @throws OciError, NetError for what the user decided (offline, no plain HTTP), the signal's reason
 */
export async function openRegistryImage(
  network: Network,
  reference: Reference,
  options: OpenRegistryImageOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const client = options.client ?? new RegistryClient(network, reference.registry, options);
  const { repository, tag, digest } = reference;
  const root = await fetchManifest(client, repository, digest ?? tag ?? 'latest', signal);
  const { name, platform, defaultPlatform } = options;
  return await openImage(
    new RegistryContent({ client, repository }, root),
    root.descriptor,
    {
      name: name ?? familiarReference(reference),
      ...(platform === undefined ? {} : { platform }),
      defaultPlatform,
      // A digest decides over a tag, so then nobody has asked what the tag means.
      repoTags: digest === undefined ? [familiarReference(reference)] : [],
      repoDigests: [`${familiarRepository(reference)}@${root.descriptor.digest}`],
      dispose: () => Promise.resolve(),
    },
    signal,
  );
}
