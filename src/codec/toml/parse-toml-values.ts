import { parse, TomlError } from 'smol-toml';
import { printable } from '../../base/printable.ts';
import type { TomlMistake, TomlTable } from './parse-toml.ts';

/**
 * Parses TOML that programs write, for its values alone: of any version and length, without places. The caller has capped the
 * text.
 */
export function parseTomlValues(
  text: string,
  depth: number,
):
  | { readonly root: TomlTable; readonly mistake?: undefined }
  | { readonly root?: undefined; readonly mistake: TomlMistake } {
  try {
    return { root: parse(text, { maxDepth: depth, integersAsBigInt: 'asNeeded' }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.split('\n', 1);
    const why = printable(reason.replace(/^Invalid TOML document: /, ''), 200);
    return { mistake: { line: error.line, column: error.column, sentence: `This is not TOML: ${why}` } };
  }
}
