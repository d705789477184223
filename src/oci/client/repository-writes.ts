import { BoundedCalls } from '../../base/concurrency.ts';
import { SharedCalls } from '../../base/shared-calls.ts';
import type { Digest } from '../digest.ts';

/**
 * What several copies write into one repository at once. Registries that keep files, docker-registry among them, refuse a
 * manifest with "provided digest did not match" when they read a link to what it names in the moment in which another
 * request writes that link anew: so a blob that two copies bring is sent once, and manifests go one after another.
 */
export class RepositoryWrites {
  readonly #blobs = new SharedCalls<void>();
  readonly #manifests = new BoundedCalls(1);

  /** Sends a blob, or waits for it where it is on its way already. @throws what sending it throws */
  async blob(digest: Digest, send: () => Promise<void>): Promise<void> {
    await this.#blobs.run(digest, send);
  }

  /** Writes a manifest, a tag or a list of referrers in its turn. @throws what the write throws */
  async manifest<Result>(write: () => Promise<Result>): Promise<Result> {
    return await this.#manifests.run(write);
  }
}
