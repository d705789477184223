import { createHash } from 'node:crypto';

/** The sha512 Subresource Integrity of bytes (W3C SRI, as npm's lock files write it). */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}
