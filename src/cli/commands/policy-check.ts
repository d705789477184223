import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import type { CheckOptions } from '../policy/check-options.ts';
import { judgeImages } from '../policy/judge-images.ts';

/** `policy check IMAGE… --policy FILE…`: says whether images may pass, as the gate of a pipeline. */
export async function policyCheckCommand(
  images: readonly string[],
  options: CheckOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return await judgeImages(images, options, false, settings, host);
}

/** `policy explain IMAGE --policy FILE…`: tells of each rule what was looked at, what it made of that, and what would change it. */
export async function policyExplainCommand(
  image: string,
  options: CheckOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return await judgeImages([image], options, true, settings, host);
}
