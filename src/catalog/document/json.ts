import { CatalogError } from '../error.ts';

/** Most members or elements that one object or list is read of. Documents of real applications have some thousands. */
const maxEntries = 250_000;

/** An object of a parsed document. Its keys come from outside: read them with {@link member}. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON document; a byte-order mark in front is skipped, as the tools that own these files do.
 *
 * `JSON.parse` bounds its own depth by memory alone (it does not recurse) and makes `__proto__` an ordinary key.
 *
 * @throws CatalogError MALFORMED for what is no JSON, comments included
 */
export function parseJson(bytes: Buffer): unknown {
  const start = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  try {
    return JSON.parse(bytes.toString('utf8', start));
  } catch (cause) {
    throw new CatalogError('MALFORMED', 'The file is not valid JSON; mend or remove it, or skip it by its path', {
      cause,
    });
  }
}

/**
 * Parses a JSON document whose top must be an object.
 *
 * @throws CatalogError MALFORMED
 */
export function parseJsonObject(bytes: Buffer): JsonObject {
  const value = parseJson(bytes);
  if (!isJsonObject(value)) {
    throw new CatalogError('MALFORMED', 'The file holds JSON but no object; mend or remove it, or skip it by its path');
  }
  return value;
}

/** True for objects, false for arrays and null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of an object, never one of its prototype; undefined when `value` is no object or has none so named. */
export function member(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/**
 * The members of an object, or none when `value` is something else.
 *
 * @throws CatalogError LIMIT_EXCEEDED when there are absurdly many
 */
export function members(value: unknown): readonly (readonly [string, unknown])[] {
  return isJsonObject(value) ? bounded(Object.entries(value)) : [];
}

/**
 * The elements of an array, or none when `value` is something else.
 *
 * @throws CatalogError LIMIT_EXCEEDED when there are absurdly many
 */
export function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? bounded(value as unknown[]) : [];
}

function bounded<Entry>(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length > maxEntries) {
    throw new CatalogError(
      'LIMIT_EXCEEDED',
      `The file lists more than ${maxEntries} entries; look at it by hand, or skip it by its path`,
    );
  }
  return entries;
}
