import { errorMessage } from '../../base/error.ts';
import { fetchBlob } from '../../oci/client/fetch-blob.ts';
import { OciError } from '../../oci/error.ts';
import { BufferPool } from '../../store/blob/buffer-pool.ts';
import { bufferSteps, maxFreeBuffers, smallestBuffer } from '../../store/blob/filesystem/limits.ts';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import { addLink, findBlob, storeContent } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { keepAndLink } from '../content/store-blob.ts';
import { readAll } from '../content/receive.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { FoundBlob, Origin } from '../pipeline/origin.ts';
import { AbsentNames } from './absent-names.ts';
import { asked } from './asked.ts';
import { type BlobWanted, namedSize } from './blob-wanted.ts';
import { alone, type Lease, tryLease } from './lease.ts';
import { upstreamLimits } from './limits.ts';
import { OnceAtATime, orAborted } from './once.ts';
import { BrokenBlob, fillSpool, keepSpooled } from './spool/download.ts';
import { GivenUp, watchElsewhere } from './spool/elsewhere.ts';
import { followBlob } from './spool/follow.ts';
import { GrowingBlob } from './spool/growing.ts';
import { IdleTimer } from './spool/idle-timer.ts';
import type { Spool } from './spool/spool.ts';
import type { UpstreamParts } from './surroundings.ts';
import { answerOf, troubleOf } from './trouble.ts';
import type { Upstream } from './upstream.ts';

/** Blobs of upstreams: each is fetched once, and streams to all who want it while it comes. */
export class UpstreamBlobs {
  readonly #parts: UpstreamParts;
  readonly #local: Origin;
  readonly #spool: Spool;
  readonly #abandonAfter: () => number;
  readonly #once = new OnceAtATime();
  readonly #absent: AbsentNames;
  readonly #pool = new BufferPool(bufferSteps, smallestBuffer, maxFreeBuffers);
  /** On their way, by repository and digest; undefined when it turned out to be there. */
  readonly #growing = new Map<string, Promise<GrowingBlob | undefined>>();
  readonly #work = new Set<Promise<void>>();

  /** @param abandonAfter how long a blob is fetched on that nobody reads any more */
  constructor(parts: UpstreamParts, local: Origin, spool: Spool, abandonAfter: () => number) {
    this.#parts = parts;
    this.#local = local;
    this.#spool = spool;
    this.#abandonAfter = abandonAfter;
    this.#absent = new AbsentNames(parts.clock);
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
    return {
      size,
      isStored: false,
      open: () => (size <= limits.inlineBytes ? this.#openSmall(wanted, signal()) : this.#openLarge(wanted, signal())),
      // It is asked for when its bytes are.
      keep: () => Promise.resolve(),
    };
  }

  /** Waits until nothing is under way any more, after what is was told to stop. */
  async settle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  async #openStored({ repository, digest }: BlobWanted): Promise<OpenBlob> {
    const found = await this.#local.findBlob(repository, digest, () => this.#parts.closing);
    return found.open();
  }

