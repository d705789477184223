import { limits } from './limits.ts';

/** A JSON object from outside: read only by names that are known beforehand. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Makes the error of the document being read, out of what is wrong with it. */
export type Complain = (what: string) => Error;

/**
 * Reads bytes as one JSON object.
 *
 * @throws what `complain` makes, when they are not UTF-8, not JSON, or another kind of value
 */
export function parseJsonObject(bytes: Uint8Array, complain: Complain): JsonObject {
  return asObject(parseJson(bytes, complain), 'the document', complain);
}

/** Reads bytes as JSON of any kind, as {@link parseJsonObject} does. */
export function parseJson(bytes: Uint8Array, complain: Complain): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw complain('it is not JSON');
  }
}

/** The value as an object, or a complaint. */
export function asObject(value: unknown, name: string, complain: Complain): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw complain(`${name} is not an object`);
  return value as JsonObject;
}

/** The value as a list of at most `max` entries; Go programs write an empty list as `null` or leave it out. */
export function asList(value: unknown, name: string, max: number, complain: Complain): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw complain(`${name} is not a list`);
  if (value.length > max) throw complain(`${name} has ${value.length} entries, more than ${max}`);
  return value;
}

/** The value when it is a string that says something. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The strings among the entries of a list; other entries carry nothing that is used. */
export function textList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, limits.mapEntries).filter((entry) => typeof entry === 'string');
}

/** The string values of an object, in a map without a prototype, since the keys come from outside. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  const map = Object.create(null) as Record<string, string>;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return map;
  for (const [key, entry] of Object.entries(value).slice(0, limits.mapEntries)) {
    if (typeof entry === 'string') map[key] = entry;
  }
  return map;
}

/**
 * Annotations. None of them is passed over for being one too many, or for being null, which Go takes for an empty text: some tell runtimes to
 * read a layer in another way, and be it by their names alone.
 *
 * @param name where they stand, for the message: `layers[2].annotations`
 * @throws what `complain` makes, for more than any tool writes
 */
export function annotationMap(value: unknown, name: string, complain: Complain): Readonly<Record<string, string>> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries: readonly (readonly [string, unknown])[] = isMap ? Object.entries(value) : [];
  if (entries.length > limits.mapEntries) {
    throw complain(`${name} has ${entries.length} entries, more than ${limits.mapEntries}`);
  }
  return textMap(Object.fromEntries(entries.map(([key, entry]) => [key, entry ?? ''])));
}
