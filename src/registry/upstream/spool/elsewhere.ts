import { findBlob } from '../../../store/metadata/blobs.ts';
import { leaseHolder } from '../../../store/metadata/upstream-leases.ts';
import type { BlobWanted } from '../blob-wanted.ts';
import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import type { GrowingBlob } from './growing.ts';
import type { Spool } from './spool.ts';

/** Whoever fetched a blob in another process stopped before it was whole. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/**
 * Follows a blob that another process fetches: by its file where that is on this machine, else until it is kept. It fails with
 * {@link GivenUp} when whoever fetches it gave up or was killed.
 *
 * @param lease the name under which it is fetched
 */
export async function watchElsewhere(
  { content, clock }: UpstreamParts,
  { repository, digest, size }: BlobWanted,
  growing: GrowingBlob,
  { spool, lease, holder }: { readonly spool: Spool; readonly lease: string; readonly holder: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      growing.handle ??= await spool.find(holder);
      // In this order: a lease that was given back since may have left the blob.
      const current = await leaseHolder(content.database, lease, content.now());
      if ((await findBlob(content.database, repository, digest)) !== undefined) return growing.complete();
      if (current !== holder) throw new GivenUp('the process that fetched this blob gave up');
      const there = growing.handle === undefined ? 0 : (await growing.handle.stat()).size;
      growing.grow(Math.min(there, size));
      await clock.sleep(upstreamLimits.growthLook, signal);
    }
  } catch (error) {
    growing.fail(error);
  }
}
