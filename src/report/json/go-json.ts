import { escapeCharacter, printableJson } from '../../base/printable-json.ts';

/**
 * Writes JSON as Go's `encoding/json` does with an indent of two: `<`, `>` and `&` escaped inside strings, which is the
 * only place where they can stand, and beyond Go whatever else is not safe to print.
 */
export function goJson(value: unknown): string {
  return printableJson(value).replaceAll(/[<>&]/g, escapeCharacter);
}

/** Leaves out what Go's `omitempty` leaves out: absent, false, 0, the empty string, list and map. */
export function omitEmpty<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value))) as Partial<Fields>;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A map with its keys in order, as Go writes maps. */
export function sortedMap<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  // fromEntries defines own properties, so that a key named like a part of Object's prototype is a key like others.
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
