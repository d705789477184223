import type { JsonObject } from '../jwt/read-unverified.ts';

/**
 * The value of a claim: one of that name, or one inside others, their names separated by slashes, since names have dots:
 * `repository`, `kubernetes.io/serviceaccount/name`. A claim that has slashes in its own name is found first.
 */
export function findClaim(claims: JsonObject, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  // Names may have a slash themselves only at the top, where the whole path was tried.
  for (const part of path.split('/')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as JsonObject)[part];
  }
  return value;
}

/** A claim as text: texts, numbers and truth values have one; lists and objects have none, nor has what has control characters. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && !/\p{Cc}/u.test(value) ? value : undefined;
}
