import { hash } from 'node:crypto';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import type { CompiledPolicy } from '../../compile.ts';
import type { ImageCheck, RegistryAccess } from '../../resource/policy.ts';
import { formatKyvernoImage, type KyvernoImage } from '../image-name.ts';

/** Where what has no host is pulled from. */
const usualRegistry = 'docker.io';

/**
 * The question that an entry has about an image. Where the image stands in the object is no part of it.
 *
 * @param usesCache whether what was verified before counts (Kyverno, `useCache`)
 */
export function imageCheckOf(
  image: KyvernoImage,
  policy: CompiledPolicy,
  access: RegistryAccess,
  context: JsonObject | undefined,
  usesCache: boolean,
): ImageCheck {
  const registry = image.registry === '' ? usualRegistry : image.registry;
  const reference = formatKyvernoImage({ ...image, registry });
  const question = [
    reference,
    policy.hash,
    access.plainHttp,
    access.secrets,
    access.providers,
    context ?? null,
    usesCache,
  ];
  return {
    key: hash('sha256', JSON.stringify(question)),
    reference,
    policy,
    access,
    ...(context === undefined ? {} : { context }),
    ...(usesCache ? {} : { anew: true }),
  };
}
