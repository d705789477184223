import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../error.ts';
import { acceptedManifestMediaTypes, bareMediaType } from '../media-type.ts';
import { verifyContent } from '../verify-content.ts';
import { fetchBlob } from './fetch-blob.ts';
import { fetchManifest, type FetchedManifest } from './fetch-manifest.ts';
import { headBlob } from './head-blob.ts';
import { clientLimits } from './limits.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** One repository's content by digest. */
export class RegistryContent implements ContentSource {
  readonly #remote: RemoteRepository;
  readonly #manifests = new Map<string, Buffer>();

  /** @param root a manifest that is there already and need not be fetched again */
  constructor(remote: RemoteRepository, root?: FetchedManifest) {
    this.#remote = remote;
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
    const { client, repository } = this.#remote;
    const { bytes } = await fetchManifest(client, repository, digest, signal);
    verifyContent(bytes, descriptor);
    if (this.#manifests.size < clientLimits.keptManifests) this.#manifests.set(digest, bytes);
    return bytes;
  }

  openLayer(descriptor: Descriptor, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return fetchBlob(this.#remote.client, this.#remote.repository, descriptor, signal);
  }

  async findBlob(descriptor: Descriptor, signal?: AbortSignal): Promise<boolean | undefined> {
    try {
      return (await headBlob(this.#remote.client, this.#remote.repository, descriptor, signal)) || undefined;
    } catch (error) {
      if (error instanceof OciError && error.code === 'BLOB_UNKNOWN') return false;
      throw error;
    }
  }
}
