import { createHash } from 'node:crypto';
import { formatReference } from '../../oci/reference.ts';
import type { ImageQuestion, PullAccess } from './model.ts';

/** The same for the same ways to reach a registry. */
export function accessKey({ plainHttp, secrets, providers, podSecrets }: PullAccess): string {
  return JSON.stringify([plainHttp, secrets, providers, podSecrets]);
}

/**
 * The same for questions to which the answer is the same, whoever asks: what is verified of an image does not hang on whose credentials
 * it was read with. SHA-256 in hexadecimal.
 *
 * @param revision of what is trusted
 */
export function questionKey(
  { policy, image, gate, pins, context }: Omit<ImageQuestion, 'access'>,
  revision: string,
): string {
  const parts = [
    policy.hash,
    revision,
    formatReference({ ...image.reference, digest: image.digest }),
    image.reference.digest === undefined ? 'tag' : 'digest',
    gate,
    pins,
    context ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
