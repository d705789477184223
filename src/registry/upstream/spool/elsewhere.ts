import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Digest, digestAlgorithm, digestHex } from '../../../oci/digest.ts';
import { leaseHolder } from '../../../store/metadata/upstream-leases.ts';
import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import type { GrowingBlob } from './growing.ts';
import type { Spool } from './spool.ts';

/** Of one read of a file that is hashed. */
const readBytes = 1_048_576;

/** Whoever fetched a blob elsewhere stopped before it was whole, or had other bytes than it has. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** Where a blob comes that somebody else fetches. */
export interface FetchedElsewhere {
  readonly spool: Pick<Spool, 'find'>;
  /** The name under which it is fetched, and by whom. */
  readonly lease: string;
  readonly holder: string;
  readonly digest: Digest;
  readonly size: number;
  /** Looks whether it is one of its repository. */
  readonly isThere: () => Promise<boolean>;
}

/** What following a blob takes. */
export interface FollowParts {
  readonly content: Pick<UpstreamParts['content'], 'database' | 'now'>;
  readonly clock: Pick<UpstreamParts['clock'], 'sleep'>;
}

/**
 * Follows a blob that somebody else fetches: by the file where that is on this machine, else until it is kept. Readers get the end of a
 * file only when all of it has the digest: that the blob is kept says nothing about this file, since it may have come otherwise.
 *
 * @throws GivenUp when whoever fetches it gave up, was killed or had other bytes; the signal's reason
 */
export async function watchElsewhere(
  { content, clock }: FollowParts,
  growing: GrowingBlob,
  { spool, lease, holder, digest, size, isThere }: FetchedElsewhere,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    if (growing.handle === undefined) {
      const found = await spool.find(holder);
      growing.handle = found?.handle;
      growing.path = found?.path;
    }
    const { handle } = growing;
    // In this order: a lease that was given back since may have left the blob.
    const current = await leaseHolder(content.database, lease, content.now());
    const isKept = await isThere();
    if (isKept && handle === undefined) return growing.complete();
    const there = handle === undefined ? 0 : (await handle.stat()).size;
    if (isKept && handle !== undefined && there >= size) {
      if (await hasDigest(handle, digest, size, signal)) return growing.complete();
      throw new GivenUp('whoever fetched this blob got other bytes');
    }
    if (current !== holder) throw new GivenUp('whoever fetched this blob gave up');
    growing.grow(Math.min(there, size));
    await clock.sleep(upstreamLimits.growthLook, signal);
  }
}

async function hasDigest(handle: FileHandle, digest: Digest, size: number, signal: AbortSignal): Promise<boolean> {
  const hash = createHash(digestAlgorithm(digest));
  if (size > 0) {
    const bytes = handle.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: readBytes });
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      hash.update(chunk as Uint8Array);
    }
  }
  return hash.digest('hex') === digestHex(digest);
}
