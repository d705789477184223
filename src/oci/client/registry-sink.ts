import type { ContentSink, StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import { headManifest } from './head-manifest.ts';
import { pushBlob, pushManifest } from './push.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** Stores content in a repository. */
export class RegistrySink implements ContentSink {
  readonly #remote: RemoteRepository;
  readonly #mountFrom: string | undefined;

  /** @param source where the content comes from: a repository of the same registry need not be sent its blobs */
  constructor(remote: RemoteRepository, source?: RemoteRepository) {
    this.#remote = remote;
    const sibling = source !== undefined && source.client.registry === remote.client.registry;
    this.#mountFrom = sibling ? source.repository : undefined;
  }

  async hasManifest({ digest }: Descriptor, signal?: AbortSignal): Promise<boolean> {
    const { client, repository } = this.#remote;
    return (await headManifest(client, repository, digest, signal)) !== undefined;
  }

  async writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void> {
    const { client, repository } = this.#remote;
    const mount = this.#mountFrom === undefined ? {} : { mountFrom: this.#mountFrom };
    let failure: { readonly error: unknown } | undefined;
    async function* open(): AsyncGenerator<Uint8Array> {
      failure = undefined;
      try {
        yield* blob.open();
      } catch (error) {
        failure = { error };
        throw error;
      }
    }
    try {
      await pushBlob(client, repository, { ...blob, open }, { ...mount, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      // What broke at the source would otherwise be blamed on the target, which only sees a body break off.
      throw failure === undefined ? error : failure.error;
    }
  }

  async writeManifest({ digest, mediaType }: Descriptor, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { client, repository } = this.#remote;
    await pushManifest(client, repository, digest, { mediaType, bytes }, signal);
  }
}
