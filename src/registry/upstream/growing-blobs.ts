import { findBlob } from '../../store/metadata/blobs.ts';
import type { BlobTroubles } from './blob-troubles.ts';
import { blobKey, type BlobWanted } from './blob-wanted.ts';
import { tryLease } from './lease.ts';
import { bytesLease, isServed, linkShared, shareKept } from './share-blob.ts';
import { fillSpool, keepSpooled } from './spool/download.ts';
import { type FetchedElsewhere, watchElsewhere } from './spool/elsewhere.ts';
import { GrowingBlob } from './spool/growing.ts';
import { IdleTimer } from './spool/idle-timer.ts';
import type { Spool } from './spool/spool.ts';
import type { UpstreamParts } from './surroundings.ts';

/** Where blobs on their way lie, and how long they are fetched. */
export interface GrowingPlace {
  readonly spool: Spool;
  /** How long a blob is fetched on that nobody reads any more, in milliseconds. */
  readonly abandonAfter: () => number;
  readonly troubles: BlobTroubles;
}

/** Blobs on their way from upstreams: each is fetched by one process, for one repository, and followed for all others. */
export class GrowingBlobs {
  readonly #parts: UpstreamParts;
  readonly #place: GrowingPlace;
  /** By repository and digest; undefined when it turned out to be there. */
  readonly #growing = new Map<string, Promise<GrowingBlob | undefined>>();
  /** Those of them that are on their way. */
  readonly #underWay = new Map<string, GrowingBlob>();
  /** Those that this process fetches, by the holders of their leases. */
  readonly #fetching = new Map<string, GrowingBlob>();
  readonly #work = new Set<Promise<void>>();

  constructor(parts: UpstreamParts, place: GrowingPlace) {
    this.#parts = parts;
    this.#place = place;
  }

  /** One that was begun, or begins it. It gives undefined when the blob turns out to be there. @throws RegistryError */
  find(wanted: BlobWanted): Promise<GrowingBlob | undefined> {
    const key = blobKey(wanted);
    const running = this.#growing.get(key);
    if (running !== undefined) {
      this.#count('joined');
      return running;
    }
    const begun = this.#start(key, wanted);
    this.#growing.set(key, begun);
    begun.then(
      (growing) => growing ?? this.#growing.delete(key),
      () => this.#growing.delete(key),
    );
    return begun;
  }

  /** See `FoundBlob.slowFor`. */
  slowFor(wanted: Pick<BlobWanted, 'repository' | 'digest'>): number | undefined {
    return this.#underWay.get(blobKey(wanted))?.slowFor;
  }

  /** Waits until nothing is under way any more, after what is was told to stop. */
  async settle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    await this.#place.spool.settle();
  }

  async #start(key: string, wanted: BlobWanted): Promise<GrowingBlob | undefined> {
    const { content, closing } = this.#parts;
    const { repository, digest } = wanted;
    const lease = `blob ${key}`;
    const isThere = async (): Promise<boolean> => (await findBlob(content.database, repository, digest)) !== undefined;
    const taking = await tryLease(this.#parts, lease);
    if (closing.aborted) throw closing.reason;
    if ('other' in taking) return this.#follow(key, wanted, { lease, holder: taking.other, isThere });
    await using leases = new AsyncDisposableStack();
    leases.use(taking.mine);
    if (await isThere()) return undefined;
    try {
      const bytes = bytesLease(wanted);
      const fetching = await tryLease(this.#parts, bytes, taking.mine.holder);
      if ('mine' in fetching) {
        leases.use(fetching.mine);
        if (await shareKept(this.#parts, wanted)) {
          this.#count('shared');
          return undefined;
        }
      } else if (await isServed(this.#parts, wanted)) {
        // For another repository of this upstream. Nobody else waits for this one's lease, whose holder writes no file.
        this.#count('shared');
        const isShared = (): Promise<boolean> => linkShared(this.#parts, wanted);
        return this.#follow(key, wanted, { lease: bytes, holder: fetching.other, isThere: isShared });
      }
    } catch (error) {
      throw this.#place.troubles.answer(wanted, error);
    }
    this.#count('miss');
    return this.#download(key, wanted, taking.mine.holder, leases.move());
  }

  #follow(
    key: string,
    { digest, size }: BlobWanted,
    place: Pick<FetchedElsewhere, 'lease' | 'holder' | 'isThere'>,
  ): GrowingBlob {
    const growing = new GrowingBlob(size, this.#parts.clock);
    this.#run(key, growing, async () => {
      // Where it is fetched by this process, it is not given up while it is followed.
      const fetched = this.#fetching.get(place.holder);
      fetched?.join();
      try {
        const elsewhere = { ...place, spool: this.#place.spool, digest, size };
        await watchElsewhere(this.#parts, growing, elsewhere, this.#parts.closing);
      } catch (error) {
        // Before anybody is told of it, who then begins anew.
        this.#growing.delete(key);
        growing.fail(error);
      } finally {
        await fetched?.leave();
      }
    });
    return growing;
  }

  #download(key: string, wanted: BlobWanted, holder: string, leases: AsyncDisposableStack): GrowingBlob {
    const idle = new IdleTimer(this.#parts.clock, this.#place.abandonAfter);
    const growing = new GrowingBlob(wanted.size, this.#parts.clock, idle);
    this.#fetching.set(holder, growing);
    this.#run(key, growing, async () => {
      try {
        await using held = leases;
        void held;
        await this.#load(wanted, growing, holder, AbortSignal.any([idle.signal, this.#parts.closing]));
      } finally {
        this.#fetching.delete(holder);
        idle.stop();
      }
    });
    return growing;
  }

  #run(key: string, growing: GrowingBlob, work: () => Promise<void>): void {
    this.#underWay.set(key, growing);
    const running = (async () => {
      try {
        await work();
      } finally {
        this.#growing.delete(key);
        if (this.#underWay.get(key) === growing) this.#underWay.delete(key);
        await growing.end();
      }
    })();
    this.#work.add(running);
    running
      .catch((error: unknown) => this.#parts.logger.error('A blob on its way was lost', { error }))
      .finally(() => this.#work.delete(running));
  }

  async #load(wanted: BlobWanted, growing: GrowingBlob, holder: string, signal: AbortSignal): Promise<void> {
    try {
      await using made = new AsyncDisposableStack();
      const room = { holder, upstream: wanted.upstream.config.url, bytes: wanted.size };
      // Room is only taken in its turn: else those of an upstream that stalls could take all that there is while they wait.
      const file = await wanted.upstream.blobs.run(async (place) => {
        signal.throwIfAborted();
        const created = made.use(await this.#place.spool.create(room, signal));
        growing.handle = created.handle;
        growing.path = created.path;
        growing.isFetchedHere = true;
        await fillSpool(this.#parts, wanted, growing, { file: created, place }, signal);
        return created;
      });
      growing.complete();
      await keepSpooled(this.#parts, wanted, file);
    } catch (error) {
      if (growing.state === 'whole') {
        // Whoever reads it has the right bytes; they are fetched anew for the next one.
        this.#parts.logger.error('A blob of an upstream could not be kept', { error, digest: wanted.digest });
      } else growing.fail(this.#place.troubles.answer(wanted, error));
    }
  }

  #count(result: string): void {
    this.#parts.metrics.add('upstreamFound', { kind: 'blob', result });
  }
}
