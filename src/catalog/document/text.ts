import { CatalogError } from '../error.ts';

/** Caps on what a package may say of itself, in UTF-16 units or entries. Real ones stay far below. */
export const textLimits = {
  name: 500,
  version: 200,
  license: 500,
  maintainer: 500,
  licenses: 100,
  dependencies: 5000,
} as const;

// Control characters would reach terminals; directional overrides make a line read as another one.
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/**
 * A value from outside as one trimmed line, or undefined when it is no text, empty, longer than `limit`, or holds
 * control characters, directional overrides or half a surrogate pair (which no percent-encoding can write).
 */
export function cleanText(value: unknown, limit: number): string | undefined {
  if (typeof value !== 'string' || value.length > limit * 2) return undefined;
  const text = value.trim();
  if (text === '' || text.length > limit || unprintable.test(text) || !text.isWellFormed()) return undefined;
  return text;
}

/** The clean texts among `values`, each once, in their order, at most `count`. */
export function cleanTexts(values: Iterable<unknown>, limit: number, count: number): string[] {
  const texts = new Set<string>();
  for (const value of values) {
    if (texts.size >= count) break;
    const text = cleanText(value, limit);
    if (text !== undefined) texts.add(text);
  }
  return [...texts];
}

/** What every package must tell. */
export interface Identity {
  readonly name: string;
  readonly version: string;
}

/**
 * A package's name and version as a document gives them: undefined when one of them is absent or empty, which makes
 * the document something other than a package.
 *
 * @throws CatalogError MALFORMED when one is there but cannot be one: no text, too long, or with control characters
 */
export function readIdentity(name: unknown, version: unknown): Identity | undefined {
  if (isAbsent(name) || isAbsent(version)) return undefined;
  const identity = tryIdentity(name, version);
  if (identity === undefined) {
    throw new CatalogError(
      'MALFORMED',
      'The package gives a name or version that is no plain text; reinstall the package or look at the file by hand',
    );
  }
  return identity;
}

/** As {@link readIdentity}, with undefined for both: for lists, whose entries are counted rather than thrown for. */
export function tryIdentity(name: unknown, version: unknown): Identity | undefined {
  const cleanName = cleanText(name, textLimits.name);
  const cleanVersion = cleanText(version, textLimits.version);
  if (cleanName === undefined || cleanVersion === undefined) return undefined;
  return { name: cleanName, version: cleanVersion };
}

/** True for what stands for "not given": nothing, null, or blanks. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** A text as it stands, nothing of it checked; empty when `value` is something else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
