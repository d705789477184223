import { hash } from 'node:crypto';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import type { ImageQuestion, NamedImage } from './model.ts';

/** The same for the same ways to reach a registry. */
export function accessKey({ plainHttp, secrets, providers, podSecrets }: PullAccess): string {
  return JSON.stringify([plainHttp, secrets, providers, podSecrets]);
}

/**
 * The same for questions to which the answer is the same, whoever asks: what is verified of an image does not hang on whose credentials
 * it was read with. SHA-256 in hexadecimal.
 *
 * @param evidence of the same question (`evidenceKey`)
 */
export function questionKey({ image, pins, context }: Omit<ImageQuestion, 'access'>, evidence: string): string {
  const { tag } = image.reference;
  return hashOf([evidence, namedBy(image), tag ?? null, pins, context ?? null]);
}

/**
 * The same for questions that need to know the same. SHA-256 in hexadecimal.
 *
 * @param revision of what is trusted
 */
export function evidenceKey(
  { policy, image, gate }: Pick<ImageQuestion, 'policy' | 'image' | 'gate'>,
  revision: string,
): string {
  const { registry, repository } = image.reference;
  return hashOf([policy.hash, revision, registry, repository, image.digest, gate]);
}

/** Whether an image is called by its digest, where nothing can be put in its place. */
export function namedBy({ reference }: NamedImage): 'tag' | 'digest' {
  return reference.digest === undefined ? 'tag' : 'digest';
}

function hashOf(parts: unknown): string {
  return hash('sha256', JSON.stringify(parts));
}
