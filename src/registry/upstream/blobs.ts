import { fetchBlob } from '../../oci/client/fetch-blob.ts';
import { BufferPool } from '../../store/blob/buffer-pool.ts';
import { bufferSteps, maxFreeBuffers, smallestBuffer } from '../../store/blob/filesystem/limits.ts';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import { addLink, findBlob, storeContent } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { noteUpstreamBlob } from '../../store/metadata/upstream-blobs.ts';
import { keepAndLink } from '../content/store-blob.ts';
import { readAll } from '../content/receive.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { FoundBlob, Origin } from '../pipeline/origin.ts';
import { asked } from './asked.ts';
import { BlobTroubles } from './blob-troubles.ts';
import { blobKey, type BlobWanted, namedSize } from './blob-wanted.ts';
import { GrowingBlobs, type GrowingPlace } from './growing-blobs.ts';
import { alone } from './lease.ts';
import { OnceAtATime, orAborted } from './once.ts';
import { GivenUp } from './spool/elsewhere.ts';
import { followBlob } from './spool/follow.ts';
import { untilBegun } from './spool/until-begun.ts';
import type { UpstreamParts } from './surroundings.ts';
import { shareKept } from './share-blob.ts';
import type { Upstream } from './upstream.ts';

/** Blobs of upstreams: each is fetched once, and streams to all who want it while it comes. */
export class UpstreamBlobs {
  readonly #parts: UpstreamParts;
  readonly #local: Origin;
  readonly #once = new OnceAtATime();
  readonly #troubles: BlobTroubles;
  readonly #growing: GrowingBlobs;
  readonly #pool = new BufferPool(bufferSteps, smallestBuffer, maxFreeBuffers);

  constructor(parts: UpstreamParts, local: Origin, place: Omit<GrowingPlace, 'troubles'>) {
    this.#parts = parts;
    this.#local = local;
    this.#troubles = new BlobTroubles(parts);
    this.#growing = new GrowingBlobs(parts, { ...place, troubles: this.#troubles });
  }

  /** See `Origin.findBlob`. */
  async find(
    upstream: Upstream,
    repository: string,
    digest: BlobWanted['digest'],
    signal: () => AbortSignal,
  ): Promise<FoundBlob> {
    upstream.rules.check(upstream.path(repository));
    const { content } = this.#parts;
    if ((await findBlob(content.database, repository, digest)) !== undefined) {
      this.#count('hit');
      return this.#local.findBlob(repository, digest, signal);
    }
    const size = await namedSize(content, repository, digest);
    if (size === undefined) {
      throw new RegistryError('BLOB_UNKNOWN', 'No manifest that was pulled from this repository names this blob', {
        detail: { digest },
      });
    }
    if (size > content.blobBytes) {
      throw new RegistryError('DENIED', `This blob has ${size} bytes, more than the registry keeps`);
    }
    const wanted = { upstream, repository, digest, size };
    const slowFor = this.#growing.slowFor(wanted);
    return {
      size,
      isStored: false,
      ...(slowFor === undefined ? {} : { slowFor }),
      open: () => (size <= limits.inlineBytes ? this.#openSmall(wanted, signal()) : this.#openLarge(wanted, signal())),
      // It is asked for when its bytes are.
      keep: () => Promise.resolve(),
    };
  }

  /** Waits until nothing is under way any more, after what is was told to stop. */
  settle(): Promise<void> {
    return this.#growing.settle();
  }

  async #openStored({ repository, digest }: BlobWanted): Promise<OpenBlob> {
    const found = await this.#local.findBlob(repository, digest, () => this.#parts.closing);
    return found.open();
  }

  /** A config is kept before anybody gets it. */
  async #openSmall(wanted: BlobWanted, signal: AbortSignal): Promise<OpenBlob> {
    const { repository, digest, upstream, size } = wanted;
    const { content, closing } = this.#parts;
    const key = blobKey(wanted);
    this.#troubles.throwKnown(wanted);
    const look = async (): Promise<true | undefined> =>
      (await findBlob(content.database, repository, digest)) === undefined ? undefined : true;
    await this.#once.run(key, signal, () =>
      alone(this.#parts, `blob ${key}`, look, async () => {
        try {
          if (await shareKept(this.#parts, wanted)) {
            this.#count('shared');
            return true;
          }
          this.#count('miss');
          const bytes = await asked(this.#parts, upstream, (client) =>
            readAll(
              { chunks: fetchBlob(client, upstream.path(repository), { digest, size }, closing), length: size },
              null,
            ),
          );
          await keepAndLink(content, {
            keep: (queries) => storeContent(queries, digest, bytes, content.now()),
            link: async (queries) => {
              const id = await ensureRepository(queries, repository, content.now());
              await addLink(queries, id, digest, content.now());
              await noteUpstreamBlob(queries, upstream.config.url, digest);
            },
          });
          return true;
        } catch (error) {
          throw this.#troubles.answer(wanted, error);
        }
      }),
    );
    return this.#openStored(wanted);
  }

  async #openLarge(wanted: BlobWanted, signal: AbortSignal): Promise<OpenBlob> {
    for (;;) {
      this.#troubles.throwKnown(wanted);
      const growing = await orAborted(this.#growing.find(wanted), signal);
      if (growing === undefined) return await this.#openStored(wanted);
      growing.join();
      try {
        // Until then it can still be told what is wrong.
        await untilBegun(growing, signal, this.#parts.clock);
        return followBlob(growing, this.#pool, () => this.#openStored(wanted));
      } catch (error) {
        await growing.leave();
        if (!(error instanceof GivenUp)) throw error;
      }
    }
  }

  #count(result: string): void {
    this.#parts.metrics.add('upstreamFound', { kind: 'blob', result });
  }
}
