import type { Network } from '../../net/network.ts';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import { acceptedManifestMediaTypes, bareMediaType } from '../media-type.ts';
import { openImage } from '../open-image.ts';
import type { Platform } from '../platform.ts';
import { familiarReference, familiarRepository, type Reference } from '../reference.ts';
import { verifyContent } from '../verify-content.ts';
import { fetchBlob } from './fetch-blob.ts';
import { fetchManifest, type FetchedManifest } from './fetch-manifest.ts';
import { clientLimits } from './limits.ts';
import { RegistryClient, type RegistryClientOptions } from './registry-client.ts';

/** What to take of what the reference names, and how. */
export interface OpenRegistryImageOptions extends RegistryClientOptions {
  /** What the user wrote; the reference's short form by default. */
  readonly name?: string;
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
  const client = new RegistryClient(network, reference.registry, options);
  const { repository, tag, digest } = reference;
  const root = await fetchManifest(client, repository, digest ?? tag ?? 'latest', signal);
  const { name, platform, defaultPlatform } = options;
  return await openImage(
    new RegistryContent(client, repository, root),
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

/** One repository's content by digest. */
class RegistryContent implements ContentSource {
  readonly #client: RegistryClient;
  readonly #repository: string;
  readonly #manifests = new Map<string, Buffer>();

  /** @param root a manifest that is there already and need not be fetched again */
  constructor(client: RegistryClient, repository: string, root?: FetchedManifest) {
    this.#client = client;
    this.#repository = repository;
    if (root !== undefined) this.#manifests.set(root.descriptor.digest, root.bytes);
  }

  async readContent(descriptor: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
    const { digest, size, mediaType } = descriptor;
    if (size > maxBytes) {
      throw new OciError('LIMIT_EXCEEDED', `${digest} has ${size} bytes, more than the ${maxBytes} that are read`);
    }
    const kept = this.#manifests.get(digest);
    if (kept !== undefined) {
      verifyContent(kept, descriptor);
      return kept;
    }
    if (!acceptedManifestMediaTypes.includes(bareMediaType(mediaType))) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.openLayer(descriptor, signal)) chunks.push(chunk);
      return Buffer.concat(chunks);
    }
    const { bytes } = await fetchManifest(this.#client, this.#repository, digest, signal);
    verifyContent(bytes, descriptor);
    if (this.#manifests.size < clientLimits.keptManifests) this.#manifests.set(digest, bytes);
    return bytes;
  }

  openLayer(descriptor: Descriptor, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return fetchBlob(this.#client, this.#repository, descriptor, signal);
  }
}
