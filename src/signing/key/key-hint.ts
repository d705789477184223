import { createHash } from 'node:crypto';
import type { VerificationKey } from './verification-key.ts';

/** Sigstore's hint at a key: base64 of the SHA-256 of its SubjectPublicKeyInfo. A hint proves nothing. */
export function keyHint({ spki }: Pick<VerificationKey, 'spki'>): string {
  return createHash('sha256').update(spki).digest('base64');
}
