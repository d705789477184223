import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { limits } from '../../oci/limits.ts';
import type { ImageManifest } from '../../oci/manifest.ts';
import { parseImageConfig } from '../../oci/parse-config.ts';
import type { Platform } from '../../oci/platform.ts';
import type { Gathered, ImageFacts } from '../../policy/evidence.ts';
import { imageFactsOf } from '../../policy/image-facts.ts';
import { gathered } from '../look.ts';

/** What an image's config says, and the platform that it is for. */
export interface ConfigFacts {
  readonly facts: ImageFacts;
  readonly platform: Platform;
}

/** Reads an image's config, checked against its digest and size. @throws the signal's reason */
export async function gatherImageFacts(
  remote: RemoteRepository,
  { config }: Pick<ImageManifest, 'config'>,
  now: () => number,
  signal: AbortSignal,
): Promise<Gathered<ConfigFacts>> {
  return await gathered(now, signal, async () => {
    const content = new RegistryContent(remote);
    const parsed = parseImageConfig(await content.readContent(config, limits.configBytes, signal));
    return { platform: parsed.platform, facts: imageFactsOf(parsed) };
  });
}
