import type { Digest } from '../oci/digest.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { countOf } from './terminal/count-of.ts';

/**
 * Tells on stderr which foreign layers were not copied, since the source does not have them. The target has what the source has, and so
 * this is no error.
 */
export async function tellLeftOut(
  leftOut: readonly Digest[],
  { quiet }: Pick<Settings, 'quiet'>,
  { stderr }: Pick<Host, 'stderr'>,
): Promise<void> {
  if (quiet || leftOut.length === 0) return;
  const layers = countOf(leftOut.length, 'foreign layer');
  const sentence = `Left out ${layers} that the source does not have; clients fetch such layers from their publisher`;
  await stderr.write(`${sentence}: ${leftOut.join(', ')}\n`);
}
