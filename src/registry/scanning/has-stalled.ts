import type { ServedImage } from '../../scan/process/channel/serve-content.ts';
import type { Origin } from '../pipeline/origin.ts';
import { scanningLimits } from './limits.ts';

/**
 * Whether an image, or some of its blobs, is on its way from an upstream, and nothing of it came for as long as a scan would wait for it. Where
 * nothing is on its way yet, or another process fetches it, that is not known, and the scan finds it out.
 */
export async function hasStalled(
  origin: Pick<Origin, 'findBlob'>,
  { repository, blobs }: Pick<ServedImage, 'repository' | 'blobs'>,
  signal: AbortSignal,
): Promise<boolean> {
  let least: number | undefined;
  for (const digest of blobs) {
    // What cannot be had is for the scan to tell.
    const found = await origin.findBlob(repository, digest, () => signal).catch(() => undefined);
    if (found?.slowFor !== undefined) least = Math.min(found.slowFor, least ?? found.slowFor);
  }
  return least !== undefined && least >= scanningLimits.paceTime;
}
