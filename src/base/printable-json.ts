/** What JSON lets stand though a terminal may obey it: DEL and C1 controls, marks that turn or hide text, separators. */
const unprintable = /[\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/**
 * Writes a value as JSON with an indent of two, safe to print: what a terminal could obey is escaped. That can only
 * stand inside strings, so the value stays the same.
 */
export function printableJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, undefined, 2));
}

/** Escapes in a text that is JSON what a terminal could obey. */
export function escapeJson(json: string): string {
  return json.replaceAll(unprintable, escapeCharacter);
}

/** A UTF-16 code unit as JSON writes it by number. */
export function escapeCharacter(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
