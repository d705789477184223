import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { digestOf } from '../verify-content.ts';
import { type FetchedManifest, fetchManifestIfThere } from './fetch-manifest.ts';
import { clientLimits } from './limits.ts';
import { type PushedManifest, putManifest } from './push.ts';
import type { RegistryClient } from './registry-client.ts';

/** What is to become of a tag that others may change at the same time. */
export interface ManifestChange {
  /**
   * What the tag is to name, from what it names now; undefined when that is right already. May be called more than once,
   * and may push what its manifest needs.
   */
  apply(current: FetchedManifest | undefined): Promise<PushedManifest | undefined> | PushedManifest | undefined;
  /** True when the change is in what the tag names, whoever wrote that. */
  holds(current: FetchedManifest | undefined): boolean;
}

/**
 * Changes what a tag names so that changes of others are not lost, as far as the registry allows it: it is told to
 * write only over what was read (RFC 9110, 13.1), and since many ignore that, the tag is read once more after a while
 * in which a writer as fast as this one would have written over it, and the change made anew when it is gone. Pauses are
 * random, so that many writers spread out.
 *
 * @throws OciError CONFLICT when others kept writing over it, and the codes of other answers
 */
export async function changeManifest(
  client: RegistryClient,
  repository: string,
  tag: string,
  change: ManifestChange,
  signal?: AbortSignal,
): Promise<void> {
  const { clock } = client;
  const pause = (most: number): Promise<void> =>
    clock.sleep(Math.min(clientLimits.changePauseMs, most) * (0.5 + 0.5 * clock.random()), signal);
  /** Where others write as well, the tag is read until nobody has written for a while. */
  async function stays(written: Digest, gap: number, tries: number): Promise<boolean> {
    let last = tries === 0 ? written : undefined;
    for (let reads = 1; reads <= clientLimits.changeReads; reads += 1) {
      await pause((2 * gap + 50) * reads);
      const now = await fetchManifestIfThere(client, repository, tag, signal);
      if (!change.holds(now)) return false;
      if (now?.descriptor.digest === last) return true;
      last = now?.descriptor.digest;
    }
    return true;
  }

  for (let tries = 0; tries < clientLimits.changeTries; tries += 1) {
    const start = clock.monotonic();
    const current = await fetchManifestIfThere(client, repository, tag, signal);
    const next = await change.apply(current);
    if (next === undefined) return;
    const stored = await putManifest(client, repository, tag, next, conditionsFor(current), signal);
    const gap = clock.monotonic() - start;
    if (stored !== false && (await stays(digestOf(next.bytes), gap, tries))) return;
    await pause(25 * 2 ** tries);
  }
  throw new OciError(
    'CONFLICT',
    `Others kept changing ${client.registry}/${repository}:${tag} at the same time; try again when they are done`,
  );
}

function conditionsFor(current: FetchedManifest | undefined): { ifMatch?: string; ifNoneMatch?: string } {
  if (current === undefined) return { ifNoneMatch: '*' };
  // A weak tag never matches here (RFC 9110, 13.1.1).
  return current.etag === undefined || current.etag.startsWith('W/') ? {} : { ifMatch: current.etag };
}
