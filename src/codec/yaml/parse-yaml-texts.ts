import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import { printable } from '../../base/printable.ts';
import type { YamlMistake } from './tree.ts';

/**
 * Parses YAML that programs write, of which all scalars are texts: `1.10` is a version and no number. Aliases are refused, since
 * they let a small file stand for a huge one. The caller has capped the text.
 *
 * @returns texts, arrays and objects; read members with `Object.hasOwn`, since names come from outside
 */
export function parseYamlTexts(
  text: string,
  depth: number,
):
  | { readonly value: unknown; readonly mistake?: undefined }
  | { readonly value?: undefined; readonly mistake: YamlMistake } {
  try {
    return { value: load(text, { schema: FAILSAFE_SCHEMA, maxAliases: 0, maxDepth: depth }) };
  } catch (error) {
    const known = error instanceof YAMLException ? error : undefined;
    const reason = printable(known?.reason ?? 'it cannot be parsed', 200);
    const place = { line: (known?.mark?.line ?? 0) + 1, column: (known?.mark?.column ?? 0) + 1 };
    return { mistake: { ...place, sentence: `This is not YAML: ${reason}` } };
  }
}
