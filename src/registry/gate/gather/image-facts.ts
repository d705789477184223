import type { Descriptor } from '../../../oci/descriptor.ts';
import { parseImageConfig } from '../../../oci/parse-config.ts';
import type { Platform } from '../../../oci/platform.ts';
import type { ImageFacts } from '../../../policy/evidence.ts';
import { imageFactsOf } from '../../../policy/image-facts.ts';
import type { Origin } from '../../pipeline/origin.ts';
import { gateLimits } from '../limits.ts';
import { readSmallBlob } from '../read-blob.ts';

/** What an image's config says, and the platform that it is for. */
export interface ConfigFacts {
  readonly facts: ImageFacts;
  readonly platform: Platform;
}

/** Reads an image's config. @throws RegistryError, OciError CONFIG_INVALID, StoreError when it could not be read */
export async function readConfigFacts(
  origin: Origin,
  repository: string,
  config: Descriptor,
  signal: AbortSignal,
): Promise<ConfigFacts> {
  const bytes = await readSmallBlob(origin, repository, config, gateLimits.configBytes, signal);
  const parsed = parseImageConfig(bytes);
  return { platform: parsed.platform, facts: imageFactsOf(parsed) };
}
