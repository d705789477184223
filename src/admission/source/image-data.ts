import { parseStrictJson } from '../../codec/json/parse.ts';
import { type ResolvedImage, resolveImage } from '../../evidence/image/resolve-image.ts';
import { gathered } from '../../evidence/look.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Clock } from '../../net/clock.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { OciError } from '../../oci/error.ts';
import { limits } from '../../oci/limits.ts';
import type { Platform } from '../../oci/platform.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { Lookup } from '../../policy/resource/policy.ts';
import type { Repositories } from '../../evidence/reach/repositories.ts';

/** What images are looked at with for policies that read their manifests and configs. */
export interface ImageDataParts {
  readonly repositories: Repositories;
  readonly clock: Clock;
  /** The platform that is meant of an index. */
  readonly platform: Platform;
}

/**
 * What a registry says of an image, in the shape that Kyverno's `imageRegistry` context has (kyverno.io/docs, "Variables from Image
 * Registries").
 *
 * @throws the signal's reason
 */
export async function imageDataOf(
  { repositories, clock, platform }: ImageDataParts,
  { reference: text, access }: Lookup & { readonly kind: 'imageData' },
  signal: AbortSignal,
): Promise<Gathered<JsonValue>> {
  return await gathered(
    () => clock.now(),
    signal,
    async () => {
      const reference = parseReference(text);
      const remote = repositories.of(reference, { ...access, podSecrets: [] });
      let resolved: ResolvedImage;
      try {
        resolved = await resolveImage(remote, reference, [platform], signal);
      } catch (error) {
        if (error instanceof OciError && error.code === 'IMAGE_NOT_FOUND') return undefined;
        throw error;
      }
      const [image] = resolved.images;
      if (image === undefined) return undefined;
      const { registry, repository, tag, digest } = reference;
      const content = new RegistryContent(remote);
      const read = async (descriptor: Descriptor, most: number): Promise<JsonValue> =>
        parseStrictJson(await content.readContent(descriptor, most, signal)) as JsonValue;
      const { config } = await image.manifest();
      return {
        image: text,
        resolvedImage: `${registry}/${repository}@${resolved.root.digest}`,
        registry,
        repository,
        identifier: digest ?? tag ?? 'latest',
        // As they are written: policies name any of their members.
        manifest: await read(image.descriptor, limits.manifestBytes),
        configData: await read(config, limits.configBytes),
      };
    },
  );
}
