import { parse, TomlError } from 'smol-toml';
import { printable } from '../../base/printable.ts';
import type { TextPlace } from '../yaml/text-place.ts';
import { tomlLimits } from './limits.ts';
import { scanToml, type TomlPlace } from './scan-toml.ts';

/** A table: its values are texts, numbers, booleans, dates, arrays and tables. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** A document. */
export interface TomlDocument {
  readonly root: TomlTable;
  /** The names of its `[tables]` and `[[arrays of tables]]`, in the order of the file. */
  readonly headers: readonly (readonly string[])[];
  /** Where they and the settings stand. */
  readonly places: readonly TomlPlace[];
}

/** What is wrong with a text, and where. */
export interface TomlMistake extends TextPlace {
  /** Without a full stop. */
  readonly sentence: string;
}

/** A document, or the first thing that is wrong with the text. */
export type TomlReading =
  | { readonly document: TomlDocument; readonly mistake?: undefined }
  | { readonly document?: undefined; readonly mistake: TomlMistake };

/**
 * Parses TOML 1.0. What only later versions allow is a mistake here: the programs whose files are read would not take it, and
 * what they do then is not what the file says.
 */
export function parseToml(text: string): TomlReading {
  if (text.length > tomlLimits.characters) {
    return broken(1, 1, `This is longer than ${tomlLimits.characters} characters`);
  }
  let root: TomlTable;
  try {
    root = parse(text, { maxDepth: tomlLimits.depth, integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.split('\n', 1);
    const why = printable(reason.replace(/^Invalid TOML document: /, ''), 200);
    return broken(error.line, error.column, `This is not TOML: ${why}`);
  }
  const { headers, places, newer, tooMany } = scanToml(text);
  if (tooMany) return broken(1, 1, `This holds more than ${tomlLimits.tables} tables, or names that are too long`);
  if (newer !== undefined) {
    return broken(newer.line, newer.column, `This is not TOML 1.0: ${newer.what} came with a later version`);
  }
  return { document: { root, headers, places } };
}

function broken(line: number, column: number, sentence: string): TomlReading {
  return { mistake: { line, column, sentence } };
}

/** The line of a table or setting, of what is in it, or of the nearest table around it; undefined where there is none of these. */
export function lineOf({ places }: TomlDocument, names: readonly string[]): number | undefined {
  for (let length = names.length; length > 0; length -= 1) {
    const wanted = names.slice(0, length);
    const found = places.find((place) => wanted.every((name, index) => place.names[index] === name));
    if (found !== undefined) return found.line;
  }
  return undefined;
}

/** The table behind a name, or undefined where there is none. */
export function tableIn(table: TomlTable | undefined, name: string): TomlTable | undefined {
  if (table === undefined || !Object.hasOwn(table, name)) return undefined;
  const value = table[name];
  return isTable(value) ? value : undefined;
}

/** Whether a value is a table. Dates are objects, too. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
