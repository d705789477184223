import type { ContentSink, StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import { headManifest } from './head-manifest.ts';
import { pushBlob, pushManifest } from './push.ts';
import type { RemoteRepository } from './remote-repository.ts';
import { RepositoryWrites } from './repository-writes.ts';

/** Stores content in a repository. */
export class RegistrySink implements ContentSink {
  readonly #remote: RemoteRepository;
  readonly #mountFrom: string | undefined;
  readonly #writes: RepositoryWrites;

  /**
   * @param source where the content comes from: a repository of the same registry need not be sent its blobs
   * @param writes shared by all that write into this repository at once
   */
  constructor(remote: RemoteRepository, source?: RemoteRepository, writes: RepositoryWrites = new RepositoryWrites()) {
    this.#remote = remote;
    this.#writes = writes;
    const sibling = source !== undefined && source.client.registry === remote.client.registry;
    this.#mountFrom = sibling ? source.repository : undefined;
  }

  async hasManifest({ digest }: Descriptor, signal?: AbortSignal): Promise<boolean> {
    const { client, repository } = this.#remote;
    return (await headManifest(client, repository, digest, signal)) !== undefined;
  }

  async writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void> {
    await this.#writes.blob(blob.digest, () => this.#send(blob, signal));
  }

  async writeManifest({ digest, mediaType }: Descriptor, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { client, repository } = this.#remote;
    await this.#writes.manifest(() => pushManifest(client, repository, digest, { mediaType, bytes }, signal));
  }
  async #send(blob: StoredBlob, signal: AbortSignal | undefined): Promise<void> {
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
}
