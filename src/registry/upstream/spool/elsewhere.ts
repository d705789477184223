import { leaseHolder } from '../../../store/metadata/upstream-leases.ts';
import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import type { GrowingBlob } from './growing.ts';
import type { Spool } from './spool.ts';

/** Whoever fetched a blob elsewhere stopped before it was whole. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** Where a blob comes that somebody else fetches. */
export interface FetchedElsewhere {
  readonly spool: Spool;
  /** The name under which it is fetched, and by whom. */
  readonly lease: string;
  readonly holder: string;
  readonly size: number;
  /** Looks whether it is one of its repository. */
  readonly isThere: () => Promise<boolean>;
}

/**
 * Follows a blob that somebody else fetches: by the file where that is on this machine, else until it is kept.
 *
 * @throws GivenUp when whoever fetches it gave up or was killed, the signal's reason
 */
export async function watchElsewhere(
  { content, clock }: UpstreamParts,
  growing: GrowingBlob,
  { spool, lease, holder, size, isThere }: FetchedElsewhere,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    if (growing.handle === undefined) {
      const found = await spool.find(holder);
      growing.handle = found?.handle;
      growing.path = found?.path;
    }
    // In this order: a lease that was given back since may have left the blob.
    const current = await leaseHolder(content.database, lease, content.now());
    if (await isThere()) return growing.complete();
    if (current !== holder) throw new GivenUp('whoever fetched this blob gave up');
    const there = growing.handle === undefined ? 0 : (await growing.handle.stat()).size;
    growing.grow(Math.min(there, size));
    await clock.sleep(upstreamLimits.growthLook, signal);
  }
}