  /** A config is kept before anybody gets it. */
  async #openSmall(wanted: BlobWanted, signal: AbortSignal): Promise<OpenBlob> {
    const { repository, digest, upstream, size } = wanted;
    const { content, closing } = this.#parts;
    const key = `${repository}@${digest}`;
    this.#throwKnown(key);
    const look = async (): Promise<true | undefined> =>
      (await findBlob(content.database, repository, digest)) === undefined ? undefined : true;
    await this.#once.run(key, signal, () =>
      alone(this.#parts, `blob ${key}`, look, async () => {
        this.#count('miss');
        try {
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
            },
          });
          return true;
        } catch (error) {
          throw this.#refusal(wanted, error);
        }
      }),
    );
    return this.#openStored(wanted);
  }

  async #openLarge(wanted: BlobWanted, signal: AbortSignal): Promise<OpenBlob> {
    const key = `${wanted.repository}@${wanted.digest}`;
    for (;;) {
      this.#throwKnown(key);
      const begun = this.#growing.get(key);
      if (begun !== undefined) this.#count('joined');
      const growing = await orAborted(begun ?? this.#begin(key, wanted), signal);
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

  #begin(key: string, wanted: BlobWanted): Promise<GrowingBlob | undefined> {
    const begun = this.#start(key, wanted);
    this.#growing.set(key, begun);
    begun.then(
      (growing) => growing ?? this.#growing.delete(key),
      () => this.#growing.delete(key),
    );
    return begun;
  }

  async #start(key: string, wanted: BlobWanted): Promise<GrowingBlob | undefined> {
    const { content, closing } = this.#parts;
    const lease = `blob ${key}`;
    const taking = await tryLease(this.#parts, lease);
    if (closing.aborted) throw closing.reason;
    if ('other' in taking) {
      const growing = new GrowingBlob(wanted.size);
      const place = { spool: this.#spool, lease, holder: taking.other };
      this.#run(key, growing, () => watchElsewhere(this.#parts, wanted, growing, place, closing));
      return growing;
    }
    if ((await findBlob(content.database, wanted.repository, wanted.digest)) !== undefined) {
      await taking.mine[Symbol.asyncDispose]();
      return undefined;
    }
    this.#count('miss');
    const idle = new IdleTimer(this.#parts.clock, this.#abandonAfter);
    const growing = new GrowingBlob(wanted.size, idle);
    this.#run(key, growing, async () => {
      try {
        await this.#load(wanted, growing, taking.mine, AbortSignal.any([idle.signal, closing]));
      } finally {
        idle.stop();
      }
    });
    return growing;
  }

  #run(key: string, growing: GrowingBlob, work: () => Promise<void>): void {
    const running = (async () => {
      try {
        await work();
      } finally {
        this.#growing.delete(key);
        await growing.end();
      }
    })();
    this.#work.add(running);
    running
      .catch((error: unknown) => this.#parts.logger.error('A blob on its way was lost', { error }))
      .finally(() => this.#work.delete(running));
  }

  async #load(wanted: BlobWanted, growing: GrowingBlob, mine: Lease, signal: AbortSignal): Promise<void> {
    await using lease = mine;
    try {
      await using file = await this.#spool.create(lease.holder, wanted.size, signal);
      growing.handle = file.handle;
      await fillSpool(this.#parts, wanted, growing, file, signal);
      growing.complete();
      await keepSpooled(this.#parts, wanted, file);
    } catch (error) {
      if (growing.state === 'whole') {
        // Whoever reads it has the right bytes; they are fetched anew for the next one.
        this.#parts.logger.error('A blob of an upstream could not be kept', { error, digest: wanted.digest });
      } else growing.fail(this.#refusal(wanted, error));
    }
  }

  #throwKnown(key: string): void {
    const known = this.#absent.recall(key);
    if (known !== undefined) throw known;
  }

  #refusal({ upstream, repository, digest }: BlobWanted, thrown: unknown): unknown {
    const { host, notFoundMs } = upstream.config;
    const error = thrown instanceof BrokenBlob ? thrown.cause : thrown;
    const kind = troubleOf(error);
    const answer = answerOf(error, {
      code: 'BLOB_UNKNOWN',
      upstream: host,
      retryAfter: upstream.circuit.pause('blob'),
    });
    const key = `${repository}@${digest}`;
    if (kind === 'absent' || kind === 'hidden') this.#absent.note(key, answer, notFoundMs);
    // Asked for at once again, it would be fetched whole again. One that broke off may go on.
    if (kind === 'invalid') this.#absent.note(key, answer, Math.min(notFoundMs, upstreamLimits.failurePause));
    if (thrown instanceof BrokenBlob || kind === 'invalid') {
      const reason = errorMessage(error);
      this.#parts.metrics.add('upstreamBroken', { reason: brokenReason(error) });
      this.#parts.logger.warn('A blob of an upstream was thrown away', { repository, digest, reason });
      this.#parts.observe({ kind: 'broken', repository, reference: digest, reason });
    }
    return answer;
  }

  #count(result: string): void {
    this.#parts.metrics.add('upstreamFound', { kind: 'blob', result });
  }
}

function brokenReason(error: unknown): string {
  const code = error instanceof OciError ? error.code : '';
  return code === 'DIGEST_MISMATCH' ? 'digest' : code === 'SIZE_MISMATCH' ? 'size' : 'cut';
}

/** Until some of a blob can be read, or all of it failed; at last after a time, for what another machine fetches. */
async function untilBegun(growing: GrowingBlob, signal: AbortSignal, clock: UpstreamParts['clock']): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let late = false;
  clock.sleep(upstreamLimits.silentWait, either).then(
    () => {
      late = true;
      over.abort();
    },
    () => undefined,
  );
  try {
    while (growing.state === 'growing' && growing.written === 0 && !late) {
      await growing.change(either).catch((error: unknown) => {
        if (!late || signal.aborted) throw error;
      });
    }
  } finally {
    over.abort();
  }
  if (growing.state === 'failed') throw growing.failure;
}
