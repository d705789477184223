import { createHash } from 'node:crypto';

/** Names whatever a verdict of a policy hangs on, given as plain data: the SHA-256 of its JSON, in hex. */
export function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
