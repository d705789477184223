import type { TomlTable } from '../../codec/toml/parse-toml.ts';

/** What a runtime's own reader refuses. Its message goes behind the name of the file, without a full stop. */
export class Refused extends Error {
  /** The setting that it is about, in its table. */
  readonly setting: string | undefined;

  constructor(message: string, setting?: string) {
    super(message);
    this.setting = setting;
  }
}

/** A text, or undefined where there is none. @throws Refused */
export function textOf(table: TomlTable, name: string): string | undefined {
  const value = table[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new Refused(`${name} is no text`, name);
}

/** A switch; false where there is none. @throws Refused */
export function flagOf(table: TomlTable, name: string): boolean {
  const value = table[name];
  if (value === undefined || typeof value === 'boolean') return value === true;
  throw new Refused(`${name} is neither true nor false`, name);
}

/** A list of texts, or undefined where there is none. @throws Refused */
export function textsOf(table: TomlTable, name: string): readonly string[] | undefined {
  const value = table[name];
  if (value === undefined) return undefined;
  if (isTexts(value)) return value;
  throw new Refused(`${name} is no list of texts`, name);
}

/** Whether a value is a list of texts and nothing else. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * Names that are written in other letters than the ones that count: `Server`. Libraries of Go take them all the same (go-toml 2 and
 * BurntSushi/toml any, go-toml 1 some), and one of both where a name stands in both forms.
 */
export function oddNames(table: TomlTable | undefined, known: readonly string[]): readonly string[] {
  const small = new Set(known);
  return Object.keys(table ?? {}).filter((name) => !small.has(name) && small.has(name.toLowerCase()));
}
