import { createHash } from 'node:crypto';
import type { Policy } from './model.ts';

/**
 * The SHA-256, in hexadecimal, of what a policy means. The order of members and of lists, which says nothing, does not count; nor do
 * members that are undefined.
 */
export function policyHash(policy: Policy): string {
  return createHash('sha256').update(canonical(policy)).digest('hex');
}

/** JSON with its members by name and its lists in order of their texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.sort().join()}}`;
}
